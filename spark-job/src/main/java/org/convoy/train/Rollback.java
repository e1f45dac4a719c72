package org.convoy.train;

import java.util.Locale;

/**
 * A divergence and the return to the last checkpoint.
 *
 * @param epoch in which training diverged, from 1
 * @param round in that epoch, from 1
 * @param toEpoch in which training went on, from 1
 * @param toRound round of that epoch with which it went on, from 1
 * @param rateBefore the base learning rate that diverged
 * @param rateAfter the one it went on with
 * @param rateFactor what the configured learning rate is multiplied by from then on, earlier rollbacks counted in
 */
public record Rollback(
        int epoch, int round, int toEpoch, int toRound, double rateBefore, double rateAfter, double rateFactor) {

    static int toEpoch(Checkpoint checkpoint) {
        return checkpoint.epoch() + 1;
    }

    static int toRound(Checkpoint checkpoint) {
        return checkpoint.rounds().size() + 1;
    }

    boolean wentTo(Checkpoint checkpoint) {
        return toEpoch == toEpoch(checkpoint) && toRound == toRound(checkpoint);
    }

    /** In one line. */
    String sentence() {
        return String.format(
                Locale.ROOT,
                "diverged in round %d of epoch %d: went back to round %d of epoch %d, learning rate %s instead of %s",
                round,
                epoch,
                toRound,
                toEpoch,
                rateAfter,
                rateBefore);
    }
}
