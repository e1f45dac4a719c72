package org.convoy.train;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.convoy.model.Optimiser;
import org.convoy.model.Regularisation;
import org.convoy.model.Schedule;
import org.convoy.model.augment.Augmentation;
import org.convoy.runtime.Settings;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class TrainConfigTest {
    @Test
    void readsTheLocalStep() {
        TrainConfig config =
                config("optimiser { name = adamw, learning-rate = 0.001, weight-decay = 0.05, l1 = 1e-6, l2 = 1e-5,"
                        + " gradient-clipping-norm = 5, label-smoothing = 0.1,"
                        + " schedule { name = step, warm-up = 0.1, step-every = 0.25, step-factor = 0.5 } }");

        assertThat(config.optimiser())
                .isEqualTo(new Optimiser(
                        "adamw",
                        0.001,
                        0.9,
                        new Regularisation(0.05, 1e-6, 1e-5, 5, 0.1),
                        new Schedule.WarmUp(0.1, new Schedule.Step(0.25, 0.5))));
    }

    @Test
    void readsTheRatesOfLayersByNamesOfTheUsersOwn() {
        Config settings = Settings.load(
                Optional.empty(),
                List.of(
                        "train.dataset=d",
                        "models.name=m",
                        "model.architecture=lenet-5",
                        "train.optimiser.layer-rates.conv1=0.1"));

        assertThat(TrainConfig.from(settings, List.of()).optimiser().layerRates())
                .isEqualTo(Map.of("conv1", 0.1));
        assertThat(Settings.lines(settings, List.of("train")))
                .contains("train.optimiser.layer-rates = {\"conv1\":0.1}");
        assertThatThrownBy(() -> config("optimiser.layer-rates.conv1 = 0"))
                .hasMessage("train.optimiser.layer-rates.conv1 must be above 0 but was 0.0");
        assertThatThrownBy(() -> config("optimiser.layer-rates.conv1 = slow"))
                .hasMessage("train.optimiser.layer-rates.conv1 must be a number but was slow");
        assertThatThrownBy(() -> config("optimiser.layer-rates.conv1 = 2, master = dl4j-spark"))
                .hasMessageStartingWith("train.optimiser.layer-rates must be {} with train.master dl4j-spark");
    }

    @Test
    void isPlainByDefault() {
        assertThat(config("").optimiser()).isEqualTo(new Optimiser("nesterov", 0.02, 0.9));
    }

    @Test
    void readsWhichEpochIsKeptWhatCountsAndWhatFollowsADivergence() {
        TrainConfig config =
                config("early-stopping { metric = top-5-accuracy, patience-epochs = 3, minimum-change = 0.01 },"
                        + " class-weights = [1, 2.5], parameter-average-decay = 0.99,"
                        + " divergence-retries = 2, divergence-rate-factor = 0.1");

        assertThat(config.earlyStopping()).isEqualTo(new EarlyStopping(ValidationMetric.TOP_5_ACCURACY, 3, 0.01));
        assertThat(config.classWeights()).isEqualTo(new ClassWeights.Given(List.of(1.0, 2.5)));
        assertThat(config.averaging().parameterDecay()).isEqualTo(0.99);
        assertThat(config.divergence()).isEqualTo(new DivergencePolicy(2, 0.1));
        assertThat(config("class-weights = balanced").classWeights()).isEqualTo(new ClassWeights.Balanced());
    }

    @Test
    void takesTheBestEpochByAccuracyAndStopsAtADivergenceByDefault() {
        TrainConfig config = config("");

        assertThat(config.earlyStopping()).isEqualTo(new EarlyStopping(ValidationMetric.ACCURACY, 0, 0));
        assertThat(config.classWeights()).isEqualTo(new ClassWeights.None());
        assertThat(config.averaging()).isEqualTo(Averaging.PLAIN);
        assertThat(config.divergence().retries()).isZero();
    }

    @Test
    void readsAListOfTransformsWithTheirNumbers() {
        TrainConfig config =
                config("augmentation = [random-crop, mirror], transforms { random-crop.padding-pixels = 2 }");

        assertThat(config.augmentation()).hasToString("[RandomCrop[padding=2, fill=0], Mirror[]]");
        assertThat(config("").augmentation().isEmpty()).isTrue();
    }

    @Test
    void everyTransformHasItsDefaults() {
        TrainConfig config = config("augmentation = [" + String.join(", ", Augmentation.NAMES) + "]");

        assertThat(config.augmentation().isEmpty()).isFalse();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "augmentation = [miror] | augmentation has no transform 'miror'; did you mean 'mirror'?"
                        + " (there are mirror, random-crop, random-resized-crop, rotation, shear, elastic-distortion,"
                        + " brightness, contrast, saturation, hue, pca-colour-noise, cutout, mixup, cutmix)",
                "class-weights = heavy | class-weights must be none, balanced or a list of numbers but was 'heavy'",
                "parameter-average-decay = 1 | parameter-average-decay must be in [0, 1) but was 1.0",
                "divergence-retries = -1 | divergence-retries must be at least 0 but was -1",
                "divergence-rate-factor = 1 | divergence-rate-factor must be in (0, 1) but was 1.0",
                "early-stopping.metric = auc | early-stopping.metric must be one of"
                        + " [accuracy, loss, macro-f1, macro-recall, top-5-accuracy] but was 'auc'"
            })
    void refusesWhatIsOutOfRange(String setting, String message) {
        assertThatThrownBy(() -> config(setting)).hasMessage("train." + message);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "name = lamb | name must be one of [sgd, nesterov, adam] | lamb",
                "weight-decay = 0.1 | weight-decay must be 0 | 0.1",
                "l1 = 0.1 | l1 must be 0 | 0.1",
                "l2 = 0.1 | l2 must be 0 | 0.1",
                "gradient-clipping-norm = 1 | gradient-clipping-norm must be 0 | 1.0",
                "label-smoothing = 0.1 | label-smoothing must be 0 | 0.1",
                "schedule.name = cosine | schedule must be constant without warm-up | Cosine[]",
                "schedule.warm-up = 0.1 | schedule must be constant without warm-up | WarmUp[length=0.1, then=Constant[]]"
            })
    void dl4jSparkRefusesWhatItHasNoFormOf(String setting, String rule, String was) {
        assertThatThrownBy(() -> config("master = dl4j-spark, optimiser { " + setting + " }"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("train.optimiser." + rule + " with train.master dl4j-spark but was " + was);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "parameter-average-decay = 0.9 | parameter-average-decay must be 0 | 0.9",
                "divergence-retries = 1 | divergence-retries must be 0 | 1.0",
                "averaging-period-rule = post-local | averaging-period-rule must be fixed | PostLocal[batches=16, from=0.5]",
                "optimiser-state = local | optimiser-state must be average or reset | local",
                "outer-step = bmuf | outer-step must be plain | bmuf",
                "augmentation = [mirror] | augmentation must be [] | [Mirror[]]",
                "wire-format = bfloat16 | wire-format must be float32 | bfloat16"
            })
    void dl4jSparkRefusesOtherRoundsThanItsOwn(String setting, String rule, String was) {
        assertThatThrownBy(() -> config("master = dl4j-spark, " + setting))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("train." + rule + " with train.master dl4j-spark but was " + was);
    }

    @ParameterizedTest
    @ValueSource(strings = {"sgd", "nesterov", "adam"})
    void dl4jSparkTakesItsOwnOptimisers(String name) {
        TrainConfig config = config("master = dl4j-spark, optimiser.name = " + name);

        assertThat(config.optimiser().name()).isEqualTo(name);
    }

    private static TrainConfig config(String train) {
        Config settings = ConfigFactory.parseString(
                        "train { dataset = d, " + train + " }, models.name = m, model.architecture = lenet-5")
                .withFallback(ConfigFactory.parseResources(TrainConfig.class.getClassLoader(), "reference.conf"));
        return TrainConfig.from(settings.resolve(), List.of());
    }
}
