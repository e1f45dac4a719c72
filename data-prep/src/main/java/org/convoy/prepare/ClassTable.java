package org.convoy.prepare;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.convoy.data.Split;

/** Rows by class and split as text, with each class's share of the train split. */
public final class ClassTable {
    private static final int CLASSES_SHOWN = 20;

    private final List<String> classes;
    private final Map<String, List<Long>> rowsPerClass;
    private final StringBuilder table = new StringBuilder();

    private ClassTable(List<String> classes, Map<String, List<Long>> rowsPerClass) {
        this.classes = classes;
        this.rowsPerClass = rowsPerClass;
    }

    /**
     * A line per class, one for the others if there are many, one for all, and one that says how unlike in size they are.
     *
     * @param rowsPerClass in label order, by split
     */
    public static String of(List<String> classes, Map<String, List<Long>> rowsPerClass) {
        return new ClassTable(classes, rowsPerClass).text();
    }

    private String text() {
        addRow("class", "train", "share", "validation", "test");
        int shown = Math.min(classes.size(), CLASSES_SHOWN);
        for (int label = 0; label < shown; label++) {
            addCounts(classes.get(label), label, label + 1);
        }
        if (classes.size() > shown) {
            addCounts("(" + (classes.size() - shown) + " more)", shown, classes.size());
        }
        addCounts("all", 0, classes.size());
        addBalance();
        return table.toString();
    }

    private void addCounts(String name, int fromLabel, int toLabel) {
        long train = rows(Split.TRAIN, fromLabel, toLabel);
        addRow(
                name,
                count(train),
                String.format(Locale.ROOT, "%.1f %%", 100.0 * train / rows(Split.TRAIN, 0, classes.size())),
                count(rows(Split.VALIDATION, fromLabel, toLabel)),
                count(rows(Split.TEST, fromLabel, toLabel)));
    }

    private long rows(Split split, int fromLabel, int toLabel) {
        return rowsPerClass.get(split.label()).subList(fromLabel, toLabel).stream()
                .mapToLong(n -> n)
                .sum();
    }

    private void addBalance() {
        int largest = 0;
        int smallest = 0;
        for (int label = 1; label < classes.size(); label++) {
            largest = train(label) > train(largest) ? label : largest;
            smallest = train(label) < train(smallest) ? label : smallest;
        }
        table.append(String.format(
                Locale.ROOT,
                "balance of train: %s has %.1f times the pictures of %s%n",
                classes.get(largest),
                (double) train(largest) / train(smallest),
                classes.get(smallest)));
    }

    private long train(int label) {
        return rows(Split.TRAIN, label, label + 1);
    }

    private static String count(long rows) {
        return String.format(Locale.ROOT, "%,d", rows);
    }

    private void addRow(String name, String train, String share, String validation, String test) {
        table.append(String.format(Locale.ROOT, "%-24s %12s %8s %12s %12s%n", name, train, share, validation, test));
    }
}
