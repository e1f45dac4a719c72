package org.convoy.model;

import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

import static org.assertj.core.api.Assertions.assertThat;

class FlatVectorTest {
    private static final int VALUES = 1000;

    @Test
    void aViewShowsTheVectorsOwnMemory() {
        INDArray whole = Nd4j.arange(10).castTo(DataType.FLOAT);
        INDArray part = whole.get(NDArrayIndex.interval(4, 7));

        FloatBuffer view = FlatVector.view(part);
        view.put(1, 50);

        assertThat(TestNetworks.values(view)).containsExactly(4, 50, 6);
        assertThat(whole.getFloat(5)).isEqualTo(50);
    }

    /** Memory that the collector freed under a view would soon be another array's. */
    @Test
    void aViewKeepsTheMemoryOfItsVector() throws InterruptedException {
        FloatBuffer view = FlatVector.view(Nd4j.valueArrayOf(VALUES, 7f)).slice();
        List<INDArray> others = new ArrayList<>();

        for (int i = 0; i < 20; i++) {
            System.gc();
            Thread.sleep(20);
            for (int j = 0; j < 100; j++) {
                others.add(Nd4j.zeros(VALUES));
            }
        }

        assertThat(TestNetworks.values(view)).containsOnly(7f);
        others.forEach(INDArray::close);
    }
}
