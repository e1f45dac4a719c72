package org.convoy.model;

import java.nio.FloatBuffer;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A flat float32 vector of ND4J as Java reads and writes it, in place. */
final class FlatVector {
    private FlatVector() {}

    static void write(FloatBuffer values, INDArray vector) {
        write(values, view(vector));
    }

    static void write(FloatBuffer values, FloatBuffer vector) {
        if (values.remaining() != vector.remaining()) {
            throw new IllegalArgumentException(
                    "vector must have " + vector.remaining() + " values but was given " + values.remaining());
        }
        vector.duplicate().put(values.duplicate());
    }

    /** The vector's own memory, valid as long as the vector is. */
    static FloatBuffer view(INDArray vector) {
        FloatBuffer whole = vector.data().asNioFloat();
        return whole.position(Math.toIntExact(vector.offset())).slice();
    }
}
