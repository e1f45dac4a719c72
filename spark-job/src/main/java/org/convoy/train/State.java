package org.convoy.train;

import java.nio.FloatBuffer;
import org.convoy.model.RunningStatistics;

/**
 * What a round starts from: parameters θ and, behind them in the same flat vector, the optimiser's state where the policy
 * sends it along (else nothing).
 *
 * @param vector θ followed by the optimiser's state, as they travel: {@link FloatBytes}
 * @param parameterCount length of θ
 * @param velocity of the outer step, which stays on the driver; empty where there is none
 * @param average of θ over the rounds, which stays on the driver
 */
@SuppressWarnings("ArrayRecordComponent") // carried, never compared
record State(byte[] vector, int parameterCount, float[] velocity, ParameterAverage average) {
    /** Without an average. */
    State(byte[] vector, int parameterCount, float[] velocity) {
        this(vector, parameterCount, velocity, ParameterAverage.NONE);
    }

    static State of(FloatBuffer parameters, FloatBuffer optimiserState) {
        byte[] vector = new byte[Math.multiplyExact(parameters.remaining() + optimiserState.remaining(), Float.BYTES)];
        FloatBytes.view(vector).put(parameters.duplicate()).put(optimiserState.duplicate());
        return new State(vector, parameters.remaining(), new float[0]);
    }

    /** A copy whose running variances are second moments: what workers' vectors are compared with on their way. */
    State withMoments(RunningStatistics statistics) {
        State copy = new State(vector.clone(), parameterCount, velocity);
        statistics.toMoments(copy.parameters(), parameters());
        return copy;
    }

    State with(ParameterAverage other) {
        return new State(vector, parameterCount, velocity, other);
    }

    /** What is validated and published: the average in place of θ, where there is one. */
    State averaged() {
        return average.rounds() == 0 ? this : State.of(FloatBuffer.wrap(average.values()), optimiserState());
    }

    /** Values of the vector. */
    int length() {
        return vector.length / Float.BYTES;
    }

    /** θ, in place. */
    FloatBuffer parameters() {
        return FloatBytes.view(vector).slice(0, parameterCount);
    }

    /** The optimiser's state, in place. */
    FloatBuffer optimiserState() {
        return FloatBytes.view(vector).slice(parameterCount, length() - parameterCount);
    }
}
