package org.convoy.train;

import java.util.BitSet;
import java.util.List;
import java.util.SplittableRandom;
import org.convoy.model.InputShape;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class WindowTest {
    /** Two blocks of two and one pictures of two bytes, from position 10 of the worker's order on. */
    private final Window window = new Window(
            10,
            2,
            List.of(new Block(new int[] {7, 8}, new byte[] {1, 2, 3, 4}), new Block(new int[] {9}, new byte[] {5, 6})),
            new long[] {100, 50},
            new int[] {2, 0, 1},
            1000);

    @Test
    void gathersPicturesOfAllBlocksInItsOrder() {
        assertThat(window.first()).isEqualTo(10);
        assertThat(window.end()).isEqualTo(13);
        assertThat(window.minibatch(10, 12).pixels()).containsExactly(5, 6, 1, 2);
        assertThat(window.minibatch(10, 12).labels().first()).containsExactly(9, 7);
        assertThat(window.minibatch(10, 12).examples()).containsExactly(50, 100);
        assertThat(window.minibatch(12, 13).pixels()).containsExactly(3, 4);
        assertThat(window.minibatch(12, 13).labels().first()).containsExactly(8);
        assertThat(window.minibatch(12, 13).examples()).containsExactly(101);
    }

    @Test
    void picturesCountAsTheirBlockSays() {
        Window weighted = new Window(
                0,
                2,
                List.of(
                        new Block(new int[] {7, 8}, new float[] {0.5f, 2}, new byte[4]),
                        new Block(new int[] {9}, new float[] {3}, new byte[2])),
                new long[] {0, 2},
                new int[] {2, 0, 1, 2},
                1000);

        assertThat(weighted.minibatch(0, 4).labels().weights()).containsExactly(3, 0.5f, 2, 3);
        assertThat(weighted.minibatch(0, 4).examples()).containsExactly(2, 0, 1, 1002);
        assertThat(window.minibatch(10, 13).labels().weights()).containsExactly(1, 1, 1);
    }

    @Test
    void examplesAreRowsOfTheTrainSplitWhateverTheOrder() {
        EpochPlan plan = new EpochPlan(101, 1, 2, 4, AveragingPeriod.fixed(4), 5);
        RandomBlocks blocks = new RandomBlocks(new ExampleOrder(plan, 8), new InputShape(1, 2, 2), 1000);
        Shard second = blocks.shard(1);

        BitSet seen = new BitSet();
        second.windows(3).forEachRemaining(all -> {
            Window.Minibatch batch = all.minibatch(all.first(), all.end());
            for (int i = 0; i < batch.labels().size(); i++) {
                long example = batch.examples()[i];
                seen.set((int) example);
                // The label is the row's own.
                assertThat(batch.labels().first()[i]).isEqualTo(new SplittableRandom(example).nextInt(1000));
            }
        });
        assertThat(seen.nextSetBit(0)).isEqualTo(50);
        assertThat(seen.cardinality()).isEqualTo(51);
    }
}
