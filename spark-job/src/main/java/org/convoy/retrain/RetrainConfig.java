package org.convoy.retrain;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigValueFactory;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import org.convoy.data.Split;
import org.convoy.evaluate.EvaluateConfig;
import org.convoy.model.augment.TestTimeAugmentation;
import org.convoy.prepare.PrepareConfig;
import org.convoy.runtime.Settings;
import org.convoy.train.Train;
import org.convoy.train.TrainConfig;

/**
 * What {@code retrain} is told; {@code reference.conf} documents each key.
 *
 * @param input path or pattern of what is prepared
 * @param dataset what new pictures are added to, and candidates are trained on
 * @param candidates what is trained each time
 * @param heldOut the split that candidates and current version are compared on
 * @param views by which each picture is judged then
 * @param hook a command, run by the shell after the decision; "" for none
 * @param settings everything, for preparing and training
 * @param configuration the effective configuration, one {@code key = value} per line
 */
public record RetrainConfig(
        String input,
        String dataset,
        String modelsDirectory,
        String modelName,
        List<CandidateKind> candidates,
        GateLimits gates,
        Split heldOut,
        TestTimeAugmentation views,
        CorruptCurrent corruptCurrent,
        String hook,
        Config settings,
        String configuration) {

    private static final String WARM_START = "retrain.warm-start";

    public RetrainConfig {
        if (candidates.isEmpty()) {
            throw new IllegalArgumentException("retrain.candidates must name at least one of "
                    + Arrays.stream(CandidateKind.values())
                            .map(CandidateKind::label)
                            .toList()
                    + " but was []");
        }
        candidates = List.copyOf(candidates);
        if (heldOut == Split.TRAIN) {
            throw new IllegalArgumentException(
                    "evaluate.split must be test or validation for retrain, which compares on pictures that no model was"
                            + " trained on, but was 'train'");
        }
    }

    /**
     * Reads section {@code retrain}, and all that preparing, training and evaluating read. The dataset is {@code prepare.output};
     * {@code train.dataset} and {@code evaluate.dataset} may be left out.
     */
    public static RetrainConfig from(Config given, List<String> configuration) {
        String dataset = given.getString("prepare.output");
        Config settings = given;
        for (String key : List.of("train.dataset", "evaluate.dataset")) {
            String other = given.getString(key);
            if (!other.isBlank() && !other.equals(dataset)) {
                throw new IllegalArgumentException(
                        key + " must be prepare.output ('" + dataset + "') for retrain but was '" + other + "'");
            }
            settings = with(settings, key, dataset);
        }
        String from = given.getString("transfer.from");
        if (!from.isBlank()) {
            throw new IllegalArgumentException(
                    "transfer.from must be '' for retrain, which starts from the current version, but was '" + from
                            + "'");
        }
        requireTrainingKeys(given.getConfig(WARM_START));
        EvaluateConfig evaluate = EvaluateConfig.from(settings);
        Config retrain = given.getConfig("retrain");
        RetrainConfig config = new RetrainConfig(
                given.getString("prepare.input"),
                dataset,
                given.getString("models.directory"),
                given.getString("models.name"),
                retrain.getStringList("candidates").stream()
                        .map(label -> oneOf("retrain.candidates", CandidateKind.values(), CandidateKind::label, label))
                        .distinct()
                        .toList(),
                GateLimits.from(retrain.getConfig("gates")),
                evaluate.split(),
                evaluate.testTimeAugmentation(),
                oneOf(
                        "retrain.corrupt-current",
                        CorruptCurrent.values(),
                        CorruptCurrent::label,
                        retrain.getString("corrupt-current")),
                retrain.getString("hook"),
                settings,
                String.join("\n", configuration));
        // What is wrong in them is known now, and not when the night is half over.
        config.prepare(config.input(), dataset);
        config.candidates().forEach(kind -> config.train(kind, dataset, config.modelsDirectory(), "any@1"));
        return config;
    }

    private static void requireTrainingKeys(Config warmStart) {
        Config known = Settings.reference().getConfig("train");
        List<String> keys =
                known.entrySet().stream().map(entry -> entry.getKey()).toList();
        warmStart.entrySet().forEach(entry -> {
            String key = entry.getKey();
            if (!known.hasPathOrNull(key) || key.equals("dataset")) {
                throw new IllegalArgumentException(WARM_START + "." + key + " must be a key of train; did you mean '"
                        + Settings.nearest(key, keys) + "'?");
            }
        });
    }

    /** How an input is prepared. */
    PrepareConfig prepare(String from, String to) {
        Config prepared = with(with(settings, "prepare.input", from), "prepare.output", to);
        return PrepareConfig.from(
                with(prepared, "prepare.appended-classes", settings.getString("retrain.appended-classes")));
    }

    /**
     * How a candidate is trained.
     *
     * @param current the version to start from, as {@code transfer.from} takes it
     */
    TrainConfig train(CandidateKind kind, String on, String directory, String current) {
        Config training = with(with(settings, "train.dataset", on), "models.directory", directory);
        if (kind == CandidateKind.WARM_START) {
            training = settings.getConfig(WARM_START).atPath("train").withFallback(training);
            training = with(with(training, "transfer.from", current), "transfer.head", "grow");
        } else {
            training = with(training, "transfer.freeze", "none");
        }
        return TrainConfig.from(training, Settings.lines(training, new Train().sections()));
    }

    /** Of what is drawn at random. */
    long seed() {
        return settings.getLong("train.seed");
    }

    /** Whether classes may come and go. */
    boolean anyClasses() {
        return settings.getString("retrain.appended-classes").equals("any");
    }

    private static Config with(Config settings, String key, String value) {
        return settings.withValue(key, ConfigValueFactory.fromAnyRef(value));
    }

    static <T> T oneOf(String key, T[] values, Function<T, String> label, String given) {
        return Arrays.stream(values)
                .filter(value -> label.apply(value).equals(given))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(key + " must be one of "
                        + Arrays.stream(values).map(label).toList() + " but was '" + given + "'"));
    }
}
