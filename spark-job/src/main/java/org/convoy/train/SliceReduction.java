package org.convoy.train;

import java.io.Serializable;
import java.util.ArrayList;
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
 */
record SliceReduction(int slices, int vectorLength, int parameterCount)
        implements FlatMapFunction<Iterator<Tuple2<Integer, WorkerSlice>>, SliceReduction.Mean> {

    /**
     * One slice of the mean.
     *
     * @param slice which one
     * @param values raw float32
     * @param work what each worker did, in worker order
     * @param squaredDistances by worker, this slice's share of ‖θ_k - θ̄‖² (parameters only)
     */
    @SuppressWarnings("ArrayRecordComponent") // carried, never compared
    record Mean(int slice, byte[] values, List<WorkerSlice.Work> work, List<Double> squaredDistances)
            implements Serializable {}

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
        double[] sum = new double[firstValue(slice + 1, slices, vectorLength) - first];
        long examples = 0;
        for (WorkerSlice workerSlice : arrived) {
            int weight = workerSlice.work().examples();
            if (weight > 0) {
                float[] values = FloatBytes.decode(workerSlice.values());
                for (int i = 0; i < sum.length; i++) {
                    sum[i] += (double) weight * values[i];
                }
                examples += weight;
            }
        }
        float[] mean = new float[sum.length];
        for (int i = 0; i < sum.length; i++) {
            mean[i] = (float) (sum[i] / examples);
        }

        int parametersHere = Math.max(0, Math.min(mean.length, parameterCount - first));
        List<Double> squaredDistances = new ArrayList<>(arrived.size());
        for (WorkerSlice workerSlice : arrived) {
            squaredDistances.add(squaredDistance(FloatBytes.decode(workerSlice.values()), mean, parametersHere));
        }
        return new Mean(
                slice,
                FloatBytes.encode(mean),
                arrived.stream().map(WorkerSlice::work).toList(),
                squaredDistances);
    }

    private static double squaredDistance(float[] values, float[] mean, int length) {
        double sum = 0;
        for (int i = 0; i < Math.min(values.length, length); i++) {
            double difference = (double) values[i] - mean[i];
            sum += difference * difference;
        }
        return sum;
    }
}
