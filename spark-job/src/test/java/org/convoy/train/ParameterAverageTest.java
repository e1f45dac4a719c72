package org.convoy.train;

import java.nio.FloatBuffer;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

class ParameterAverageTest {
    private static final double DECAY = 0.8;

    @Test
    void isTheMeanOfTheRoundsWithDecayingWeights() {
        double sum = 0;
        double weights = 0;
        ParameterAverage average = ParameterAverage.NONE;
        for (int round = 1; round <= 20; round++) {
            float theta = (float) Math.sin(round);
            average = average.advance(theta(theta), DECAY);
            sum = DECAY * sum + theta;
            weights = DECAY * weights + 1;

            assertThat((double) average.values()[0]).isCloseTo(sum / weights, within(1e-6));
            assertThat(average.rounds()).isEqualTo(round);
        }
    }

    @Test
    void beginsWithTheFirstRoundsParameters() {
        assertThat(ParameterAverage.NONE.advance(theta(3), DECAY).values()).containsExactly(3f);
    }

    @Test
    void trainingGoesOnFromTheLastRoundAndTheAverageIsPublished() {
        State state = State.of(theta(3), theta(7)).with(new ParameterAverage(new float[] {1}, 5));

        assertThat(state.parameters().get(0)).isEqualTo(3f);
        assertThat(state.averaged().parameters().get(0)).isEqualTo(1f);
        assertThat(state.averaged().optimiserState().get(0)).isEqualTo(7f);
    }

    @Test
    void withoutDecayThereIsNone() {
        State state = State.of(theta(3), theta(7)).with(ParameterAverage.NONE.advance(theta(3), 0));

        assertThat(state.average()).isEqualTo(ParameterAverage.NONE);
        assertThat(state.averaged()).isSameAs(state);
    }

    private static FloatBuffer theta(float value) {
        return FloatBuffer.wrap(new float[] {value});
    }
}
