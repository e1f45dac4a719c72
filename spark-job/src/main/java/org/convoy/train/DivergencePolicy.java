package org.convoy.train;

/**
 * What is done when training diverges.
 *
 * @param retries how often, in the whole training, it goes back to the last checkpoint and on with smaller steps; 0 or more
 * @param rateFactor what the learning rate is multiplied by each time, in (0, 1)
 */
record DivergencePolicy(int retries, double rateFactor) {
    DivergencePolicy {
        TrainConfig.requireAtLeast("train.divergence-retries", 0, retries);
        if (!(rateFactor > 0 && rateFactor < 1)) {
            throw new IllegalArgumentException("train.divergence-rate-factor must be in (0, 1) but was " + rateFactor);
        }
    }
}
