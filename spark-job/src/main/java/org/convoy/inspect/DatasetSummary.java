package org.convoy.inspect;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.convoy.data.Manifest;
import org.convoy.data.PreparedDataset;
import org.convoy.data.RejectedPicture;
import org.convoy.prepare.ClassTable;

/**
 * What a dataset is, without a look at its pictures.
 *
 * @param schema of its files, a column each
 * @param rejected examples by reason
 */
record DatasetSummary(PreparedDataset dataset, List<String> schema, Map<String, List<RejectedPicture>> rejected) {

    /** For the terminal. */
    String table() {
        Manifest manifest = dataset.manifest();
        StringBuilder table = new StringBuilder();
        addLine(table, "Dataset %s", dataset.path());
        addLine(
                table,
                "%s %s (C x H x W, unsigned bytes), %,d pictures, %,d classes",
                manifest.shape(),
                manifest.colour().label(),
                manifest.counts().written(),
                manifest.classes().size());
        manifest.splits()
                .forEach((name, split) -> addLine(
                        table,
                        "  %-12s %,12d rows in %,d files, %,d bytes",
                        name,
                        split.rows(),
                        split.files().size(),
                        split.files().stream()
                                .mapToLong(Manifest.DataFile::bytes)
                                .sum()));
        addLine(table, "columns       %s", String.join(", ", schema));
        addLine(
                table,
                "train pixels  mean %s, standard deviation %s",
                numbers(manifest.mean()),
                numbers(manifest.standardDeviation()));
        addLine(table, "splits        %s", manifest.splitRule());
        addLine(
                table,
                "written by    Convoy %s, Spark %s, Java %s; format %d, manifest %s",
                manifest.versions().convoy(),
                manifest.versions().spark(),
                manifest.versions().java(),
                manifest.formatVersion(),
                dataset.manifestDigest());
        manifest.appended()
                .forEach(run -> addLine(
                        table,
                        "appended      %,d of %,d pictures from %s",
                        run.counts().written(),
                        run.counts().read(),
                        run.configuration().get("prepare.input")));
        addLine(table, "");
        table.append(ClassTable.of(manifest.classes(), manifest.rowsPerClass()));
        addLine(table, "");
        table.append(manifest.counts().inWords());
        rejected.forEach((reason, examples) -> examples.forEach(example -> addLine(
                table,
                "    for example %s (%,d bytes): %s, %s",
                example.id(),
                example.bytes(),
                reason,
                example.detail())));
        return table.toString();
    }

    private static String numbers(List<Double> values) {
        return values.stream()
                .map(value -> String.format(Locale.ROOT, "%.2f", value))
                .collect(Collectors.joining(" "));
    }

    private static void addLine(StringBuilder table, String format, Object... values) {
        table.append(String.format(Locale.ROOT, format, values)).append(System.lineSeparator());
    }
}
