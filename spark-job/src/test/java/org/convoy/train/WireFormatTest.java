package org.convoy.train;

import java.util.Random;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class WireFormatTest {
    private static final int LENGTH = 10_001;

    private final float[] start = random(1, 1);
    private final float[] changes = random(2, 1e-4f);

    @Test
    void float32CarriesValuesExactly() {
        assertThat(decoded(WireFormat.FLOAT32, reached())).isEqualTo(reached());
    }

    @Test
    void bfloat16CarriesChangesToEightBitsAndInHalfTheBytes() {
        float[] decoded = decoded(WireFormat.BFLOAT16, reached());

        assertThat(WireFormat.BFLOAT16.bytes()).isEqualTo(2);
        for (int i = 0; i < LENGTH; i++) {
            float change = reached()[i] - start[i];
            assertThat((double) Math.abs(decoded[i] - change)).isLessThanOrEqualTo(Math.abs(change) / 256);
        }
    }

    @Test
    void bfloat16RoundsToTheNearestEven() {
        float half = 1 + 1f / 256;
        assertThat(throughBfloat16(half)).isEqualTo(1f);
        assertThat(throughBfloat16(Math.nextUp(half))).isEqualTo(1 + 1f / 128);
        assertThat(throughBfloat16(1 + 3f / 256)).isEqualTo(1 + 1f / 64);
        assertThat(throughBfloat16(-half)).isEqualTo(-1f);
    }

    @Test
    void bfloat16KeepsWhatIsNoNumber() {
        assertThat(throughBfloat16(Float.NaN)).isNaN();
        assertThat(throughBfloat16(Float.intBitsToFloat(0x7f800001))).isNaN();
        assertThat(throughBfloat16(Float.NEGATIVE_INFINITY)).isEqualTo(Float.NEGATIVE_INFINITY);
    }

    private static float throughBfloat16(float change) {
        byte[] bytes = new byte[2];
        WireFormat.BFLOAT16.encode(new float[] {change}, new float[1], 1, bytes);
        float[] decoded = new float[1];
        WireFormat.BFLOAT16.decode(bytes, 0, decoded, 1);
        return decoded[0];
    }

    private float[] decoded(WireFormat wire, float[] values) {
        byte[] bytes = new byte[LENGTH * wire.bytes()];
        wire.encode(values, start, LENGTH, bytes);
        float[] decoded = new float[LENGTH];
        // In two pieces, as the reduction goes through it.
        float[] rest = new float[LENGTH - 4000];
        wire.decode(bytes, 0, decoded, 4000);
        wire.decode(bytes, 4000, rest, rest.length);
        System.arraycopy(rest, 0, decoded, 4000, rest.length);
        return decoded;
    }

    private float[] reached() {
        float[] reached = start.clone();
        for (int i = 0; i < LENGTH; i++) {
            reached[i] += changes[i];
        }
        return reached;
    }

    private static float[] random(long seed, float size) {
        Random random = new Random(seed);
        float[] values = new float[LENGTH];
        for (int i = 0; i < LENGTH; i++) {
            values[i] = size * (float) random.nextGaussian();
        }
        return values;
    }
}
