package org.convoy.model;

import java.nio.FloatBuffer;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Copies between a flat float32 vector of ND4J and a Java array, in one block. */
final class FlatVector {
    private FlatVector() {}

    static float[] read(INDArray vector) {
        float[] values = new float[Math.toIntExact(vector.length())];
        buffer(vector).get(values);
        return values;
    }

    static void write(float[] values, INDArray vector) {
        if (values.length != vector.length()) {
            throw new IllegalArgumentException(
                    "vector must have " + vector.length() + " values but was given " + values.length);
        }
        buffer(vector).put(values);
    }

    private static FloatBuffer buffer(INDArray vector) {
        FloatBuffer whole = vector.data().asNioFloat();
        whole.position(Math.toIntExact(vector.offset()));
        return whole;
    }
}
