package org.convoy.retrain;

import org.apache.commons.math3.distribution.BinomialDistribution;

/**
 * Whether one of two classifiers that judged the same pictures is worse, or had bad luck. Only pictures count about which one is right
 * and the other wrong; of two equally good ones each is the one that is right as often as a coin falls. Exact, one-sided.
 *
 * <p>Q. McNemar, "Note on the sampling error of the difference between correlated proportions or percentages", Psychometrika 1947;
 * T. Dietterich, "Approximate statistical tests for comparing supervised classification learning algorithms", 1998, section 3.1.
 */
final class McNemar {
    private McNemar() {}

    /**
     * The probability that chance alone makes the candidate look as bad as it does, or worse.
     *
     * @param currentAloneRight pictures that only the current model names rightly
     * @param candidateAloneRight pictures that only the candidate names rightly
     * @return 0 to 1; 1 if there is no such picture
     */
    static double worse(long currentAloneRight, long candidateAloneRight) {
        int pictures = Math.toIntExact(currentAloneRight + candidateAloneRight);
        if (pictures == 0) {
            return 1;
        }
        return new BinomialDistribution(null, pictures, 0.5)
                .cumulativeProbability(Math.toIntExact(candidateAloneRight));
    }
}
