package org.convoy.runtime;

import java.util.Locale;
import java.util.function.DoubleSupplier;

/**
 * What a running job says of itself in numbers, for Spark's metrics system ({@link MetricsPlugin}): the newest value of each, on the
 * driver. A JVM has one Spark context, so they are kept once.
 */
@SuppressWarnings("ImmutableEnumChecker") // the newest value is what it is there for
public enum JobFigure {
    /** Averaging rounds that this process has trained. */
    ROUNDS(0),
    /** Examples that this process has trained. */
    EXAMPLES(0),
    /** Examples by seconds of the newest round. */
    EXAMPLES_PER_SECOND(Double.NaN),
    /** Mean over the examples of the newest round. */
    LOSS(Double.NaN),
    /** Share of the newest round in which not even the slowest worker computed, from 0 to 1. */
    SYNC_SHARE(Double.NaN),
    /** Pictures that {@code prepare} has read. */
    PICTURES_READ(0),
    /** Those of them that it has set aside. */
    PICTURES_REJECTED(0);

    private volatile DoubleSupplier value;

    JobFigure(double before) {
        this.value = () -> before;
    }

    /** The name of its metric: {@code examples-per-second}. */
    public String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** The newest value; NaN, or 0 of a count, until there is one. */
    public double value() {
        return value.getAsDouble();
    }

    /** Says the newest value. */
    public void set(double newest) {
        value = () -> newest;
    }

    /** Adds to a count; on one thread, the job's own. */
    public void add(double more) {
        set(value() + more);
    }

    /** From now on the value is what {@code source} gives; it is asked by any thread. */
    public void follow(DoubleSupplier source) {
        value = source;
    }
}
