package org.convoy.train;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/** Three classes of 2,000, 500 and 37 rows, scattered over the split. */
class OversamplingTest {
    private static final List<Long> ROWS_PER_CLASS = List.of(2000L, 500L, 37L);
    private static final int ROWS = 2537;
    private static final int[] LABELS = labels();

    private static int[] labels() {
        int[] labels = new int[ROWS];
        Arrays.fill(labels, 2000, 2500, 1);
        Arrays.fill(labels, 2500, ROWS, 2);
        // 1201 and 2537 have no divisor in common, so this is a permutation.
        return IntStream.range(0, ROWS)
                .map(i -> labels[(int) (i * 1201L % ROWS)])
                .toArray();
    }

    @Test
    void anEpochIsAsLongAsIfEveryClassWereTheLargest() {
        Oversampling balanced = Oversampling.balanced(List.of(2000L, 500L, 0L, 37L));

        assertThat(balanced.examples()).isEqualTo(6000);
        assertThat(balanced.repeats()).containsExactly(1.0, 4.0, 1.0, 2000 / 37.0);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 7})
    void everyClassComesAsOftenAndEveryExampleOfOneAlmostAsOften(int workers) {
        EpochPlan plan = plan(workers);
        int[] times = new int[ROWS];
        int trained = 0;
        for (int worker = 0; worker < workers; worker++) {
            for (long example : examples(plan, worker, 0)) {
                times[(int) (example % ROWS)]++;
                trained++;
            }
        }

        assertThat(trained).isEqualTo(6000);
        int[] byClass = new int[3];
        for (int row = 0; row < ROWS; row++) {
            byClass[LABELS[row]] += times[row];
        }
        for (int label = 0; label < 3; label++) {
            assertThat(byClass[label]).as("class %d", label).isBetween(1700, 2300);
        }
        assertThat(IntStream.range(0, ROWS).filter(row -> LABELS[row] == 1).map(row -> times[row]))
                .allSatisfy(n -> assertThat(n).isBetween(2, 6));
    }

    @Test
    void windowsBeginWithBatchesAndCoverTheEpoch() {
        EpochPlan plan = plan(2);
        ExampleOrder order = new ExampleOrder(plan, 128);

        for (int worker = 0; worker < 2; worker++) {
            int windows = order.windows(worker);
            assertThat(order.firstPosition(worker, windows)).isEqualTo(plan.examples(worker));
            for (int window = 0; window < windows; window++) {
                assertThat(order.firstPosition(worker, window) % 8).isZero();
                assertThat(order.windowAt(worker, order.firstPosition(worker, window)))
                        .isEqualTo(window);
                assertThat(order.windowAt(worker, order.firstPosition(worker, window + 1) - 1))
                        .isEqualTo(window);
            }
        }
        assertThat(plan.rounds(0).stream().mapToLong(plan::examplesIn).sum()).isEqualTo(6000);
    }

    @Test
    void aCopyHasANumberOfItsOwnAndEachEpochDrawsAnew() {
        EpochPlan plan = plan(1);

        List<Long> first = examples(plan, 0, 0);
        Set<Long> numbers = new HashSet<>(first);

        assertThat(numbers).hasSize(6000);
        assertThat(first).isEqualTo(examples(plan, 0, 0)).isNotEqualTo(examples(plan, 0, 1));
    }

    private static EpochPlan plan(int workers) {
        return new EpochPlan(ROWS, Oversampling.balanced(ROWS_PER_CLASS), 2, workers, 8, AveragingPeriod.fixed(4), 5);
    }

    /** What a worker trains in an epoch. */
    private static List<Long> examples(EpochPlan plan, int worker, int epoch) {
        ExampleOrder order = new ExampleOrder(plan, 128);
        Shard shard = new Shard(worker, order, block -> {
            int first = order.firstRow(worker, block);
            int end = order.firstRow(worker, block + 1);
            int offset = (int) plan.firstRow(worker);
            return new Block(Arrays.copyOfRange(LABELS, offset + first, offset + end), new byte[end - first]);
        });
        List<Long> examples = new ArrayList<>();
        shard.windows(epoch).forEachRemaining(window -> {
            for (long example : window.minibatch(window.first(), window.end()).examples()) {
                examples.add(example);
            }
        });
        return examples;
    }
}
