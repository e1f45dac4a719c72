package org.convoy.train;

import java.util.Locale;
import org.convoy.runtime.JobFigure;

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
 * @param slowest which worker that was, and on which host and executor
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
        String slowest,
        double broadcastSeconds,
        double reductionSeconds,
        double divergence) {

    /** In one line, for the log. */
    String line() {
        return String.format(
                Locale.ROOT,
                "round %d of epoch %d: loss %.4f, %d examples in %.3f s: compute %.3f (%s), wait %.3f, broadcast %.3f,"
                        + " reduction %.3f; divergence %.3g",
                round,
                epoch,
                loss,
                examples,
                seconds,
                computeSeconds,
                slowest,
                waitSeconds,
                broadcastSeconds,
                reductionSeconds,
                divergence);
    }

    /** In figures, for who watches the running job. */
    void show() {
        JobFigure.ROUNDS.add(1);
        JobFigure.EXAMPLES.add((double) examples);
        JobFigure.EXAMPLES_PER_SECOND.set(examples / seconds);
        JobFigure.LOSS.set(loss);
        JobFigure.SYNC_SHARE.set(1 - computeSeconds / seconds);
    }
}
