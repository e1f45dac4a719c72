package org.convoy.train;

import java.util.Locale;
import org.convoy.runtime.UserError;

/** A round whose result is nothing that training comes back from. It was not taken over, so no checkpoint holds it. */
final class Diverged extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int epoch;
    private final int round;

    private Diverged(RoundReport report, String reason) {
        super(reason);
        this.epoch = report.epoch();
        this.round = report.round();
    }

    static Diverged inLoss(RoundReport report) {
        return new Diverged(report, loss(report));
    }

    static Diverged inParameters(RoundReport report) {
        return new Diverged(report, loss(report) + " and parameters are no numbers any more");
    }

    private static String loss(RoundReport report) {
        return String.format(Locale.ROOT, "the loss is %.3g", report.loss());
    }

    /** From 1. */
    int epoch() {
        return epoch;
    }

    /** In the epoch, from 1. */
    int round() {
        return round;
    }

    /** What the user reads when there is no retry left. */
    UserError asUserError(double learningRate) {
        return UserError.failed(String.format(
                Locale.ROOT,
                "%s in round %d of epoch %d: training diverged; lower train.optimiser.learning-rate (it was %s) and start "
                        + "again: it goes on from the last checkpoint",
                getMessage(),
                round,
                epoch,
                learningRate));
    }
}
