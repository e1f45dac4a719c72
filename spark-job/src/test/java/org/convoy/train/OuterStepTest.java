package org.convoy.train;

import java.nio.FloatBuffer;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

/** Two rounds of each outer step on one parameter and one value of optimiser state, against the formulas by hand. */
class OuterStepTest {
    private static final int WORKERS = 4;

    @Test
    void plainTakesTheMean() {
        assertThat(twoRounds(OuterStep.PLAIN)).isEqualTo(3f);
    }

    @Test
    void heavyBallAddsTheVelocity() {
        // Round 1 from 0 to mean 1: v = 1, θ = 1. Round 2 to mean 3: Δ = 2, v = μ + 2, θ = 1 + v.
        assertThat(twoRounds(OuterStep.BMUF)).isCloseTo(1f + 0.75f + 2f, within(1e-6f));
        assertThat(twoRounds(OuterStep.SLOWMO)).isCloseTo(1f + 0.7f + 2f, within(1e-6f));
    }

    @Test
    void dilocoLooksAhead() {
        // Round 1: Δ = v = 1, θ = 0.7 (1 + 0.9). Round 2: Δ = 3 - θ, v = 0.9 + Δ, θ += 0.7 (Δ + 0.9 v).
        double first = 0.7 * 1.9;
        double change = 3 - first;
        assertThat((double) twoRounds(OuterStep.DILOCO))
                .isCloseTo(first + 0.7 * (change + 0.9 * (0.9 + change)), within(1e-6));
    }

    @Test
    void optimiserStateIsTakenAsItIs() {
        State next = OuterStep.DILOCO.apply(start(), mean(1, 8), WORKERS);
        assertThat(next.optimiserState().get(0)).isEqualTo(8f);
        assertThat(next.velocity()).hasSize(1);
    }

    private static float twoRounds(OuterStep step) {
        State afterOne = step.apply(start(), mean(1, 0), WORKERS);
        return step.apply(afterOne, mean(3, 0), WORKERS).parameters().get(0);
    }

    private static byte[] mean(float parameter, float optimiserState) {
        return FloatBytes.encode(new float[] {parameter, optimiserState});
    }

    private static State start() {
        return State.of(FloatBuffer.allocate(1), FloatBuffer.allocate(1));
    }
}
