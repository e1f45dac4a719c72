package org.convoy.train;

import java.io.Serializable;
import java.util.List;
import org.convoy.model.Schedule;

/**
 * τ, the local steps between two averagings, as it goes with the progress of training: examples seen by examples planned over
 * all epochs, from 0 to 1. A pure function, so that driver, workers and restarted runs agree.
 */
sealed interface AveragingPeriod extends Serializable {
    /** The names {@link #named} takes. */
    List<String> NAMES = List.of("fixed", "post-local", "inverse-square");

    /** τ of a round that begins at {@code progress}, in batches; at least 1. */
    int batches(double progress);

    /** The same throughout. */
    record Fixed(int batches) implements AveragingPeriod {
        @Override
        public int batches(double progress) {
            return batches;
        }
    }

    /**
     * Averages after every batch first, and later rarely (post-local SGD, Lin et al. 2020, section 3).
     *
     * @param batches τ later
     * @param from progress at which that begins, in (0, 1)
     */
    record PostLocal(int batches, double from) implements AveragingPeriod {
        public PostLocal {
            if (!(from > 0 && from < 1)) {
                throw new IllegalArgumentException(
                        "train.averaging-period-post-local-from must be above 0 and below 1 but was " + from);
            }
        }

        @Override
        public int batches(double progress) {
            return progress < from ? 1 : batches;
        }
    }

    /**
     * τ in proportion to 1/η² while the learning rate falls (the quadratic synchronisation rule, Gu et al. 2024, equation 2),
     * with the proportion that gives {@code batches} at the top of the schedule.
     */
    record InverseSquare(int batches, Schedule schedule) implements AveragingPeriod {
        @Override
        public int batches(double progress) {
            double share = schedule.shareOnceRisen(progress);
            return (int) Math.min(Integer.MAX_VALUE, batches / (share * share));
        }
    }

    /** τ = {@code batches} throughout. */
    static AveragingPeriod fixed(int batches) {
        return new Fixed(batches);
    }

    /**
     * The rule of that name; what it has no use for is not looked at.
     *
     * @param postLocalFrom as of {@link PostLocal}
     * @param schedule as of {@link InverseSquare}
     */
    static AveragingPeriod named(String name, int batches, double postLocalFrom, Schedule schedule) {
        if (batches < 1) {
            throw new IllegalArgumentException("train.averaging-period-batches must be at least 1 but was " + batches);
        }
        return switch (name) {
            case "fixed" -> new Fixed(batches);
            case "post-local" -> new PostLocal(batches, postLocalFrom);
            case "inverse-square" -> new InverseSquare(batches, schedule);
            default ->
                throw new IllegalArgumentException(
                        "train.averaging-period-rule must be one of " + NAMES + " but was '" + name + "'");
        };
    }
}
