package org.convoy.train;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

class EpochPlanTest {
    @ParameterizedTest
    @CsvSource({"1000, 3, 64, 4", "7, 3, 2, 1", "5, 5, 64, 16", "129, 2, 64, 1", "60000, 7, 32, 8", "1, 1, 1, 1"})
    void everyExampleIsTrainedOnceAnEpoch(long examples, int workers, int batchSize, int period) {
        EpochPlan plan = new EpochPlan(examples, 2, workers, batchSize, period, 1);

        long inRounds = IntStream.range(0, plan.rounds())
                .mapToLong(plan::examplesInRound)
                .sum();
        long inShards = IntStream.range(0, workers).mapToLong(plan::rows).sum();

        assertThat(inRounds).isEqualTo(examples);
        assertThat(inShards).isEqualTo(examples);
        assertThat(plan.firstRow(0)).isZero();
        assertThat(plan.examplesInRound(plan.rounds())).isZero();
        assertThat(plan.examplesInRound(plan.rounds() - 1)).isPositive();
    }

    @Test
    void shardsDifferByOneExampleAtMost() {
        EpochPlan plan = new EpochPlan(100, 2, 7, 8, 2, 1);

        int[] rows = IntStream.range(0, 7).map(plan::rows).toArray();

        assertThat(Arrays.stream(rows).max().orElseThrow()
                        - Arrays.stream(rows).min().orElseThrow())
                .isEqualTo(1);
    }

    @Test
    void theLastBatchAndTheLastRoundAreShorter() {
        // Worker 0 has 9 examples, worker 1 has 10: three batches of 4, the last with 1 and 2.
        EpochPlan plan = new EpochPlan(19, 2, 2, 4, 2, 1);

        assertThat(plan.rounds()).isEqualTo(2);
        assertThat(plan.examplesInRound(0)).isEqualTo(16);
        assertThat(plan.examplesInRound(1)).isEqualTo(3);
    }

    @Test
    void orderIsAPermutationThatDependsOnSeedEpochAndWorkerAlone() {
        EpochPlan plan = new EpochPlan(200, 2, 2, 8, 2, 5);

        assertThat(plan.order(0, 0))
                .containsExactlyInAnyOrder(IntStream.range(0, 100).toArray());
        assertThat(plan.order(0, 0)).isEqualTo(new EpochPlan(200, 2, 2, 16, 1, 5).order(0, 0));
        assertThat(plan.order(0, 0)).isNotEqualTo(plan.order(0, 1));
        assertThat(plan.order(0, 0)).isNotEqualTo(plan.order(1, 0));
        assertThat(plan.order(0, 0)).isNotEqualTo(new EpochPlan(200, 2, 2, 8, 2, 6).order(0, 0));
    }

    @Test
    void progressIsTheShareOfAllEpochsThatAWorkerHasBehindIt() {
        EpochPlan plan = new EpochPlan(40, 4, 2, 8, 2, 5);

        assertThat(plan.progress(0, 0, 0)).isZero();
        assertThat(plan.progress(1, 1, 10)).isEqualTo(0.375);
        assertThat(plan.progress(1, 3, 20)).isEqualTo(1);
    }
}
