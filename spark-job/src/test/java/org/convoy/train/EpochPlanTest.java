package org.convoy.train;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

class EpochPlanTest {
    @ParameterizedTest
    @CsvSource({"1000, 3, 64, 4", "7, 3, 2, 1", "5, 5, 64, 16", "129, 2, 64, 1", "60000, 7, 32, 8", "1, 1, 1, 1"})
    void everyExampleIsTrainedOnceAnEpoch(long examples, int workers, int batchSize, int period) {
        EpochPlan plan = new EpochPlan(examples, 2, workers, batchSize, AveragingPeriod.fixed(period), 1);

        List<EpochPlan.Round> rounds = plan.rounds(1);
        long inRounds = rounds.stream().mapToLong(plan::examplesIn).sum();
        long inShards = IntStream.range(0, workers).mapToLong(plan::rows).sum();

        assertThat(inRounds).isEqualTo(examples);
        assertThat(inShards).isEqualTo(examples);
        assertThat(plan.firstRow(0)).isZero();
        assertThat(rounds)
                .allSatisfy(round -> assertThat(plan.examplesIn(round)).isPositive());
    }

    @Test
    void shardsDifferByOneExampleAtMost() {
        EpochPlan plan = new EpochPlan(100, 2, 7, 8, AveragingPeriod.fixed(2), 1);

        int[] rows = IntStream.range(0, 7).map(plan::rows).toArray();

        assertThat(Arrays.stream(rows).max().orElseThrow()
                        - Arrays.stream(rows).min().orElseThrow())
                .isEqualTo(1);
    }

    @Test
    void theLastBatchAndTheLastRoundAreShorter() {
        // Worker 0 has 9 examples, worker 1 has 10: three batches of 4, the last with 1 and 2.
        EpochPlan plan = new EpochPlan(19, 2, 2, 4, AveragingPeriod.fixed(2), 1);

        assertThat(plan.rounds(0)).extracting(plan::examplesIn).containsExactly(16L, 3L);
    }

    @Test
    void progressIsTheShareOfAllEpochsThatAWorkerHasBehindIt() {
        EpochPlan plan = new EpochPlan(40, 4, 2, 8, AveragingPeriod.fixed(2), 5);

        assertThat(plan.progress(0, 0, 0)).isZero();
        assertThat(plan.progress(1, 1, 10)).isEqualTo(0.375);
        assertThat(plan.progress(1, 3, 20)).isEqualTo(1);
    }

    @Test
    void roundsFollowTheAveragingPeriodAndEndWithTheEpoch() {
        // 25 batches an epoch; each batch is an averaging of its own through half of the second of two epochs.
        EpochPlan plan = new EpochPlan(100, 2, 1, 4, new AveragingPeriod.PostLocal(10, 0.75), 5);

        assertThat(plan.rounds(0)).hasSize(25);
        assertThat(plan.rounds(1))
                .extracting(EpochPlan.Round::to)
                .startsWith(1, 2)
                .endsWith(13, 23, 25);
        assertThat(plan.rounds(1)).extracting(EpochPlan.Round::index).startsWith(0, 1, 2);
    }
}
