package org.convoy.train;

import java.io.Serializable;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.apache.spark.SparkContext;
import org.apache.spark.TaskContext;
import org.apache.spark.rdd.RDD;
import org.apache.spark.storage.BlockId;
import org.apache.spark.storage.BroadcastBlockId;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import scala.collection.JavaConverters;
import scala.reflect.ClassTag;
import scala.runtime.AbstractFunction2;

/**
 * A round's mean on its way to the driver. Each executor lays the slices that it summed out in its block storage, and the driver
 * takes them from there. (As a task's result, a slice is serialised and copied five times, a kilobyte at a time.)
 *
 * <p>If an executor is lost before its slices were taken, they are summed again elsewhere.
 */
final class MeanSlices {
    private static final Logger LOG = LoggerFactory.getLogger(MeanSlices.class);

    private static final String FIELD = "mean";

    /** As often as Spark tries a task. */
    private static final int ATTEMPTS = 4;

    private final long id = SliceBlocks.newId();
    private final int slices;

    /**
     * Slices that are summed.
     *
     * @param slices S
     */
    MeanSlices(int slices) {
        this.slices = slices;
    }

    /**
     * Computes the means, one job for all slices, and joins their values.
     *
     * @param means S partitions of one slice each
     * @param vector float32, where the joined values are written
     * @return the slices without their values, in order
     */
    List<SliceReduction.Mean> join(SparkContext spark, RDD<SliceReduction.Mean> means, byte[] vector) {
        SliceReduction.Mean[] taken = new SliceReduction.Mean[slices];
        List<Integer> missing = IntStream.range(0, slices).boxed().toList();
        for (int attempt = 1; !missing.isEmpty(); attempt++) {
            if (attempt > ATTEMPTS) {
                throw new IllegalStateException("Cannot receive slices " + missing + " of a round's mean: " + ATTEMPTS
                        + " times the executor that summed them was lost");
            }
            SliceReduction.Mean[] computed = (SliceReduction.Mean[]) spark.runJob(
                    means,
                    new Store(id),
                    JavaConverters.asScalaBuffer(
                            missing.stream().map(Object.class::cast).toList()),
                    ClassTag.apply(SliceReduction.Mean.class));
            for (SliceReduction.Mean mean : computed) {
                taken[mean.slice()] = mean;
            }
            missing = missing.parallelStream()
                    .filter(slice -> !take(slice, vector))
                    .toList();
        }
        return Arrays.asList(taken);
    }

    private boolean take(int slice, byte[] vector) {
        int length = vector.length / Float.BYTES;
        int from = SliceReduction.firstValue(slice, slices, length) * Float.BYTES;
        int to = SliceReduction.firstValue(slice + 1, slices, length) * Float.BYTES;
        for (int at = from; at < to; at += SliceBlocks.LARGEST_BYTES) {
            BlockId block = block(id, slice, at - from);
            Optional<ByteBuffer> bytes = SliceBlocks.here(block).or(() -> SliceBlocks.elsewhere(block));
            if (bytes.isEmpty()) {
                LOG.warn(
                        "Slice {} of a round's mean is lost with the executor that summed it; it is summed again",
                        slice);
                return false;
            }
            bytes.get().get(vector, at, Math.min(SliceBlocks.LARGEST_BYTES, to - at));
        }
        return true;
    }

    /** Forgets the slices, here and on all executors. */
    void forget() {
        SliceBlocks.forget(id);
    }

    /** Whether a block holds a slice of a mean, or a part of one. */
    static boolean isSlice(BroadcastBlockId block) {
        return block.field().startsWith(FIELD);
    }

    private static BlockId block(long id, int slice, int from) {
        return new BroadcastBlockId(id, FIELD + slice + "from" + from);
    }

    /** The end of a task: lays out the values of its slice, and sends the rest to the driver. */
    private static final class Store
            extends AbstractFunction2<TaskContext, scala.collection.Iterator<SliceReduction.Mean>, SliceReduction.Mean>
            implements Serializable {
        private static final long serialVersionUID = 1L;

        private final long id;

        Store(long id) {
            this.id = id;
        }

        @Override
        public SliceReduction.Mean apply(TaskContext task, scala.collection.Iterator<SliceReduction.Mean> partition) {
            SliceReduction.Mean mean = partition.next();
            byte[] values = mean.values();
            for (int from = 0; from < values.length; from += SliceBlocks.LARGEST_BYTES) {
                int length = Math.min(SliceBlocks.LARGEST_BYTES, values.length - from);
                SliceBlocks.store(block(id, mean.slice(), from), ByteBuffer.wrap(values, from, length));
            }
            return mean.withoutValues();
        }
    }
}
