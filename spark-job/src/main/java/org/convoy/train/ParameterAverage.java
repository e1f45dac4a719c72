package org.convoy.train;

import java.nio.FloatBuffer;

/**
 * A moving average of θ over the rounds, which takes no part in training: it is what is validated and published. After r
 * rounds it is the mean of θ_1 to θ_r with the weights β^(r-i):
 *
 * <pre>
 * a_r = a_{r-1} + α_r (θ_r - a_{r-1}),   α_r = (1 - β) / (1 - β^r)
 * </pre>
 *
 * <p>Averages of iterates are Polyak and Juditsky's (1992); the exponential form is Tarvainen and Valpola's (2017). α_1 is 1,
 * so the initial parameters have no part in it: it is the exponential average with its bias corrected as in Kingma and Ba
 * 2015, section 3. Batch norm's running statistics lie in θ and are averaged with it.
 *
 * @param values a_r; empty before the first round, and where there is no average
 * @param rounds r; 0 likewise
 */
@SuppressWarnings("ArrayRecordComponent") // carried, never compared
record ParameterAverage(float[] values, long rounds) {
    static final ParameterAverage NONE = new ParameterAverage(new float[0], 0);

    /**
     * One round further.
     *
     * @param theta θ after that round
     * @param decay β, in [0, 1); 0 for no average
     */
    ParameterAverage advance(FloatBuffer theta, double decay) {
        if (decay == 0) {
            return NONE;
        }
        long round = rounds + 1;
        double share = (1 - decay) / (1 - Math.pow(decay, (double) round));
        float[] next = new float[theta.remaining()];
        for (int i = 0; i < next.length; i++) {
            double before = rounds == 0 ? theta.get(i) : values[i];
            next[i] = (float) (before + share * (theta.get(i) - before));
        }
        return new ParameterAverage(next, round);
    }
}
