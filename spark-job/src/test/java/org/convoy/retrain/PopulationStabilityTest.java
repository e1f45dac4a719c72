package org.convoy.retrain;

import java.util.List;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

class PopulationStabilityTest {
    @Test
    void isTheSymmetricDivergenceOfTheShares() {
        // Half an example per class hardly matters among ten thousand.
        double expected = (0.7 - 0.5) * Math.log(0.7 / 0.5) + (0.3 - 0.5) * Math.log(0.3 / 0.5);

        assertThat(PopulationStability.index(List.of(5_000L, 5_000L), List.of(7_000L, 3_000L)))
                .isCloseTo(expected, within(1e-3))
                .isEqualTo(PopulationStability.index(List.of(7_000L, 3_000L), List.of(5_000L, 5_000L)));
    }

    @Test
    void equalSharesHaveNoDistance() {
        assertThat(PopulationStability.index(List.of(10L, 30L), List.of(1_000L, 3_000L)))
                .isLessThan(1e-3);
        assertThat(PopulationStability.index(List.of(10L, 30L), List.of(10L, 30L)))
                .isZero();
    }

    @Test
    void aClassThatAppearsIsALargeButFiniteChange() {
        assertThat(PopulationStability.index(List.of(500L, 500L), List.of(300L, 300L, 400L)))
                .isGreaterThan(1)
                .isFinite();
    }
}
