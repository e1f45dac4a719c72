package org.convoy.score;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.convoy.evaluate.Metrics;

/**
 * What a scoring run has done, {@code _manifest.json}: an output without it is not whole.
 *
 * @param model as the run was told, with its version where it has one
 * @param modelSha256 of its archive
 * @param settings as in the plan
 * @param picturesIn pictures that the input has
 * @param rowsOut rows that the files have, counted in them
 * @param errors pictures that could not be decoded, by reason; each is a row
 * @param labelled rows whose true class is known and that the model has answered
 * @param metrics of those; null if there are none
 * @param wrongPictures file with the pictures that the model is surest and wrong about; null if there are none
 * @param files in the order of their units
 * @param scoredByThisRun pictures of the run that finished it; others were there already
 * @param picturesPerSecond of those, while they were scored
 */
public record ScoreReport(
        int formatVersion,
        String input,
        String output,
        String model,
        String modelSha256,
        Map<String, String> settings,
        long picturesIn,
        long rowsOut,
        Map<String, Long> errors,
        long labelled,
        Metrics metrics,
        String wrongPictures,
        List<File> files,
        long scoredByThisRun,
        double picturesPerSecond,
        Map<String, Double> secondsByPhase,
        String finished,
        Map<String, String> versions) {
    static final String FILE_NAME = "_manifest.json";
    static final int FORMAT_VERSION = 1;

    /**
     * One file of answers.
     *
     * @param name in the output
     */
    public record File(String name, long rows, long bytes) implements java.io.Serializable {}

    static ScoreReport fromJson(byte[] json) throws IOException {
        return new JsonMapper().readValue(json, ScoreReport.class);
    }

    /** A short table for the terminal. */
    public String table() {
        StringBuilder table = new StringBuilder();
        line(table, "%s on %s", model, input);
        line(table, "pictures in %,d = rows out %,d, of them %,d without an answer", picturesIn, rowsOut, failed());
        errors.forEach((reason, count) -> line(table, "  %s %,d", reason, count));
        line(table, "scored by this run %,d, %,.0f pictures/s", scoredByThisRun, picturesPerSecond);
        if (metrics != null) {
            line(table, "of %,d with a label:", labelled);
            line(table, "accuracy           %8.2f %%", 100 * metrics.accuracy());
            line(table, "top-5 accuracy     %8.2f %%", 100 * metrics.top5Accuracy());
            line(table, "loss               %8.4f", metrics.loss());
            line(table, "calibration error  %8.4f", metrics.calibrationError());
            if (wrongPictures != null) {
                line(table, "surest mistakes    %s/%s", output, wrongPictures);
            }
        }
        line(table, "%s (%d files)", output, files.size());
        return table.toString();
    }

    private long failed() {
        return errors.values().stream().mapToLong(n -> n).sum();
    }

    private static void line(StringBuilder table, String format, Object... values) {
        table.append(String.format(Locale.ROOT, format, values)).append(System.lineSeparator());
    }
}
