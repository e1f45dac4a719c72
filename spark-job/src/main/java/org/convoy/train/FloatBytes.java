package org.convoy.train;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;

/** Flat float32 vectors as they travel: raw little-endian bytes, four per value. */
final class FloatBytes {
    private FloatBytes() {}

    static byte[] encode(float[] values) {
        byte[] bytes = new byte[Math.multiplyExact(values.length, Float.BYTES)];
        view(bytes).put(values);
        return bytes;
    }

    static float[] decode(byte[] bytes) {
        float[] values = new float[bytes.length / Float.BYTES];
        view(bytes).get(values);
        return values;
    }

    /** The values in {@code bytes}, in place. */
    static FloatBuffer view(byte[] bytes) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
    }
}
