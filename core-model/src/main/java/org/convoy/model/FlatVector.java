package org.convoy.model;

import java.nio.FloatBuffer;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A flat float32 vector of ND4J as Java reads and writes it: in one block, or in place. */
final class FlatVector {
    private FlatVector() {}

    static float[] read(INDArray vector) {
        float[] values = new float[Math.toIntExact(vector.length())];
        view(vector).get(values);
        return values;
    }

    static void write(float[] values, INDArray vector) {
        if (values.length != vector.length()) {
            throw new IllegalArgumentException(
                    "vector must have " + vector.length() + " values but was given " + values.length);
        }
        view(vector).put(values);
    }

    /** The vector's own memory, valid as long as the vector is. */
    static FloatBuffer view(INDArray vector) {
        FloatBuffer whole = vector.data().asNioFloat();
        return whole.position(Math.toIntExact(vector.offset())).slice();
    }
}
