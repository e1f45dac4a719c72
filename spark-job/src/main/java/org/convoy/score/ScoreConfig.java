package org.convoy.score;

import com.typesafe.config.Config;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.convoy.data.Split;
import org.convoy.prepare.ImageDecoder;
import org.convoy.prepare.UnitsConfig.Columns;
import org.convoy.prepare.UnitsConfig.Labels;
import org.convoy.prepare.UnitsKind;

/**
 * What {@code score} is told; {@code reference.conf} documents each key.
 *
 * @param preparation how pictures become pixels where the model's card does not say it; what is "" is not given
 */
public record ScoreConfig(
        String input,
        String output,
        String modelsDirectory,
        String model,
        UnitsKind source,
        String split,
        Labels labels,
        Columns columns,
        AnswerFormat format,
        int topK,
        boolean probabilities,
        String embeddingLayer,
        int batchSize,
        long unitPictures,
        ImageDecoder.Limits limits,
        Map<String, String> preparation) {

    private static final String ALL = "all";

    public ScoreConfig {
        requireGiven("score.input", input);
        requireGiven("score.output", output);
        requireGiven("score.model (or models.name)", model);
        requireRange("score.top-k", topK, 0, 1000);
        requireRange("score.batch-size", batchSize, 1, 4096);
        requireRange("score.unit-pictures", unitPictures, 1, 1_000_000);
        requireRange("score.max-picture-bytes", limits.maxBytes(), 1, 1L << 30);
        requireRange("score.max-picture-pixels", limits.maxPixels(), 1, 1L << 28);
        requireRange("score.max-picture-seconds", limits.maxSeconds(), 1, 86_400);
        preparation = Map.copyOf(preparation);
    }

    /** Reads sections {@code score} and {@code models}. */
    public static ScoreConfig from(Config settings) {
        Config score = settings.getConfig("score");
        String model = score.getString("model");
        return new ScoreConfig(
                score.getString("input"),
                score.getString("output"),
                settings.getString("models.directory"),
                model.isBlank() ? settings.getString("models.name") : model,
                choice("score.source", score.getString("source"), Arrays.asList(UnitsKind.values()), UnitsKind::label),
                choice("score.split", score.getString("split"), splits(), Function.identity()),
                choice("score.labels", score.getString("labels"), Arrays.asList(Labels.values()), Labels::label),
                new Columns(
                        score.getString("columns.id"),
                        score.getString("columns.bytes"),
                        score.getString("columns.label")),
                choice(
                        "score.format",
                        score.getString("format"),
                        Arrays.asList(AnswerFormat.values()),
                        AnswerFormat::label),
                score.getInt("top-k"),
                score.getBoolean("probabilities"),
                score.getString("embedding-layer"),
                score.getInt("batch-size"),
                score.getLong("unit-pictures"),
                new ImageDecoder.Limits(
                        score.getLong("max-picture-bytes"),
                        score.getLong("max-picture-pixels"),
                        score.getLong("max-picture-seconds")),
                preparation(score.getConfig("image")));
    }

    private static Map<String, String> preparation(Config image) {
        Map<String, String> given = new LinkedHashMap<>();
        for (String key : List.of("resize", "background", "jpeg-decode")) {
            if (!image.getString(key).isBlank()) {
                given.put(key, image.getString(key));
            }
        }
        return given;
    }

    private static List<String> splits() {
        return Stream.concat(Stream.of(ALL), Arrays.stream(Split.values()).map(Split::label))
                .toList();
    }

    private static <T> T choice(String key, String given, List<T> values, Function<T, String> label) {
        return values.stream()
                .filter(value -> label.apply(value).equals(given))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(key + " must be one of "
                        + values.stream().map(label).collect(Collectors.joining(", ")) + " but was '" + given + "'"));
    }

    private static void requireGiven(String key, String value) {
        if (value.isBlank()) {
            throw new IllegalArgumentException(key + " must be given: set it in the --conf file or with --set");
        }
    }

    private static void requireRange(String key, long value, long least, long most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(key + " must be from " + least + " to " + most + " but was " + value);
        }
    }
}
