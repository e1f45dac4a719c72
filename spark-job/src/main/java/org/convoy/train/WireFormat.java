package org.convoy.train;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.ShortBuffer;

/** How a worker's values travel to the reduction. θ itself always travels as float32: it is what all workers start from. */
enum WireFormat {
    /** The values as they are. */
    FLOAT32(Float.BYTES) {
        @Override
        void encode(float[] values, float[] start, int count, byte[] into) {
            FloatBytes.view(into).put(values, 0, count);
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
    BFLOAT16(Short.BYTES) {
        @Override
        void encode(float[] values, float[] start, int count, byte[] into) {
            ShortBuffer out = shorts(into);
            for (int i = 0; i < count; i++) {
                out.put(i, bfloat16(values[i] - start[i]));
            }
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

    private final int bytes;

    WireFormat(int bytes) {
        this.bytes = bytes;
    }

    /** Bytes of one value. */
    int bytes() {
        return bytes;
    }

    /**
     * Encodes the first {@code count} values.
     *
     * @param values what the worker reached
     * @param start what it started from
     */
    abstract void encode(float[] values, float[] start, int count, byte[] into);

    /** Decodes {@code count} values from index {@code first}. */
    abstract void decode(byte[] bytes, int first, float[] into, int count);

    /** Whether what travels is to be added to the round's start. */
    abstract boolean carriesChanges();
}
