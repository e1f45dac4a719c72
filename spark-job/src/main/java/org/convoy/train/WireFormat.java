package org.convoy.train;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.ShortBuffer;

/** How a worker's values travel to the reduction. θ itself always travels as float32: it is what all workers start from. */
enum WireFormat {
    /** The values as they are. */
    FLOAT32 {
        @Override
        byte[] encode(FloatBuffer values, FloatBuffer start) {
            byte[] bytes = new byte[Math.multiplyExact(values.remaining(), Float.BYTES)];
            FloatBytes.view(bytes).put(values.duplicate());
            return bytes;
        }

        @Override
        void decode(byte[] bytes, int first, float[] into, int count) {
            FloatBytes.view(bytes).get(first, into, 0, count);
        }

        @Override
        boolean carriesChanges() {
            return false;
        }
    },

    /**
     * What the round changed, as bfloat16: float32's first 16 bits, rounded to the nearest even (Kalamkar et al. 2019). A
     * change keeps 8 bits of precision at any size, where a parameter would lose its small changes altogether.
     */
    BFLOAT16 {
        private static final int CHUNK = 4096;

        @Override
        byte[] encode(FloatBuffer values, FloatBuffer start) {
            int length = values.remaining();
            byte[] bytes = new byte[Math.multiplyExact(length, Short.BYTES)];
            ShortBuffer out = shorts(bytes);
            float[] now = new float[CHUNK];
            float[] before = new float[CHUNK];
            short[] rounded = new short[CHUNK];
            for (int from = 0; from < length; from += CHUNK) {
                int count = Math.min(CHUNK, length - from);
                values.get(values.position() + from, now, 0, count);
                start.get(start.position() + from, before, 0, count);
                for (int i = 0; i < count; i++) {
                    rounded[i] = bfloat16(now[i] - before[i]);
                }
                out.put(rounded, 0, count);
            }
            return bytes;
        }

        @Override
        void decode(byte[] bytes, int first, float[] into, int count) {
            ShortBuffer in = shorts(bytes);
            for (int i = 0; i < count; i++) {
                into[i] = Float.intBitsToFloat(in.get(first + i) << 16);
            }
        }

        @Override
        boolean carriesChanges() {
            return true;
        }

        private static ShortBuffer shorts(byte[] bytes) {
            return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asShortBuffer();
        }

        private static short bfloat16(float value) {
            int bits = Float.floatToIntBits(value);
            if (Float.isNaN(value)) {
                // Rounding could carry a NaN over to infinity or zero.
                return (short) ((bits >>> 16) | 0x40);
            }
            return (short) ((bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16);
        }
    };

    /**
     * @param values what the worker reached
     * @param start the same part of what the round started from
     */
    abstract byte[] encode(FloatBuffer values, FloatBuffer start);

    /** Decodes {@code count} values from index {@code first}. */
    abstract void decode(byte[] bytes, int first, float[] into, int count);

    /** Whether what travels is to be added to the round's start. */
    abstract boolean carriesChanges();
}
