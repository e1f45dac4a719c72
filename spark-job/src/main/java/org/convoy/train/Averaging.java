package org.convoy.train;

import java.io.Serializable;

/**
 * How the workers' results of a round become the next start.
 *
 * @param optimiserState what becomes of the optimiser's state
 * @param outerStep what becomes of the mean of the parameters
 * @param wire how the workers' results travel
 */
record Averaging(OptimiserStatePolicy optimiserState, OuterStep outerStep, WireFormat wire) implements Serializable {
    /** The plain mean of parameters and optimiser state, in float32. */
    static final Averaging PLAIN = new Averaging(OptimiserStatePolicy.AVERAGE, OuterStep.PLAIN, WireFormat.FLOAT32);
}
