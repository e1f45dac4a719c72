package org.convoy.prepare;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.convoy.data.Colour;
import org.convoy.data.ImageShape;
import org.convoy.data.Manifest;
import org.convoy.data.Split;

/**
 * What a preparation did; {@code report.json} beside the manifest.
 *
 * @param output the dataset's directory, with scheme
 * @param manifestDigest SHA-256 of {@code manifest.json}, lower-case hexadecimal
 * @param rowsPerClass in label order, by split
 * @param bytes of all Parquet files with pictures
 * @param seconds by phase
 */
public record PrepareReport(
        String output,
        String manifestDigest,
        ImageShape shape,
        Colour colour,
        List<String> classes,
        Map<String, List<Long>> rowsPerClass,
        Manifest.Counts counts,
        long bytes,
        Map<String, Double> seconds) {

    static final String FILE_NAME = "report.json";

    private static final JsonMapper JSON =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();
    private static final int CLASSES_SHOWN = 20;

    byte[] toJson() {
        try {
            return JSON.writeValueAsBytes(this);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("Cannot write the report as JSON", e);
        }
    }

    /** Rows by class and split, and where every picture has gone, for the terminal. */
    public String table() {
        StringBuilder table = new StringBuilder();
        table.append(
                String.format(Locale.ROOT, "Dataset %s%n%s %s, %,d bytes%n%n", output, shape, colour.label(), bytes));
        addRow(table, "class", "train", "validation", "test");
        for (int label = 0; label < Math.min(classes.size(), CLASSES_SHOWN); label++) {
            addCounts(table, classes.get(label), label, label + 1);
        }
        if (classes.size() > CLASSES_SHOWN) {
            addCounts(table, "(" + (classes.size() - CLASSES_SHOWN) + " more)", CLASSES_SHOWN, classes.size());
        }
        addCounts(table, "all", 0, classes.size());
        table.append(String.format(
                Locale.ROOT,
                "%nread %,d = written %,d + rejected %,d + duplicates %,d%n",
                counts.read(),
                counts.written(),
                counts.rejectedTotal(),
                counts.duplicates()));
        counts.rejected().forEach((reason, n) -> table.append(String.format(Locale.ROOT, "  %s %,d%n", reason, n)));
        return table.toString();
    }

    private void addCounts(StringBuilder table, String name, int fromLabel, int toLabel) {
        addRow(
                table,
                name,
                count(Split.TRAIN, fromLabel, toLabel),
                count(Split.VALIDATION, fromLabel, toLabel),
                count(Split.TEST, fromLabel, toLabel));
    }

    private String count(Split split, int fromLabel, int toLabel) {
        long sum = rowsPerClass.get(split.label()).subList(fromLabel, toLabel).stream()
                .mapToLong(n -> n)
                .sum();
        return String.format(Locale.ROOT, "%,d", sum);
    }

    private static void addRow(StringBuilder table, String name, String train, String validation, String test) {
        table.append(String.format(Locale.ROOT, "%-24s %12s %12s %12s%n", name, train, validation, test));
    }
}
