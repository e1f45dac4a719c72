package org.convoy.model;

import java.io.Serializable;
import java.util.List;

/**
 * How the learning rate goes with the progress of training: examples seen by examples planned over all epochs, from 0 to 1.
 * A pure function, so that workers, retried tasks and restarted runs agree.
 */
public sealed interface Schedule extends Serializable {
    /** The names {@link #named} takes. */
    List<String> NAMES = List.of("constant", "step", "cosine", "one-cycle", "polynomial");

    /** Share of the base rate, from 0 to 1, at {@code progress} in [0, 1]. */
    double share(double progress);

    /** The same, but 1 on the way up: for what must not take a rate that has not risen yet for one that has fallen. */
    default double shareOnceRisen(double progress) {
        return share(progress);
    }

    /** The learning rate at {@code progress} in [0, 1]. */
    default double rate(double base, double progress) {
        return base * share(progress);
    }

    /** The base rate throughout. */
    record Constant() implements Schedule {
        @Override
        public double share(double progress) {
            return 1;
        }
    }

    /**
     * Multiplies the rate by {@code factor} each time that another {@code every} of the training is done.
     *
     * @param every share of the training, in (0, 1]
     * @param factor in (0, 1]
     */
    record Step(double every, double factor) implements Schedule {
        private static final double ROUNDING = 1e-9;

        public Step {
            if (!(every > 0 && every <= 1)) {
                throw outOfRange("step-every", "in (0, 1]", every);
            }
            if (!(factor > 0 && factor <= 1)) {
                throw outOfRange("step-factor", "in (0, 1]", factor);
            }
        }

        @Override
        public double share(double progress) {
            return Math.pow(factor, Math.floor(progress / every + ROUNDING));
        }
    }

    /** Half a cosine wave from the base rate down to 0: Loshchilov and Hutter 2017, equation 5, without restarts. */
    record Cosine() implements Schedule {
        @Override
        public double share(double progress) {
            return (1 + Math.cos(Math.PI * progress)) / 2;
        }
    }

    /**
     * Up on a line from a tenth of the base rate, down again as long, then on to a thousandth: Smith 2018, section 4.1, with
     * the last tenth of the training for the end.
     */
    record OneCycle() implements Schedule {
        private static final double TOP = 0.45;
        private static final double END_OF_CYCLE = 0.9;
        private static final double LOW = 0.1;
        private static final double LOWEST = 0.001;

        @Override
        public double share(double progress) {
            if (progress < END_OF_CYCLE) {
                return 1 - (1 - LOW) * Math.abs(progress - TOP) / TOP;
            }
            return LOW - (LOW - LOWEST) * (progress - END_OF_CYCLE) / (1 - END_OF_CYCLE);
        }

        @Override
        public double shareOnceRisen(double progress) {
            return progress < TOP ? 1 : share(progress);
        }
    }

    /**
     * (1 - progress) to a power; 1 gives a line.
     *
     * @param power above 0
     */
    record Polynomial(double power) implements Schedule {
        public Polynomial {
            if (!(power > 0 && !Double.isInfinite(power))) {
                throw outOfRange("power", "above 0", power);
            }
        }

        @Override
        public double share(double progress) {
            return Math.pow(1 - progress, power);
        }
    }

    /**
     * On a line from 0 to where {@code then} begins (Goyal et al. 2017, section 2.2), which gets the rest of the training.
     *
     * @param length share of the training, in [0, 1)
     */
    record WarmUp(double length, Schedule then) implements Schedule {
        public WarmUp {
            if (!(length >= 0 && length < 1)) {
                throw outOfRange("warm-up", "in [0, 1)", length);
            }
        }

        @Override
        public double share(double progress) {
            return progress < length
                    ? then.share(0) * progress / length
                    : then.share((progress - length) / (1 - length));
        }

        @Override
        public double shareOnceRisen(double progress) {
            return then.shareOnceRisen(Math.max(0, progress - length) / (1 - length));
        }
    }

    /**
     * The schedule of that name; numbers that it has no use for are not looked at.
     *
     * @param warmUp as of {@link WarmUp}, 0 for none
     * @param stepEvery as of {@link Step}
     * @param stepFactor as of {@link Step}
     * @param power as of {@link Polynomial}
     */
    static Schedule named(String name, double warmUp, double stepEvery, double stepFactor, double power) {
        Schedule main =
                switch (name) {
                    case "constant" -> new Constant();
                    case "step" -> new Step(stepEvery, stepFactor);
                    case "cosine" -> new Cosine();
                    case "one-cycle" -> new OneCycle();
                    case "polynomial" -> new Polynomial(power);
                    default ->
                        throw new IllegalArgumentException(
                                "train.optimiser.schedule.name must be one of " + NAMES + " but was '" + name + "'");
                };
        return warmUp == 0 ? main : new WarmUp(warmUp, main);
    }

    private static IllegalArgumentException outOfRange(String key, String rule, double value) {
        return new IllegalArgumentException(
                "train.optimiser.schedule." + key + " must be " + rule + " but was " + value);
    }
}
