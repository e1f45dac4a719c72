package org.convoy.inspect;

import java.util.Random;
import org.convoy.data.ImageShape;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class PictureSignatureTest {
    private static final ImageShape GREY = new ImageShape(1, 48, 90);

    @Test
    void hasABitForEachCellThatIsDarkerThanItsRightNeighbour() {
        byte[] rising = new byte[GREY.pixels()];
        byte[] falling = new byte[GREY.pixels()];
        for (int i = 0; i < rising.length; i++) {
            rising[i] = (byte) (2 * (i % 90));
            falling[i] = (byte) (200 - 2 * (i % 90));
        }
        byte[] risingOnTop = rising.clone();
        System.arraycopy(falling, 0, risingOnTop, 24 * 90, 24 * 90);

        assertThat(PictureSignature.of(GREY, rising).hash()).isEqualTo(-1L);
        assertThat(PictureSignature.of(GREY, falling).hash()).isZero();
        assertThat(PictureSignature.of(GREY, risingOnTop).hash()).isEqualTo(0xFFFFFFFF00000000L);
    }

    @Test
    void hardlyChangesWithNoiseAndBrightness() {
        byte[] picture = blobs(1);
        Random random = new Random(5);
        byte[] noisy = new byte[picture.length];
        byte[] brighter = new byte[picture.length];
        for (int i = 0; i < picture.length; i++) {
            noisy[i] = (byte) Math.max(0, Math.min(255, (picture[i] & 0xFF) + random.nextInt(9) - 4));
            brighter[i] = (byte) Math.min(255, (picture[i] & 0xFF) + 20);
        }
        PictureSignature signature = PictureSignature.of(GREY, picture);

        assertThat(signature.distance(PictureSignature.of(GREY, noisy))).isLessThanOrEqualTo(3);
        assertThat(signature.difference(PictureSignature.of(GREY, noisy))).isLessThan(2);
        assertThat(signature.distance(PictureSignature.of(GREY, brighter))).isZero();
        assertThat(signature.difference(PictureSignature.of(GREY, brighter))).isBetween(19.0, 20.0);
        assertThat(signature.distance(PictureSignature.of(GREY, blobs(2)))).isGreaterThan(8);
    }

    @Test
    void weighsColoursByTheirLuma() {
        ImageShape colour = new ImageShape(3, 1, 1);

        assertThat(PictureSignature.of(colour, new byte[] {100, 0, 0}).grey()).containsOnly(29);
        assertThat(PictureSignature.of(colour, new byte[] {0, 100, 0}).grey()).containsOnly(58);
        assertThat(PictureSignature.of(colour, new byte[] {0, 0, 100}).grey()).containsOnly(11);
    }

    /** Smooth and without an edge at a cell's border. */
    private static byte[] blobs(long seed) {
        Random random = new Random(seed);
        double a = 3 + 4 * random.nextDouble();
        double b = 3 + 4 * random.nextDouble();
        double phase = 6 * random.nextDouble();
        byte[] pixels = new byte[GREY.pixels()];
        for (int i = 0; i < pixels.length; i++) {
            double x = i % 90 / 90.0;
            double y = Math.floorDiv(i, 90) / 48.0;
            pixels[i] = (byte) (115 + 100 * Math.sin(a * x * 2 + phase) * Math.cos(b * y * 2));
        }
        return pixels;
    }
}
