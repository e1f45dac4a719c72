package org.convoy.retrain;

import java.util.List;

/**
 * How far two distributions over the same classes are apart: PSI = Σ (q − p)·ln(q / p), the symmetric Kullback-Leibler divergence.
 * Usual reading: below 0.1 nothing has changed, above 0.25 a lot has. Half an example is added to each class, so that an empty one
 * has a logarithm.
 *
 * <p>N. Siddiqi, "Credit Risk Scorecards", 2006, chapter 8; H. Jeffreys, "An invariant form for the prior probability in estimation
 * problems", 1946.
 */
final class PopulationStability {
    private static final double ADDED = 0.5;

    private PopulationStability() {}

    /**
     * The index.
     *
     * @param before counts by class
     * @param now likewise; classes that {@code before} has no count for follow behind
     * @return 0 for equal shares, and up
     */
    static double index(List<Long> before, List<Long> now) {
        int classes = Math.max(before.size(), now.size());
        double sum = 0;
        for (int c = 0; c < classes; c++) {
            double p = share(before, c, classes);
            double q = share(now, c, classes);
            sum += (q - p) * Math.log(q / p);
        }
        return sum;
    }

    private static double share(List<Long> counts, int c, int classes) {
        double total = counts.stream().mapToLong(n -> n).sum() + ADDED * classes;
        return ((c < counts.size() ? counts.get(c) : 0) + ADDED) / total;
    }
}
