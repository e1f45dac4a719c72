package org.convoy.train;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.serializer.SerializationStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import scala.Tuple2;
import scala.reflect.ClassTag;

import static org.assertj.core.api.Assertions.assertThat;

class SliceReductionTest {
    @Test
    void averagesByExampleCount() {
        SliceReduction.Mean mean = new SliceReduction(1, 2, 2, WireFormat.FLOAT32)
                .mean(0, List.of(slice(0, 30, 1f, -4f), slice(1, 10, 5f, 8f)));

        assertThat(FloatBytes.decode(mean.values())).containsExactly(2f, -1f);
    }

    @Test
    void aWorkerWithoutExamplesHasNoSay() {
        SliceReduction.Mean mean = new SliceReduction(1, 2, 2, WireFormat.FLOAT32)
                .mean(0, List.of(slice(0, 8, 1f, 2f), new WorkerSlice(work(1, 0), new byte[0])));

        assertThat(FloatBytes.decode(mean.values())).containsExactly(1f, 2f);
        assertThat(mean.work()).hasSize(2);
    }

    @Test
    void identicalReplicasAverageToThemselvesBitForBit() {
        float[] values = {0.1f, -1e-30f, 3.4e38f, 1f / 3};
        SliceReduction.Mean mean = new SliceReduction(1, 4, 4, WireFormat.FLOAT32)
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
        SliceReduction.Mean mean = new SliceReduction(1, 2, 1, WireFormat.FLOAT32)
                .mean(0, List.of(slice(0, 1, 1f, 100f), slice(1, 1, 3f, -100f)));

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

    @Test
    void aValueThatIsNoNumberIsSeenAmongParametersAndOptimiserState() {
        SliceReduction reduction = new SliceReduction(1, 2, 1, WireFormat.FLOAT32);

        assertThat(reduction
                        .mean(0, List.of(slice(0, 1, 1f, 2f), slice(1, 1, 3f, 1f)))
                        .finite())
                .isTrue();
        assertThat(reduction
                        .mean(0, List.of(slice(0, 1, Float.NaN, 2f), slice(1, 1, 3f, 1f)))
                        .finite())
                .isFalse();
        assertThat(reduction
                        .mean(0, List.of(slice(0, 1, 1f, Float.POSITIVE_INFINITY), slice(1, 1, 3f, 1f)))
                        .finite())
                .isFalse();
    }

    @Test
    void averagesChangesThatCameInSixteenBits() {
        byte[] one = new byte[4];
        WireFormat.BFLOAT16.encode(new float[] {3, 5}, new float[] {2, 2}, 2, one);
        byte[] other = new byte[4];
        WireFormat.BFLOAT16.encode(new float[] {2, 1}, new float[] {2, 2}, 2, other);

        SliceReduction.Mean mean = new SliceReduction(1, 2, 2, WireFormat.BFLOAT16)
                .mean(0, List.of(new WorkerSlice(work(0, 1), one), new WorkerSlice(work(1, 3), other)));

        assertThat(FloatBytes.decode(mean.values())).containsExactly(0.25f, 0f);
    }

    @ParameterizedTest
    @EnumSource(WireFormat.class)
    void recordsOfTheShuffleComeBackInSlicesOverSeveralPieces(WireFormat wire) {
        WorkerSlice.Work work = new WorkerSlice.Work(3, "host/1", 64, 1.25, 0.5, 2.5);
        FloatBuffer parameters = FloatBuffer.allocate(3000);
        FloatBuffer optimiserState = FloatBuffer.allocate(4000);
        parameters.put(2999, 1).put(100, 4);
        optimiserState.put(0, 2).put(3999, 3);
        FloatBuffer start = FloatBuffer.allocate(7000);
        List<FloatBuffer> reached = List.of(parameters, optimiserState);

        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (SerializationStream out = new SliceSerializer().newInstance().serializeStream(bytes)) {
            write(out, 5, new OutgoingSlice(work, wire, reached, start, 0, 2500));
            write(out, 6, new OutgoingSlice(work, wire, reached, start, 2500, 4500));
            write(out, 7, new OutgoingSlice(work, wire, List.of(), FloatBuffer.allocate(0), 0, 0));
        }

        List<Tuple2<Object, Object>> read = new ArrayList<>();
        scala.collection.Iterator<Tuple2<Object, Object>> records = new SliceSerializer()
                .newInstance()
                .deserializeStream(new ByteArrayInputStream(bytes.toByteArray()))
                .asKeyValueIterator();
        while (records.hasNext()) {
            read.add(records.next());
        }

        assertThat(read).extracting(Tuple2::_1).containsExactly(5, 6, 7);
        assertThat(read)
                .extracting(record -> ((WorkerSlice) record._2()).work())
                .containsOnly(work);
        float[] first = new float[2500];
        float[] second = new float[4500];
        wire.decode(((WorkerSlice) read.get(0)._2()).values(), 0, first, 2500);
        wire.decode(((WorkerSlice) read.get(1)._2()).values(), 0, second, 4500);
        assertThat(first[100]).isEqualTo(4);
        assertThat(second[499]).isEqualTo(1);
        assertThat(second[500]).isEqualTo(2);
        assertThat(second[4499]).isEqualTo(3);
        assertThat(((WorkerSlice) read.get(2)._2()).values()).isEmpty();
    }

    private static void write(SerializationStream out, int slice, OutgoingSlice values) {
        out.writeKey(slice, ClassTag.apply(Integer.class));
        out.writeValue(values, ClassTag.apply(OutgoingSlice.class));
    }

    private static byte[] reduced(List<WorkerSlice> arriving) {
        Iterator<Tuple2<Integer, WorkerSlice>> records = arriving.stream()
                .map(workerSlice -> new Tuple2<>(0, workerSlice))
                .iterator();
        return new SliceReduction(1, 2, 2, WireFormat.FLOAT32)
                .call(records)
                .next()
                .values();
    }

    private static WorkerSlice slice(int worker, int examples, float... values) {
        return new WorkerSlice(work(worker, examples), FloatBytes.encode(values));
    }

    private static WorkerSlice.Work work(int worker, int examples) {
        return new WorkerSlice.Work(worker, "host/0", examples, 0, 0, 0);
    }
}
