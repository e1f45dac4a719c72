package org.convoy.train;

import org.convoy.evaluate.Metrics;

/** What epochs are compared by. */
enum ValidationMetric {
    ACCURACY,
    LOSS,
    MACRO_F1,
    MACRO_RECALL,
    TOP_5_ACCURACY;

    double of(Metrics metrics) {
        return switch (this) {
            case ACCURACY -> metrics.accuracy();
            case LOSS -> metrics.loss();
            case MACRO_F1 -> metrics.macroF1();
            case MACRO_RECALL -> metrics.macroRecall();
            case TOP_5_ACCURACY -> metrics.top5Accuracy();
        };
    }

    /** How much better {@code value} is than {@code than}; below 0 if it is worse. A NaN is worse than every number. */
    double gain(double value, double than) {
        if (Double.isNaN(value)) {
            return Double.NEGATIVE_INFINITY;
        }
        if (Double.isNaN(than)) {
            return Double.POSITIVE_INFINITY;
        }
        return this == LOSS ? than - value : value - than;
    }

    /** Whether {@code a} is better than {@code b}; of equals, the one with the lower loss. */
    boolean better(Metrics a, Metrics b) {
        double gain = gain(of(a), of(b));
        return gain > 0 || (gain == 0 && a.loss() < b.loss());
    }
}
