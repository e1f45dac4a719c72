package org.convoy.evaluate;

import java.util.Locale;
import java.util.Map;

/**
 * What an evaluation found.
 *
 * @param run Spark's application id, which its log lines carry
 * @param model name and version
 * @param dataset path
 * @param datasetDigest SHA-256 of its manifest
 * @param testTimeAugmentation by which views of a picture it was judged
 * @param path of the JSON it wrote
 */
public record EvaluateReport(
        String run,
        String model,
        String dataset,
        String datasetDigest,
        String split,
        String testTimeAugmentation,
        String path,
        Metrics metrics,
        Map<String, Double> secondsByPhase) {

    /** A short table for the terminal. */
    public String table() {
        StringBuilder table = new StringBuilder();
        line(table, "%s on %s: %d examples", model, split, metrics.examples());
        if (!testTimeAugmentation.equals("none")) {
            line(table, "each judged by several views: %s", testTimeAugmentation);
        }
        line(table, "accuracy           %8.2f %%", 100 * metrics.accuracy());
        line(table, "top-5 accuracy     %8.2f %%", 100 * metrics.top5Accuracy());
        line(table, "loss               %8.4f", metrics.loss());
        line(table, "calibration error  %8.4f", metrics.calibrationError());
        line(table, "");
        line(table, "%-16s %9s %10s %8s %8s", "class", "examples", "precision", "recall", "F1");
        for (Metrics.ClassMetrics row : metrics.perClass()) {
            line(
                    table,
                    "%-16s %9d %10.4f %8.4f %8.4f",
                    row.name(),
                    row.examples(),
                    row.precision(),
                    row.recall(),
                    row.f1());
        }
        if (metrics.confusion().size() <= 20) {
            appendConfusion(table);
        }
        line(table, "");
        line(table, "%s", path);
        return table.toString();
    }

    private void appendConfusion(StringBuilder table) {
        line(table, "");
        line(table, "confusion (row: true class, column: predicted class, in the order above)");
        metrics.confusion().forEach(row -> {
            row.forEach(count -> table.append(String.format(Locale.ROOT, "%6d", count)));
            table.append(System.lineSeparator());
        });
    }

    private static void line(StringBuilder table, String format, Object... values) {
        table.append(String.format(Locale.ROOT, format, values)).append(System.lineSeparator());
    }
}
