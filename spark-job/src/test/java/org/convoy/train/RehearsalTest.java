package org.convoy.train;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

class RehearsalTest {
    /** Two workers, batches of 10, τ = 5, so 100 steps an epoch; rounds of 4 steps took 0.5 s, steps 0.1 s, tasks 1 ms. */
    private static final Rehearsal REHEARSAL = new Rehearsal(
            new EpochPlan(2000, 3, 2, 10, AveragingPeriod.fixed(5), 1),
            1000,
            new RoundCost(0.05, 0.001, 0),
            4,
            0.5,
            0.1);

    @Test
    void aRoundIsTheMeasuredOneAndTheStepsBetween() {
        assertThat(REHEARSAL.roundSeconds(2, 4)).isEqualTo(0.5);
        assertThat(REHEARSAL.roundSeconds(2, 14)).isEqualTo(1.5, within(1e-9));
        assertThat(REHEARSAL.roundSeconds(2, 1)).isEqualTo(0.2, within(1e-9));
    }

    @Test
    void moreWorkersCostTheDriverTwoTasksEach() {
        assertThat(REHEARSAL.roundSeconds(12, 4)).isEqualTo(0.5 + 10 * 2 * 0.001, within(1e-9));
    }

    @Test
    void aRoundIsNeverShorterThanItsSteps() {
        Rehearsal noise = new Rehearsal(
                new EpochPlan(2000, 3, 2, 10, AveragingPeriod.fixed(5), 1), 1000, new RoundCost(0, 0, 0), 4, 0.2, 0.1);
        assertThat(noise.roundSeconds(2, 4)).isEqualTo(0.4, within(1e-9));
        assertThat(noise.syncShare(2, 4)).isZero();
    }

    @Test
    void anEpochIsItsRoundsTheShortLastOneToo() {
        assertThat(REHEARSAL.averagingPeriod()).isEqualTo(5);
        assertThat(REHEARSAL.epochSeconds()).isEqualTo(20 * 0.6, within(1e-9));
        // 100 steps: 12 rounds of 8, one of 4
        assertThat(REHEARSAL.epochSeconds(2, 8)).isEqualTo(12 * 0.9 + 0.5, within(1e-9));
        assertThat(REHEARSAL.syncShare(2, 8)).isEqualTo(1 - 0.8 / 0.9, within(1e-9));
        assertThat(REHEARSAL.batchesPerEpoch(3)).isEqualTo(67);
    }

    @Test
    void roundsAreTriedUntilTheyGetNoFasterOrForThreeTimesAsLong() {
        List<Double> faster = List.of(0.6, 0.5, 0.4, 0.3);
        List<Double> settled = List.of(0.6, 0.4, 0.31, 0.3, 0.31, 0.3);
        assertThat(Rehearsal.isWanted(List.of(), 0, 0)).isTrue();
        assertThat(Rehearsal.isWanted(settled, 999, 1000)).isTrue();
        assertThat(Rehearsal.isWanted(faster, 2999, 1000)).isTrue();
        assertThat(Rehearsal.isWanted(faster, 3000, 1000)).isFalse();
        assertThat(Rehearsal.isWanted(settled.subList(2, 6), 1000, 1000)).isFalse();
        assertThat(Rehearsal.isWanted(settled, 1000, 1000)).isTrue();
    }

    @Test
    void onlyTheLastRoundsSayWhetherTheyHaveSettled() {
        List<Double> seconds = new ArrayList<>(Collections.nCopies(500, 9.0));
        seconds.addAll(Collections.nCopies(120, 0.3));
        assertThat(Rehearsal.isWanted(seconds, 1000, 1000)).isFalse();
    }
}
