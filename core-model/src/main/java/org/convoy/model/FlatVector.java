package org.convoy.model;

import java.lang.ref.Cleaner;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import org.nd4j.linalg.api.concurrency.AffinityManager;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** An array of ND4J whose float32 values lie one after the other, as Java reads and writes it, in place. */
final class FlatVector {
    /** Holds the owners of buffers that are in use. */
    private static final Cleaner OWNERS = Cleaner.create();

    /** Whose memory a buffer shows. There is nothing to do when the buffer is garbage but to let go of it. */
    private record Owner(INDArray vector) implements Runnable {
        @Override
        public void run() {}
    }

    private FlatVector() {}

    static void write(FloatBuffer values, INDArray vector) {
        write(values, view(vector));
        written(vector);
    }

    static void write(FloatBuffer values, FloatBuffer vector) {
        if (values.remaining() != vector.remaining()) {
            throw new IllegalArgumentException(
                    "vector must have " + vector.remaining() + " values but was given " + values.remaining());
        }
        vector.duplicate().put(values.duplicate());
    }

    /** Brings what a GPU wrote into the memory that {@link #view} shows; on the processor there is only one. */
    static void fetch(INDArray vector) {
        Nd4j.getAffinityManager().ensureLocation(vector, AffinityManager.Location.HOST);
    }

    /** Says that {@link #view} was written, so that a GPU takes it from there before it computes. */
    static void written(INDArray vector) {
        Nd4j.getAffinityManager().tagLocation(vector, AffinityManager.Location.HOST);
    }

    /** The vector's own memory on the host, which stays until the view and all that is made of it is garbage, or the vector closed. */
    static FloatBuffer view(INDArray vector) {
        fetch(vector);
        ByteBuffer memory = vector.data().pointer().asByteBuffer();
        // The buffer holds nothing that holds its memory. What is sliced from it holds the buffer itself.
        OWNERS.register(memory, new Owner(vector));
        return memory.order(ByteOrder.nativeOrder())
                .asFloatBuffer()
                .slice(Math.toIntExact(vector.offset()), Math.toIntExact(vector.length()));
    }
}
