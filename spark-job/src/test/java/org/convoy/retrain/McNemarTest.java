package org.convoy.retrain;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

class McNemarTest {
    @Test
    void isTheTailOfTossedCoins() {
        // 1 + 10 + 45 of 1,024 ways in which ten coins show two heads at most.
        assertThat(McNemar.worse(8, 2)).isCloseTo(56.0 / 1024, within(1e-12));
        assertThat(McNemar.worse(10, 0)).isCloseTo(1.0 / 1024, within(1e-12));
        assertThat(McNemar.worse(0, 10)).isEqualTo(1);
    }

    @Test
    void nothingSpeaksAgainstACandidateThatIsNeverAloneWrong() {
        assertThat(McNemar.worse(0, 0)).isEqualTo(1);
        assertThat(McNemar.worse(0, 1)).isEqualTo(1);
    }

    /** By the normal approximation: (1100 - 1000) / √2100 = 2.18 deviations. */
    @Test
    void ofManyPicturesSmallSharesCount() {
        assertThat(McNemar.worse(1_100, 1_000)).isCloseTo(0.0146, within(0.001));
    }
}
