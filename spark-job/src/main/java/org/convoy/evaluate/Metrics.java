package org.convoy.evaluate;

import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * What a classifier achieved on a split.
 *
 * @param examples pictures judged
 * @param accuracy share whose most probable class is the true one
 * @param top5Accuracy share whose true class is among the five most probable
 * @param loss mean of -log p(true class)
 * @param calibrationError expected calibration error over 15 bins of confidence, 0 (best) to 1
 * @param perClass in label order
 * @param confusion rows: true class; columns: predicted class; counts
 */
public record Metrics(
        long examples,
        double accuracy,
        double top5Accuracy,
        double loss,
        double calibrationError,
        List<ClassMetrics> perClass,
        List<List<Long>> confusion) {

    /** Mean recall of the classes that have examples, also called balanced accuracy: each class counts the same. */
    public double macroRecall() {
        return macro(ClassMetrics::recall);
    }

    /** Mean F1 of the classes that have examples. */
    public double macroF1() {
        return macro(ClassMetrics::f1);
    }

    private double macro(ToDoubleFunction<ClassMetrics> figure) {
        return perClass.stream()
                .filter(row -> row.examples() > 0)
                .mapToDouble(figure)
                .average()
                .orElse(Double.NaN);
    }

    /**
     * One class.
     *
     * @param name of the class
     * @param examples pictures that truly belong to it
     * @param precision correct / predicted as this class; 0 where none was
     * @param recall correct / truly of this class; 0 where none is
     * @param f1 harmonic mean of the two
     */
    public record ClassMetrics(String name, long examples, double precision, double recall, double f1) {}
}
