package org.convoy.retrain;

import com.typesafe.config.Config;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.convoy.prepare.AppendedClasses;
import org.convoy.runtime.Settings;
import org.convoy.train.TrainConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class RetrainConfigTest {
    private static RetrainConfig config(String... overrides) {
        List<String> all = new ArrayList<>(
                List.of("prepare.input=/raw/day=*", "prepare.output=/data/pets", "models.name=pets", "train.epochs=8"));
        all.addAll(List.of(overrides));
        Config settings = Settings.load(Optional.empty(), all);
        return RetrainConfig.from(settings, Settings.lines(settings, new Retrain().sections()));
    }

    @Test
    void trainsOnWhatItPrepares() {
        RetrainConfig config = config();

        assertThat(config.prepare("/raw/day=1", "/data/pets").input()).isEqualTo("/raw/day=1");
        assertThat(config.prepare("/raw/day=1", "/data/pets").appendedClasses()).isEqualTo(AppendedClasses.SAME);
        TrainConfig training = config.train(CandidateKind.WARM_START, "/data/pets", "/models", "pets@3");
        assertThat(training.dataset()).isEqualTo("/data/pets");
        assertThat(training.configuration()).contains("transfer.from = \"pets@3\"", "transfer.head = \"grow\"");
    }

    @Test
    void theWarmStartAloneIsTrainedOtherwise() {
        RetrainConfig config = config(
                "retrain.candidates=[warm-start, from-scratch]",
                "retrain.warm-start={ epochs = 2, optimiser.learning-rate = 0.005 }",
                "transfer.freeze=below-head");

        TrainConfig warm = config.train(CandidateKind.WARM_START, "/data/pets", "/models", "pets@3");
        assertThat(warm.epochs()).isEqualTo(2);
        assertThat(warm.optimiser().learningRate()).isEqualTo(0.005);
        assertThat(warm.configuration()).contains("train.epochs = 2", "transfer.freeze = \"below-head\"");
        TrainConfig fresh = config.train(CandidateKind.FROM_SCRATCH, "/data/pets", "/models", "pets@3");
        assertThat(fresh.epochs()).isEqualTo(8);
        assertThat(fresh.configuration()).contains("transfer.from = \"\"", "transfer.freeze = \"none\"");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "train.dataset=/data/cats | train.dataset must be prepare.output ('/data/pets') for retrain but was '/data/cats'",
                "transfer.from=pets@2 | transfer.from must be '' for retrain, which starts from the current version, but was 'pets@2'",
                "retrain.candidates=[] | retrain.candidates must name at least one of [warm-start, from-scratch] but was []",
                "retrain.candidates=[cold] | retrain.candidates must be one of [warm-start, from-scratch] but was 'cold'",
                "retrain.warm-start={epoch=2} | retrain.warm-start.epoch must be a key of train; did you mean 'epochs'?",
                "retrain.warm-start={epochs=0} | train.epochs must be at least 1 but was 0",
                "retrain.corrupt-current=ignore | retrain.corrupt-current must be one of [refuse, predecessor] but was 'ignore'",
                "retrain.appended-classes=new | prepare.appended-classes must be known or same or any but was 'new'",
                "retrain.gates.metric=loss | retrain.gates.metric must be one of [accuracy, macro-recall, macro-f1] but was 'loss'",
                "retrain.gates.significance=0.6 | retrain.gates.significance must be from 0.0 to 0.5 but was 0.6",
                "retrain.gates.size-ratio=-1 | retrain.gates.size-ratio must be 0.0 or more but was -1.0",
                "retrain.gates.class-recalls={cat=2} | retrain.gates.class-recalls.cat must be from 0.0 to 1.0 but was 2.0",
                "evaluate.split=train | evaluate.split must be test or validation for retrain, which compares on pictures that no model was trained on, but was 'train'",
            })
    void refusesWhatCannotBeMeant(String setting, String message) {
        assertThatThrownBy(() -> config(setting)).hasMessage(message);
    }
}
