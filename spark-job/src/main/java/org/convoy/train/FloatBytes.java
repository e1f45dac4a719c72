package org.convoy.train;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Flat float32 vectors as they travel: raw little-endian bytes, four per value. */
final class FloatBytes {
    private FloatBytes() {}

    static byte[] encode(float[] values) {
        return encode(values, 0, values.length);
    }

    /** Encodes {@code values[from]} up to but without {@code values[to]}. */
    static byte[] encode(float[] values, int from, int to) {
        byte[] bytes = new byte[Math.multiplyExact(to - from, Float.BYTES)];
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().put(values, from, to - from);
        return bytes;
    }

    static float[] decode(byte[] bytes) {
        float[] values = new float[bytes.length / Float.BYTES];
        decodeInto(bytes, values, 0);
        return values;
    }

    /** Decodes all of {@code bytes} into {@code values} from index {@code at}. */
    static void decodeInto(byte[] bytes, float[] values, int at) {
        ByteBuffer.wrap(bytes)
                .order(ByteOrder.LITTLE_ENDIAN)
                .asFloatBuffer()
                .get(values, at, bytes.length / Float.BYTES);
    }
}
