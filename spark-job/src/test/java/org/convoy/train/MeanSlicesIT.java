package org.convoy.train;

import java.nio.FloatBuffer;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkEnv;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.rdd.RDD;
import org.apache.spark.storage.BlockId;
import org.apache.spark.storage.BlockManager;
import org.apache.spark.util.TaskCompletionListener;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import scala.collection.JavaConverters;
import scala.runtime.AbstractFunction1;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class MeanSlicesIT {
    private static final int SLICES = 3;

    /** Values of the vector; slice s of three begins at the index 7s / 3, rounded down. */
    private static final int LENGTH = 7;

    private static final AtomicIntegerArray SUMMED = new AtomicIntegerArray(SLICES);
    private static final AtomicInteger LOSSES = new AtomicInteger();

    private JavaSparkContext spark;

    @BeforeEach
    void start() {
        spark = new JavaSparkContext(
                new SparkConf().setMaster("local[2]").setAppName("MeanSlicesIT").set("spark.ui.enabled", "false"));
        for (int slice = 0; slice < SLICES; slice++) {
            SUMMED.set(slice, 0);
        }
    }

    @AfterEach
    void stop() {
        spark.stop();
    }

    @Test
    void joinsTheValuesInTheOrderOfTheSlices() throws Exception {
        MeanSlices slices = new MeanSlices(SLICES);

        assertThat(FloatBytes.decode(joined(slices, 0))).containsExactly(0, 0, 1, 1, 2, 2, 2);
        assertThat(summed()).containsExactly(1, 1, 1);
        slices.forget(); // which nobody waits for
        for (int i = 0; i < 500 && !slicesHere("mean").isEmpty(); i++) {
            Thread.sleep(10);
        }
        assertThat(slicesHere("mean")).isEmpty();
    }

    @Test
    void aSliceThatIsLostBeforeTheDriverHasItIsSummedAgainAndNoOther() {
        assertThat(FloatBytes.decode(joined(new MeanSlices(SLICES), 2))).containsExactly(0, 0, 1, 1, 2, 2, 2);
        assertThat(summed()).containsExactly(1, 3, 1);
    }

    @Test
    void whatIsLostEachTimeEndsTheTraining() {
        assertThatThrownBy(() -> joined(new MeanSlices(SLICES), Integer.MAX_VALUE))
                .hasMessage(
                        "Cannot receive slices [1] of a round's mean: 4 times the executor that summed them was lost");
    }

    /** @param losses how often slice 1 is lost as soon as its task has ended */
    private byte[] joined(MeanSlices slices, int losses) {
        LOSSES.set(losses);
        byte[] vector = new byte[LENGTH * Float.BYTES];
        RDD<SliceReduction.Mean> means = new PartitionwiseRdd<>(
                spark.parallelize(List.of(0, 1, 2), SLICES).rdd(), MeanSlicesIT::sum, SliceReduction.Mean.class);

        assertThat(slices.join(spark.sc(), means, vector))
                .extracting(SliceReduction.Mean::slice)
                .containsExactly(0, 1, 2);
        return vector;
    }

    private static Iterator<SliceReduction.Mean> sum(Iterator<Integer> slices) {
        int slice = slices.next();
        SUMMED.incrementAndGet(slice);
        if (slice == 1 && LOSSES.getAndDecrement() > 0) {
            TaskContext.get().addTaskCompletionListener((TaskCompletionListener) ended -> slicesHere("mean1")
                    .forEach(lost -> SparkEnv.get().blockManager().removeBlock(lost, true)));
        }
        int from = SliceReduction.firstValue(slice, SLICES, LENGTH);
        byte[] values = new byte[(SliceReduction.firstValue(slice + 1, SLICES, LENGTH) - from) * Float.BYTES];
        FloatBuffer view = FloatBytes.view(values);
        while (view.hasRemaining()) {
            view.put(slice);
        }
        return List.of(new SliceReduction.Mean(slice, values, List.of(), new double[0], true))
                .iterator();
    }

    private static List<BlockId> slicesHere(String name) {
        BlockManager blocks = SparkEnv.get().blockManager();
        return List.copyOf(JavaConverters.seqAsJavaList(blocks.getMatchingBlockIds(new AbstractFunction1<>() {
            @Override
            public Object apply(BlockId block) {
                return block.name().contains(name);
            }
        })));
    }

    private static List<Integer> summed() {
        return List.of(SUMMED.get(0), SUMMED.get(1), SUMMED.get(2));
    }
}
