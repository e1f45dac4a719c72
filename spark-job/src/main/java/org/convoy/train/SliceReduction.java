package org.convoy.train;

import java.io.Serializable;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.Partitioner;
import org.apache.spark.api.java.function.FlatMapFunction;
import scala.Tuple2;

/**
 * Averages one slice of all workers' vectors, on one executor: {@code Σ n_k θ_k / Σ n_k}, summed in worker order in float64,
 * so that the result is the same bit for bit in whatever order the slices arrive.
 *
 * @param slices S
 * @param vectorLength values of the whole vector
 * @param parameterCount how many of them are parameters; the rest is optimiser state
 * @param wire how the slices travel
 */
record SliceReduction(int slices, int vectorLength, int parameterCount, WireFormat wire)
        implements FlatMapFunction<Iterator<Tuple2<Integer, WorkerSlice>>, SliceReduction.Mean> {
    /** Values that are worked on at a time: they stay in the processor's cache. */
    private static final int CHUNK = 2048;

    /**
     * One slice of the mean.
     *
     * @param slice which one
     * @param values raw float32; a mean of changes where the wire carries changes
     * @param work what each worker did, in worker order
     * @param squaredDistances by worker, this slice's share of ‖θ_k - θ̄‖² (parameters only)
     * @param finite whether all values are numbers, the optimiser's state as well
     */
    @SuppressWarnings("ArrayRecordComponent") // carried, never compared
    record Mean(int slice, byte[] values, List<WorkerSlice.Work> work, double[] squaredDistances, boolean finite)
            implements Serializable {

        Mean withoutValues() {
            return new Mean(slice, new byte[0], work, squaredDistances, finite);
        }
    }

    /** Sends slice s to partition s. */
    static final class BySlice extends Partitioner {
        private static final long serialVersionUID = 1L;

        private final int slices;

        BySlice(int slices) {
            this.slices = slices;
        }

        @Override
        public int numPartitions() {
            return slices;
        }

        @Override
        public int getPartition(Object slice) {
            return (Integer) slice;
        }
    }

    /** Index in the vector at which a slice begins. */
    static int firstValue(int slice, int slices, int vectorLength) {
        return Math.toIntExact((long) vectorLength * slice / slices);
    }

    @Override
    public Iterator<Mean> call(Iterator<Tuple2<Integer, WorkerSlice>> records) {
        int slice = -1;
        List<WorkerSlice> arrived = new ArrayList<>();
        while (records.hasNext()) {
            Tuple2<Integer, WorkerSlice> next = records.next();
            slice = next._1();
            arrived.add(next._2());
        }
        arrived.sort(Comparator.comparingInt(workerSlice -> workerSlice.work().worker()));
        return List.of(mean(slice, arrived)).iterator();
    }

    /** The weighted mean of one slice; {@code arrived} in worker order, workers without examples carry no values. */
    Mean mean(int slice, List<WorkerSlice> arrived) {
        int first = firstValue(slice, slices, vectorLength);
        int length = firstValue(slice + 1, slices, vectorLength) - first;
        long examples =
                arrived.stream().mapToLong(worker -> worker.work().examples()).sum();
        byte[] mean = new byte[Math.multiplyExact(length, Float.BYTES)];
        FloatBuffer out = FloatBytes.view(mean);
        float[][] squaredDistances = new float[arrived.size()][CHUNK];
        float[][] values = new float[arrived.size()][CHUNK];
        double[] sum = new double[CHUNK];
        float[] chunk = new float[CHUNK];
        float[] zeros = new float[CHUNK];
        for (int at = 0; at < length; at += CHUNK) {
            int count = Math.min(CHUNK, length - at);
            Arrays.fill(sum, 0);
            for (int k = 0; k < values.length; k++) {
                int weight = arrived.get(k).work().examples();
                if (weight > 0) {
                    wire.decode(arrived.get(k).values(), at, values[k], count);
                    addWeighted(sum, weight, values[k], count);
                }
            }
            divide(sum, examples, chunk, count);
            addTimesZero(zeros, chunk, count);
            out.put(chunk, 0, count);
            int parameters = Math.max(0, Math.min(count, parameterCount - first - at));
            for (int k = 0; k < values.length; k++) {
                if (arrived.get(k).work().examples() > 0) {
                    addSquaredDistances(squaredDistances[k], values[k], chunk, parameters);
                }
            }
        }
        return new Mean(
                slice,
                mean,
                arrived.stream().map(WorkerSlice::work).toList(),
                Arrays.stream(squaredDistances).mapToDouble(SliceReduction::sum).toArray(),
                sum(zeros) == 0);
    }

    // The loops below are such that the compiler makes several steps of each at once.

    private static void addWeighted(double[] sum, double weight, float[] values, int count) {
        for (int i = 0; i < count; i++) {
            sum[i] += weight * values[i];
        }
    }

    /** Rounds the means; a quotient by way of the reciprocal is off by less than float32 can show. */
    private static void divide(double[] sum, long examples, float[] into, int count) {
        double reciprocal = 1.0 / examples;
        for (int i = 0; i < count; i++) {
            into[i] = (float) (sum[i] * reciprocal);
        }
    }

    /** Leaves zeros as they are where {@code values} are numbers. */
    private static void addTimesZero(float[] zeros, float[] values, int count) {
        for (int i = 0; i < count; i++) {
            zeros[i] += values[i] * 0f;
        }
    }

    private static void addSquaredDistances(float[] squares, float[] values, float[] mean, int count) {
        for (int i = 0; i < count; i++) {
            float distance = values[i] - mean[i];
            squares[i] += distance * distance;
        }
    }

    private static double sum(float[] values) {
        double sum = 0;
        for (float value : values) {
            sum += value;
        }
        return sum;
    }
}
