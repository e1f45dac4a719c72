package org.convoy.train;

/**
 * One averaging round.
 *
 * @param epoch from 1
 * @param round in the epoch, from 1
 * @param examples trained by all workers together
 * @param loss mean over those examples, each before the step that used it
 * @param seconds from sending θ to holding the next θ
 * @param computeSeconds the slowest worker's local steps
 * @param waitSeconds how much longer the slowest worker took than the mean worker
 * @param broadcastSeconds the slowest worker's wait for θ, its loading included
 * @param reductionSeconds the rest: scheduling, shuffle, sums, and the way back to the driver
 * @param divergence mean over the workers that trained of ‖θ_k - θ̄‖ (Euclidean)
 */
public record RoundReport(
        int epoch,
        int round,
        long examples,
        double loss,
        double seconds,
        double computeSeconds,
        double waitSeconds,
        double broadcastSeconds,
        double reductionSeconds,
        double divergence) {}
