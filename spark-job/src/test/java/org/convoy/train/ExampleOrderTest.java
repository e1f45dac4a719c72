package org.convoy.train;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class ExampleOrderTest {
    /** Less than a batch, one row, one block, a block and a row, one window, a row more, short ends, many windows. */
    private static final String SIZES =
            """
            examples, workers, batch, blockRows
            5,        1,       8,     16
            1,        1,       1,     1
            16,       1,       8,     16
            17,       1,       8,     16
            32,       2,       8,     16
            128,      1,       8,     16
            129,      1,       8,     16
            1000,     3,       8,     16
            1001,     3,       7,     7
            12345,    4,       32,    64
            """;

    @ParameterizedTest
    @CsvSource(useHeadersInDisplayName = true, textBlock = SIZES)
    void everyRowComesOnceAnEpoch(long examples, int workers, int batch, int blockRows) {
        ExampleOrder order = order(examples, workers, batch, blockRows, 1);

        for (int worker = 0; worker < workers; worker++) {
            assertThat(rows(order, worker, 1))
                    .containsExactlyInAnyOrderElementsOf(
                            IntStream.range(0, order.plan().rows(worker))
                                    .boxed()
                                    .toList());
        }
    }

    @ParameterizedTest
    @CsvSource(useHeadersInDisplayName = true, textBlock = SIZES)
    void windowsAreOfEightBlocksAtMostAndNoBatchReachesOutOfOne(long examples, int workers, int batch, int blockRows) {
        ExampleOrder order = order(examples, workers, batch, blockRows, 1);

        for (int worker = 0; worker < workers; worker++) {
            int w = worker;
            int[] blocks = IntStream.range(0, order.windows(w))
                    .map(window -> order.blocks(w, 0, window).length)
                    .toArray();
            assertThat(Arrays.stream(blocks).max().orElseThrow()).isLessThanOrEqualTo(8);
            assertThat(Arrays.stream(blocks).max().orElseThrow()
                            - Arrays.stream(blocks).min().orElseThrow())
                    .isLessThanOrEqualTo(1);
            assertThat(order.firstPosition(w, 0)).isZero();
            assertThat(order.firstPosition(w, order.windows(w)))
                    .isEqualTo(order.plan().rows(w));
            for (int position = 0; position < order.plan().rows(w); position++) {
                int window = order.windowAt(w, position);
                int end =
                        Math.min(position / batch * batch + batch, order.plan().rows(w));
                assertThat(order.firstPosition(w, window)).isLessThanOrEqualTo(position / batch * batch);
                assertThat(order.firstPosition(w, window + 1)).isGreaterThanOrEqualTo(end);
            }
        }
    }

    @Test
    void dependsOnSeedEpochAndWorkerAlone() {
        List<Integer> rows = rows(order(400, 2, 8, 16, 5), 0, 0);

        assertThat(rows).isEqualTo(rows(order(400, 2, 8, 16, 5), 0, 0));
        assertThat(rows).isNotEqualTo(rows(order(400, 2, 8, 16, 5), 0, 1));
        assertThat(rows).isNotEqualTo(rows(order(400, 2, 8, 16, 5), 1, 0));
        assertThat(rows).isNotEqualTo(rows(order(400, 2, 8, 16, 6), 0, 0));
    }

    @Test
    void blocksOfAllTheShardMeetInAWindowInAnotherOrderEachEpoch() {
        ExampleOrder order = order(16 * 40, 1, 8, 16, 5);

        assertThat(order.windows(0)).isEqualTo(5);
        assertThat(order.blocks(0, 0, 0)).isNotEqualTo(order.blocks(0, 1, 0));
        assertThat(Arrays.stream(order.blocks(0, 0, 0)).max().orElseThrow()).isGreaterThan(20);
        assertThat(order.rows(0, 0, 0, row -> 0)).isNotEqualTo(order.rows(0, 0, 1, row -> 0));
    }

    @Test
    void theShortBlockIsTheLastOfTheEpochAndItsRowsAreMixedWithOthers() {
        ExampleOrder order = order(16 * 8 + 3, 1, 8, 16, 5);

        for (int epoch = 0; epoch < 10; epoch++) {
            assertThat(order.windows(0)).isEqualTo(2);
            assertThat(order.blocks(0, epoch, 1)).hasSize(5).endsWith(8);
        }
        assertThat(rows(order, 0, 0).subList(128, 131)).doesNotContain(128, 129, 130);
    }

    @Test
    void aBlockIsAsManyBatchesAsEightMebibytesHoldAndOneAtLeast() {
        EpochPlan plan = plan(1_000_000, 2, 64, 1);

        assertThat(ExampleOrder.of(plan, 784).blockRows()).isEqualTo(167 * 64);
        assertThat(ExampleOrder.of(plan, 3 * 224 * 224).blockRows()).isEqualTo(64);
        assertThat(ExampleOrder.of(plan, 3 * 2000 * 2000).blockRows()).isEqualTo(64);
    }

    @Test
    void refusesBlocksThatCutBatches() {
        assertThatThrownBy(() -> order(100, 1, 8, 20, 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("blockRows must be a multiple of the batch size (8) but was 20");
    }

    private static ExampleOrder order(long examples, int workers, int batch, int blockRows, long seed) {
        return new ExampleOrder(plan(examples, workers, batch, seed), blockRows);
    }

    private static EpochPlan plan(long examples, int workers, int batch, long seed) {
        return new EpochPlan(examples, 2, workers, batch, AveragingPeriod.fixed(4), seed);
    }

    /** The rows of a shard in the order of training. */
    private static List<Integer> rows(ExampleOrder order, int worker, int epoch) {
        List<Integer> rows = new ArrayList<>();
        for (int window = 0; window < order.windows(worker); window++) {
            int[] blocks = order.blocks(worker, epoch, window);
            for (int row : order.rows(worker, epoch, window, row -> 0)) {
                rows.add(blocks[row / order.blockRows()] * order.blockRows() + row % order.blockRows());
            }
        }
        return rows;
    }
}
