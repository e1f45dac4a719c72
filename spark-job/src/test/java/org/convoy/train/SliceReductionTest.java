package org.convoy.train;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.junit.jupiter.api.Test;
import scala.Tuple2;

import static org.assertj.core.api.Assertions.assertThat;

class SliceReductionTest {
    @Test
    void averagesByExampleCount() {
        SliceReduction.Mean mean =
                new SliceReduction(1, 2, 2).mean(0, List.of(slice(0, 30, 1f, -4f), slice(1, 10, 5f, 8f)));

        assertThat(FloatBytes.decode(mean.values())).containsExactly(2f, -1f);
    }

    @Test
    void aWorkerWithoutExamplesHasNoSay() {
        SliceReduction.Mean mean = new SliceReduction(1, 2, 2)
                .mean(0, List.of(slice(0, 8, 1f, 2f), new WorkerSlice(work(1, 0), new byte[0])));

        assertThat(FloatBytes.decode(mean.values())).containsExactly(1f, 2f);
        assertThat(mean.work()).hasSize(2);
    }

    @Test
    void identicalReplicasAverageToThemselvesBitForBit() {
        float[] values = {0.1f, -1e-30f, 3.4e38f, 1f / 3};
        SliceReduction.Mean mean = new SliceReduction(1, 4, 4)
                .mean(0, List.of(slice(0, 7, values), slice(1, 13, values), slice(2, 64, values)));

        assertThat(FloatBytes.decode(mean.values())).containsExactly(values);
        assertThat(mean.squaredDistances()).containsExactly(0.0, 0.0, 0.0);
    }

    @Test
    void theOrderOfArrivalChangesNoBit() {
        List<WorkerSlice> workers = new ArrayList<>();
        for (int worker = 0; worker < 9; worker++) {
            workers.add(slice(worker, worker + 1, (float) Math.sin(worker) * 1e5f, 1f / (worker + 1)));
        }
        byte[] inOrder = reduced(workers);
        java.util.Collections.reverse(workers);

        assertThat(reduced(workers)).isEqualTo(inOrder);
    }

    @Test
    void distancesCountParametersButNotOptimiserState() {
        // Two values, of which only the first is a parameter.
        SliceReduction.Mean mean =
                new SliceReduction(1, 2, 1).mean(0, List.of(slice(0, 1, 1f, 100f), slice(1, 1, 3f, -100f)));

        assertThat(mean.squaredDistances()).containsExactly(1.0, 1.0);
    }

    @Test
    void slicesCoverTheVectorOnce() {
        int length = 1001;
        int slices = 7;

        assertThat(SliceReduction.firstValue(0, slices, length)).isZero();
        assertThat(SliceReduction.firstValue(slices, slices, length)).isEqualTo(length);
        for (int slice = 0; slice < slices; slice++) {
            assertThat(SliceReduction.firstValue(slice + 1, slices, length)
                            - SliceReduction.firstValue(slice, slices, length))
                    .isBetween(143, 144);
        }
    }

    private static byte[] reduced(List<WorkerSlice> arriving) {
        Iterator<Tuple2<Integer, WorkerSlice>> records = arriving.stream()
                .map(workerSlice -> new Tuple2<>(0, workerSlice))
                .iterator();
        return new SliceReduction(1, 2, 2).call(records).next().values();
    }

    private static WorkerSlice slice(int worker, int examples, float... values) {
        return new WorkerSlice(work(worker, examples), FloatBytes.encode(values));
    }

    private static WorkerSlice.Work work(int worker, int examples) {
        return new WorkerSlice.Work(worker, examples, 0, 0, 0);
    }
}
