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

/**
 * What a preparation did; {@code report.json} beside the manifest.
 *
 * @param run Spark's application id, which its log lines carry
 * @param output the dataset's directory, with scheme
 * @param manifestDigest SHA-256 of {@code manifest.json}, lower-case hexadecimal
 * @param rowsPerClass in label order, by split
 * @param counts where every picture that was ever read for the dataset has gone
 * @param added the part of it that this run read: all of it, unless it appended to a dataset
 * @param bytes of all Parquet files with pictures
 * @param seconds by phase
 */
public record PrepareReport(
        String run,
        String output,
        String manifestDigest,
        ImageShape shape,
        Colour colour,
        List<String> classes,
        Map<String, List<Long>> rowsPerClass,
        Manifest.Counts counts,
        Manifest.Counts added,
        long bytes,
        Map<String, Double> seconds) {

    static final String FILE_NAME = "report.json";

    private static final JsonMapper JSON =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

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
        table.append(ClassTable.of(classes, rowsPerClass));
        table.append(System.lineSeparator()).append(counts.inWords());
        if (!added.equals(counts)) {
            table.append("appended: ").append(added.inWords());
        }
        return table.toString();
    }
}
