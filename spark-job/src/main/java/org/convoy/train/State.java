package org.convoy.train;

import java.util.Arrays;

/**
 * What a round starts from: parameters θ and, behind them in the same flat vector, the optimiser's state where the policy
 * sends it along (else nothing).
 *
 * @param vector θ followed by the optimiser's state, float32
 * @param parameterCount length of θ
 */
@SuppressWarnings("ArrayRecordComponent") // carried, never compared
record State(float[] vector, int parameterCount) {
    static State of(float[] parameters, float[] optimiserState) {
        float[] vector = Arrays.copyOf(parameters, parameters.length + optimiserState.length);
        System.arraycopy(optimiserState, 0, vector, parameters.length, optimiserState.length);
        return new State(vector, parameters.length);
    }

    float[] parameters() {
        return Arrays.copyOf(vector, parameterCount);
    }

    float[] optimiserState() {
        return Arrays.copyOfRange(vector, parameterCount, vector.length);
    }
}
