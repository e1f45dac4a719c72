package org.convoy.train;

import com.typesafe.config.Config;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.convoy.model.Architecture;
import org.convoy.model.Normalisation;
import org.convoy.model.Optimiser;

/**
 * What {@code train} is told; {@code reference.conf} documents each key.
 *
 * @param workers K; 0 for every task slot of the cluster
 * @param averagingPeriodBatches τ
 * @param configuration the effective configuration, one {@code key = value} per line
 */
public record TrainConfig(
        String dataset,
        String modelsDirectory,
        String modelName,
        Architecture architecture,
        String normalisation,
        Master master,
        int workers,
        int epochs,
        int batchSize,
        int averagingPeriodBatches,
        Optimiser optimiser,
        OptimiserStatePolicy optimiserState,
        OuterStep outerStep,
        long seed,
        Duration executorWait,
        int checkpointEveryRounds,
        String configuration) {

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
        requireAtLeast("train.workers", 0, workers);
        requireAtLeast("train.epochs", 1, epochs);
        requireAtLeast("train.batch-size", 1, batchSize);
        requireAtLeast("train.averaging-period-batches", 1, averagingPeriodBatches);
        requireAtLeast("train.executor-wait-seconds", 1, executorWait.toSeconds());
        requireAtLeast("train.checkpoint-every-rounds", 1, checkpointEveryRounds);
    }

    /** Reads sections {@code train}, {@code model} and {@code models}. */
    public static TrainConfig from(Config settings, List<String> configuration) {
        return new TrainConfig(
                settings.getString("train.dataset"),
                settings.getString("models.directory"),
                settings.getString("models.name"),
                Architecture.named(settings.getString("model.architecture")),
                settings.getString("model.normalisation"),
                oneOf("train.master", Master.class, settings.getString("train.master")),
                settings.getInt("train.workers"),
                settings.getInt("train.epochs"),
                settings.getInt("train.batch-size"),
                settings.getInt("train.averaging-period-batches"),
                new Optimiser(
                        settings.getString("train.optimiser.name"),
                        settings.getDouble("train.optimiser.learning-rate"),
                        settings.getDouble("train.optimiser.momentum")),
                oneOf("train.optimiser-state", OptimiserStatePolicy.class, settings.getString("train.optimiser-state")),
                oneOf("train.outer-step", OuterStep.class, settings.getString("train.outer-step")),
                settings.getLong("train.seed"),
                Duration.ofSeconds(settings.getLong("train.executor-wait-seconds")),
                settings.getInt("train.checkpoint-every-rounds"),
                String.join("\n", configuration));
    }

    private static void requireGiven(String key, String value) {
        if (value.isBlank()) {
            throw new IllegalArgumentException(
                    key + " must be given: set it in the --conf file or with --set " + key + "=...");
        }
    }

    private static void requireAtLeast(String key, long least, long value) {
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

    private static String label(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
