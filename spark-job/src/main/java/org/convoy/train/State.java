package org.convoy.train;

import java.util.Arrays;

/**
 * What a round starts from: parameters θ and, behind them in the same flat vector, the optimiser's state where the policy
 * sends it along (else nothing).
 *
 * @param vector θ followed by the optimiser's state, float32
 * @param parameterCount length of θ
 * @param velocity of the outer step, which stays on the driver; empty where there is none
 */
@SuppressWarnings("ArrayRecordComponent") // carried, never compared
record State(float[] vector, int parameterCount, float[] velocity) {
    static State of(float[] parameters, float[] optimiserState) {
        float[] vector = Arrays.copyOf(parameters, parameters.length + optimiserState.length);
        System.arraycopy(optimiserState, 0, vector, parameters.length, optimiserState.length);
        return new State(vector, parameters.length, new float[0]);
    }

    float[] parameters() {
        return Arrays.copyOf(vector, parameterCount);
    }

    float[] optimiserState() {
        return Arrays.copyOfRange(vector, parameterCount, vector.length);
    }
}
