package org.convoy.repository;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import org.convoy.model.ModelCard;

/** In which lines two versions' cards differ. */
final class CardDifference {
    /** Stands for what a card does not say. */
    private static final String ABSENT = "-";

    private CardDifference() {}

    /**
     * A line of the comparison.
     *
     * @param name of what is compared
     */
    record Line(String name, String first, String second) {}

    /** The lines that differ: what the model is, its metrics, where it comes from, and each key of its configuration. */
    static List<Line> between(ModelCard first, ModelCard second) {
        Map<String, String> left = lines(first);
        Map<String, String> right = lines(second);
        List<String> names = new ArrayList<>(left.keySet());
        right.keySet().stream().filter(name -> !left.containsKey(name)).forEach(names::add);
        return names.stream()
                .map(name -> new Line(name, left.getOrDefault(name, ABSENT), right.getOrDefault(name, ABSENT)))
                .filter(line -> !line.first().equals(line.second()))
                .toList();
    }

    private static Map<String, String> lines(ModelCard card) {
        Map<String, String> lines = new LinkedHashMap<>();
        lines.put("network", card.architecture());
        lines.put("parameters", Long.toString(card.parameters()));
        lines.put("input", card.input().toString());
        lines.put("classes", String.join(", ", card.classes()));
        lines.put("normalisation", card.normalisation().name());
        for (String metric : new TreeSet<>(card.metrics().keySet())) {
            lines.put(metric, String.format(Locale.ROOT, "%.4f", card.metrics().get(metric)));
        }
        lines.put(
                "comes from", card.parents().isEmpty() ? ABSENT : card.parents().toString());
        lines.put("dataset manifest", card.datasetDigest());
        lines.put("created", card.created());
        lines.put("built with", card.versions() + ", revision " + card.gitRevision());
        card.configuration().lines().forEach(line -> {
            String[] parts = line.split(" = ", 2);
            lines.put(parts[0], parts.length == 2 ? parts[1] : "");
        });
        return lines;
    }
}
