package org.convoy.train;

import java.util.List;

/** What several measurements of one thing come to. */
final class Spread {
    private Spread() {}

    static double median(List<Double> values) {
        List<Double> sorted = values.stream().sorted().toList();
        int middle = sorted.size() / 2;
        return sorted.size() % 2 == 1 ? sorted.get(middle) : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
    }

    static double mean(List<Double> values) {
        return values.stream().mapToDouble(value -> value).average().orElseThrow();
    }

    /** Of a sample; 0 for a single value. */
    static double standardDeviation(List<Double> values) {
        double mean = mean(values);
        double squares = values.stream()
                .mapToDouble(value -> (value - mean) * (value - mean))
                .sum();
        return values.size() == 1 ? 0 : Math.sqrt(squares / (values.size() - 1));
    }
}
