package org.convoy.demo;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class DigitPainterTest {
    private static final int PIXELS = DigitPainter.SIDE * DigitPainter.SIDE;

    private final DigitPainter painter = new DigitPainter(7);

    @Test
    void drawsTheSamePictureAgainFromTheSameSeedDigitAndIndex() {
        assertThat(new DigitPainter(7).png(3, 12)).isEqualTo(painter.png(3, 12));
        assertThat(new DigitPainter(8).png(3, 12)).isNotEqualTo(painter.png(3, 12));
    }

    @Test
    void drawsEveryIndexDifferently() {
        Set<String> seen = new HashSet<>();
        for (int digit = 0; digit < DigitPainter.DIGITS; digit++) {
            for (int index = 0; index < 50; index++) {
                assertThat(seen.add(Arrays.toString(pixels(digit, index))))
                        .as("picture %d of digit %d", index, digit)
                        .isTrue();
            }
        }
    }

    @Test
    void encodesGreyPicturesOf28By28() throws IOException {
        BufferedImage image = ImageIO.read(new ByteArrayInputStream(painter.png(5, 1)));

        assertThat(image.getWidth()).isEqualTo(28);
        assertThat(image.getHeight()).isEqualTo(28);
        assertThat(image.getType()).isEqualTo(BufferedImage.TYPE_BYTE_GRAY);
    }

    @Test
    void classMeansTellDigitsApartButAreNotEnough() {
        double[][] means = new double[DigitPainter.DIGITS][PIXELS];
        for (int digit = 0; digit < DigitPainter.DIGITS; digit++) {
            for (int index = 0; index < 100; index++) {
                int[] pixels = pixels(digit, index);
                for (int p = 0; p < PIXELS; p++) {
                    means[digit][p] += pixels[p] / 100.0;
                }
            }
        }

        double[] accuracy = new double[DigitPainter.DIGITS];
        for (int digit = 0; digit < DigitPainter.DIGITS; digit++) {
            for (int index = 100; index < 150; index++) {
                accuracy[digit] += nearest(means, pixels(digit, index)) == digit ? 1 / 50.0 : 0;
            }
        }

        assertThat(Arrays.stream(accuracy).average().orElseThrow()).isBetween(0.4, 0.85);
        assertThat(Arrays.stream(accuracy).min().orElseThrow()).isGreaterThan(0.2);
    }

    @Test
    void writesOneFolderPerDigit(@TempDir Path root) throws IOException {
        DigitPainter.writeFolder(root, 2, 7);

        assertThat(Files.readAllBytes(root.resolve("9/9-0002.png"))).isEqualTo(painter.png(9, 2));
        try (Stream<Path> files = Files.walk(root).filter(Files::isRegularFile)) {
            assertThat(files).hasSize(20);
        }
    }

    @Test
    void refusesWhatIsNoDigit() {
        assertThatThrownBy(() -> painter.png(10, 1)).hasMessage("digit must be from 0 to 9 but was 10");
    }

    private int[] pixels(int digit, int index) {
        try {
            return ImageIO.read(new ByteArrayInputStream(painter.png(digit, index)))
                    .getRaster()
                    .getPixels(0, 0, DigitPainter.SIDE, DigitPainter.SIDE, (int[]) null);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static int nearest(double[][] means, int[] pixels) {
        int best = 0;
        double least = Double.MAX_VALUE;
        for (int digit = 0; digit < means.length; digit++) {
            double distance = 0;
            for (int p = 0; p < pixels.length; p++) {
                distance += (pixels[p] - means[digit][p]) * (pixels[p] - means[digit][p]);
            }
            if (distance < least) {
                least = distance;
                best = digit;
            }
        }
        return best;
    }
}
