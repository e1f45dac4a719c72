package org.convoy.train;

import java.io.Serializable;

/**
 * How the workers' results of a round become the next start.
 *
 * @param optimiserState what becomes of the optimiser's state
 * @param outerStep what becomes of the mean of the parameters
 * @param wire how the workers' results travel
 * @param parameterDecay β of {@link ParameterAverage}, in [0, 1); 0 for none
 */
record Averaging(OptimiserStatePolicy optimiserState, OuterStep outerStep, WireFormat wire, double parameterDecay)
        implements Serializable {
    /** The plain mean of parameters and optimiser state, in float32. */
    static final Averaging PLAIN = new Averaging(OptimiserStatePolicy.AVERAGE, OuterStep.PLAIN, WireFormat.FLOAT32);

    Averaging {
        if (!(parameterDecay >= 0 && parameterDecay < 1)) {
            throw new IllegalArgumentException(
                    "train.parameter-average-decay must be in [0, 1) but was " + parameterDecay);
        }
    }

    /** Without a moving average of the parameters. */
    Averaging(OptimiserStatePolicy optimiserState, OuterStep outerStep, WireFormat wire) {
        this(optimiserState, outerStep, wire, 0);
    }
}
