package org.convoy.train;

import java.io.Serializable;
import java.util.List;

/**
 * How often an epoch goes through the examples of each class.
 *
 * @param examples of an epoch, all classes together
 * @param repeats how often each example of a class comes in an epoch, at least 1, in label order; empty if all come once
 */
record Oversampling(long examples, List<Double> repeats) implements Serializable {
    Oversampling {
        repeats = List.copyOf(repeats);
    }

    /** Every example once. */
    static Oversampling none(long rows) {
        return new Oversampling(rows, List.of());
    }

    /** Every class as often as the largest one: its examples come about n_max / n_c times. */
    static Oversampling balanced(List<Long> rowsPerClass) {
        long most = rowsPerClass.stream().mapToLong(n -> n).max().orElseThrow();
        long classes = rowsPerClass.stream().filter(n -> n > 0).count();
        return new Oversampling(
                Math.multiplyExact(most, classes),
                rowsPerClass.stream().map(n -> n == 0 ? 1.0 : (double) most / n).toList());
    }
}
