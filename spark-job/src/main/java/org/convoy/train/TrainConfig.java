package org.convoy.train;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueType;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.convoy.model.Normalisation;
import org.convoy.model.Optimiser;
import org.convoy.model.ParentModel;
import org.convoy.model.Regularisation;
import org.convoy.model.Schedule;
import org.convoy.model.architecture.Architecture;
import org.convoy.model.augment.Augmentation;
import org.convoy.runtime.Settings;

/**
 * What {@code train} is told; {@code reference.conf} documents each key.
 *
 * @param architectureFile where {@code architecture} is described; empty for one by name
 * @param workers K; 0 for every task slot of the cluster
 * @param transfer what training starts from, in place of the architecture's fresh weights
 * @param averagingPeriod τ
 * @param augmentation what happens to pictures on their way into the network
 * @param averaging what becomes of the workers' mean
 * @param recomputeBatchNorm whether a pass over the train split gives the kept parameters their batch norm statistics
 * @param classWeights how much an example counts
 * @param oversampled whether the examples of rare classes come as often as those of the largest
 * @param earlyStopping which epoch is the best, and when training ends before its last one
 * @param divergence what is done about it
 * @param configuration the effective configuration, one {@code key = value} per line
 */
public record TrainConfig(
        String dataset,
        String modelsDirectory,
        String modelName,
        Architecture architecture,
        String architectureFile,
        Transfer transfer,
        String normalisation,
        double whiteningEpsilon,
        Master master,
        int workers,
        int epochs,
        int batchSize,
        AveragingPeriod averagingPeriod,
        Optimiser optimiser,
        Augmentation augmentation,
        Averaging averaging,
        boolean recomputeBatchNorm,
        ClassWeights classWeights,
        boolean oversampled,
        EarlyStopping earlyStopping,
        DivergencePolicy divergence,
        long seed,
        Duration executorWait,
        int checkpointEveryRounds,
        String configuration) {

    /** What {@code model.architecture} is where {@code architecture.file} describes the network. */
    private static final String DESCRIBED = "file";

    private static final List<String> DL4J_SPARK_OPTIMISERS = List.of("sgd", "nesterov", "adam");

    /** Who averages. */
    enum Master {
        CONVOY,
        DL4J_SPARK
    }

    public TrainConfig {
        requireGiven("train.dataset", dataset);
        requireGiven("models.directory", modelsDirectory);
        requireGiven("models.name", modelName);
        if (!Normalisation.NAMES.contains(normalisation)) {
            throw new IllegalArgumentException(
                    "model.normalisation must be one of " + Normalisation.NAMES + " but was '" + normalisation + "'");
        }
        if (!(whiteningEpsilon > 0 && whiteningEpsilon <= 10)) {
            throw new IllegalArgumentException(
                    "model.whitening-epsilon must be above 0 to 10 but was " + whiteningEpsilon);
        }
        if (oversampled && !(classWeights instanceof ClassWeights.None)) {
            throw new IllegalArgumentException("train.class-weights must be none with train.oversampling = balanced,"
                    + " which makes up for rare classes already");
        }
        requireAtLeast("train.workers", 0, workers);
        requireAtLeast("train.epochs", 1, epochs);
        requireAtLeast("train.batch-size", 1, batchSize);
        requireAtLeast("cluster.executor-wait-seconds", 1, executorWait.toSeconds());
        requireAtLeast("train.checkpoint-every-rounds", 1, checkpointEveryRounds);
        if (master == Master.DL4J_SPARK) {
            requireKnownToDl4jSpark(optimiser);
            requireKnownToDl4jSpark(averagingPeriod, averaging);
            requireZeroForDl4jSpark("divergence-retries", divergence.retries());
            if (!transfer.startsAnew()) {
                throw new IllegalArgumentException("train.master must be convoy with transfer.from but was dl4j-spark");
            }
            if (!augmentation.isEmpty()) {
                throw unknownToDl4jSpark("augmentation", "[]", augmentation);
            }
        }
    }

    /** Reads sections {@code train}, {@code model}, {@code architecture}, {@code transfer} and {@code models}. */
    public static TrainConfig from(Config settings, List<String> configuration) {
        Optimiser optimiser = optimiser(settings.getConfig("train.optimiser"));
        return new TrainConfig(
                settings.getString("train.dataset"),
                settings.getString("models.directory"),
                settings.getString("models.name"),
                architecture(settings),
                settings.getString("architecture.file"),
                transfer(settings.getConfig("transfer")),
                settings.getString("model.normalisation"),
                settings.getDouble("model.whitening-epsilon"),
                oneOf("train.master", Master.class, settings.getString("train.master")),
                settings.getInt("train.workers"),
                settings.getInt("train.epochs"),
                settings.getInt("train.batch-size"),
                AveragingPeriod.named(
                        settings.getString("train.averaging-period-rule"),
                        settings.getInt("train.averaging-period-batches"),
                        settings.getDouble("train.averaging-period-post-local-from"),
                        optimiser.schedule()),
                optimiser,
                augmentation(settings.getConfig("train")),
                averaging(settings.getConfig("train")),
                settings.getBoolean("train.recompute-batch-norm"),
                classWeights(settings.getValue("train.class-weights")),
                oversampled(settings.getString("train.oversampling")),
                new EarlyStopping(
                        oneOf(
                                "train.early-stopping.metric",
                                ValidationMetric.class,
                                settings.getString("train.early-stopping.metric")),
                        settings.getInt("train.early-stopping.patience-epochs"),
                        settings.getDouble("train.early-stopping.minimum-change")),
                new DivergencePolicy(
                        settings.getInt("train.divergence-retries"),
                        settings.getDouble("train.divergence-rate-factor")),
                settings.getLong("train.seed"),
                Duration.ofSeconds(settings.getLong("cluster.executor-wait-seconds")),
                settings.getInt("train.checkpoint-every-rounds"),
                String.join("\n", configuration));
    }

    private static Architecture architecture(Config settings) {
        String name = settings.getString("model.architecture");
        String file = settings.getString("architecture.file");
        if (name.equals(DESCRIBED) == file.isEmpty()) {
            throw new IllegalArgumentException(
                    file.isEmpty()
                            ? "architecture.file must be given with model.architecture = file"
                            : "model.architecture must be file with architecture.file = " + file + " but was '" + name
                                    + "'");
        }
        Config section = settings.getConfig("architecture");
        UnaryOperator<String> choice = key -> section.hasPath(key) ? section.getString(key) : null;
        return file.isEmpty() ? Architecture.of(name, choice) : ArchitectureFile.read(file, choice);
    }

    /**
     * Reads section {@code train}'s {@code augmentation} and {@code transforms}.
     *
     * @throws IllegalArgumentException if a transform is unknown, or a number is out of its range
     */
    public static Augmentation augmentation(Config train) {
        List<String> names = train.getStringList("augmentation");
        for (String name : names) {
            if (!Augmentation.NAMES.contains(name)) {
                throw new IllegalArgumentException("train.augmentation has no transform '" + name
                        + "'; did you mean '" + Settings.nearest(name, Augmentation.NAMES) + "'? (there are "
                        + String.join(", ", Augmentation.NAMES) + ")");
            }
        }
        Config transforms = train.getConfig("transforms");
        return Augmentation.of(names, transforms::getDouble);
    }

    private static Transfer transfer(Config transfer) {
        return new Transfer(
                transfer.getString("from"),
                oneOf("transfer.head", ParentModel.Head.class, transfer.getString("head")),
                transfer.getString("freeze"),
                transfer.getString("features"));
    }

    private static Averaging averaging(Config train) {
        return new Averaging(
                oneOf("train.optimiser-state", OptimiserStatePolicy.class, train.getString("optimiser-state")),
                oneOf("train.outer-step", OuterStep.class, train.getString("outer-step")),
                oneOf("train.wire-format", WireFormat.class, train.getString("wire-format")),
                train.getDouble("parameter-average-decay"));
    }

    private static Optimiser optimiser(Config settings) {
        return new Optimiser(
                settings.getString("name"),
                settings.getDouble("learning-rate"),
                settings.getDouble("momentum"),
                new Regularisation(
                        settings.getDouble("weight-decay"),
                        settings.getDouble("l1"),
                        settings.getDouble("l2"),
                        settings.getDouble("gradient-clipping-norm"),
                        settings.getDouble("label-smoothing")),
                Schedule.named(
                        settings.getString("schedule.name"),
                        settings.getDouble("schedule.warm-up"),
                        settings.getDouble("schedule.step-every"),
                        settings.getDouble("schedule.step-factor"),
                        settings.getDouble("schedule.power")),
                layerRates(settings.getObject("layer-rates").unwrapped()));
    }

    private static Map<String, Double> layerRates(Map<String, Object> given) {
        Map<String, Double> rates = new TreeMap<>();
        given.forEach((layer, factor) -> {
            if (!(factor instanceof Number number)) {
                throw new IllegalArgumentException(
                        "train.optimiser.layer-rates." + layer + " must be a number but was " + factor);
            }
            rates.put(layer, number.doubleValue());
        });
        return rates;
    }

    /** A name, or a list with a number for each class. */
    private static ClassWeights classWeights(ConfigValue value) {
        if (value.valueType() == ConfigValueType.LIST) {
            return new ClassWeights.Given(value.atKey("weights").getDoubleList("weights"));
        }
        return switch (String.valueOf(value.unwrapped())) {
            case "none" -> new ClassWeights.None();
            case "balanced" -> new ClassWeights.Balanced();
            default ->
                throw new IllegalArgumentException(
                        "train.class-weights must be none, balanced or a list of numbers but was '" + value.unwrapped()
                                + "'");
        };
    }

    private static boolean oversampled(String value) {
        return switch (value) {
            case "none" -> false;
            case "balanced" -> true;
            default ->
                throw new IllegalArgumentException(
                        "train.oversampling must be one of [none, balanced] but was '" + value + "'");
        };
    }

    private static void requireKnownToDl4jSpark(Optimiser optimiser) {
        if (!DL4J_SPARK_OPTIMISERS.contains(optimiser.name())) {
            throw unknownToDl4jSpark("optimiser.name", "one of " + DL4J_SPARK_OPTIMISERS, optimiser.name());
        }
        Regularisation regularisation = optimiser.regularisation();
        requireZeroForDl4jSpark("optimiser.weight-decay", regularisation.weightDecay());
        requireZeroForDl4jSpark("optimiser.l1", regularisation.l1());
        requireZeroForDl4jSpark("optimiser.l2", regularisation.l2());
        requireZeroForDl4jSpark("optimiser.gradient-clipping-norm", regularisation.gradientClippingNorm());
        requireZeroForDl4jSpark("optimiser.label-smoothing", regularisation.labelSmoothing());
        if (!optimiser.layerRates().isEmpty()) {
            throw unknownToDl4jSpark("optimiser.layer-rates", "{}", optimiser.layerRates());
        }
        if (!(optimiser.schedule() instanceof Schedule.Constant)) {
            throw unknownToDl4jSpark("optimiser.schedule", "constant without warm-up", optimiser.schedule());
        }
    }

    private static void requireKnownToDl4jSpark(AveragingPeriod period, Averaging averaging) {
        if (!(period instanceof AveragingPeriod.Fixed)) {
            throw unknownToDl4jSpark("averaging-period-rule", "fixed", period);
        }
        if (averaging.optimiserState() == OptimiserStatePolicy.LOCAL) {
            throw unknownToDl4jSpark("optimiser-state", "average or reset", label(averaging.optimiserState()));
        }
        if (averaging.outerStep() != OuterStep.PLAIN) {
            throw unknownToDl4jSpark("outer-step", "plain", label(averaging.outerStep()));
        }
        if (averaging.wire() != WireFormat.FLOAT32) {
            throw unknownToDl4jSpark("wire-format", "float32", label(averaging.wire()));
        }
        requireZeroForDl4jSpark("parameter-average-decay", averaging.parameterDecay());
    }

    private static void requireZeroForDl4jSpark(String key, double value) {
        if (value != 0) {
            throw unknownToDl4jSpark(key, "0", value);
        }
    }

    private static IllegalArgumentException unknownToDl4jSpark(String key, String rule, Object value) {
        return new IllegalArgumentException(
                "train." + key + " must be " + rule + " with train.master dl4j-spark but was " + value);
    }

    private static void requireGiven(String key, String value) {
        if (value.isBlank()) {
            throw new IllegalArgumentException(
                    key + " must be given: set it in the --conf file or with --set " + key + "=...");
        }
    }

    static void requireAtLeast(String key, long least, long value) {
        if (value < least) {
            throw new IllegalArgumentException(key + " must be at least " + least + " but was " + value);
        }
    }

    private static <E extends Enum<E>> E oneOf(String key, Class<E> type, String value) {
        return Arrays.stream(type.getEnumConstants())
                .filter(constant -> label(constant).equals(value))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(key + " must be one of "
                        + Arrays.stream(type.getEnumConstants())
                                .map(TrainConfig::label)
                                .toList()
                        + " but was '" + value + "'"));
    }

    /** The name in configuration: kebab case. */
    static String label(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
