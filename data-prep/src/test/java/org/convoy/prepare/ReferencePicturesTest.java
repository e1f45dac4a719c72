package org.convoy.prepare;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.convoy.data.Colour;
import org.convoy.prepare.ImageDecoder.Decoded;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/** Against what Pillow makes of the same pictures; the README beside them says how. Errors are mean grey levels of 255. */
class ReferencePicturesTest {
    private static final double FULL_DECODE = 0.1;
    /** Pillow and TwelveMonkeys round the four components in unlike ways, and libtiff does in a third. */
    private static final double CMYK = 0.7;

    private static final double RESIZED = 0.5;
    private static final double REDUCED = 3;

    static List<String> references() {
        return Pictures.REFERENCES;
    }

    @ParameterizedTest
    @MethodSource("references")
    void decodesAsPillowDoes(String name) {
        BufferedImage expected = expected(name + ".png");

        Decoded decoded = (Decoded) LocalSpark.decoder(Colour.RGB, expected.getHeight(), expected.getWidth())
                .decode(Pictures.reference(name));

        assertThat(decoded.sourceHeight()).isEqualTo(expected.getHeight());
        assertThat(decoded.sourceWidth()).isEqualTo(expected.getWidth());
        assertThat(meanError(decoded, expected)).isLessThan(name.startsWith("cmyk") ? CMYK : FULL_DECODE);
    }

    @Test
    void makesGreyAsPillowDoes() {
        BufferedImage expected = expected("photo.grey.png");

        Decoded decoded = (Decoded) LocalSpark.decoder(Colour.GREY, expected.getHeight(), expected.getWidth())
                .decode(Pictures.reference("photo.jpg"));

        assertThat(meanError(decoded, expected)).isLessThan(FULL_DECODE);
    }

    static Stream<String> sizes() {
        return Stream.of("centre-crop", "exact", "pad").flatMap(resize -> Stream.of("24x24", "33x20", "13x40", "64x120")
                .map(size -> resize + "." + size));
    }

    @ParameterizedTest
    @MethodSource("sizes")
    void resizesAsPillowDoes(String resizeAndSize) {
        String resize = resizeAndSize.substring(0, resizeAndSize.indexOf('.'));
        BufferedImage expected = expected("photo." + resizeAndSize + ".png");

        Decoded decoded = (Decoded) LocalSpark.decoder(
                        Colour.RGB, expected.getHeight(), expected.getWidth(), "prepare.image.resize=" + resize)
                .decode(Pictures.reference("photo.jpg"));

        assertThat(meanError(decoded, expected)).isLessThan(RESIZED);
    }

    @ParameterizedTest
    @CsvSource({"full, " + RESIZED, "reduced, " + REDUCED})
    void reducesALargeJpegWithinItsBound(String jpegDecode, double bound) {
        BufferedImage expected = expected("large.centre-crop.32x32.png");

        Decoded decoded = (Decoded) LocalSpark.decoder(Colour.RGB, 32, 32, "prepare.image.jpeg-decode=" + jpegDecode)
                .decode(Pictures.reference("large.jpg"));

        assertThat(meanError(decoded, expected)).isLessThan(bound);
    }

    @Test
    void decodesFewerPixelsWhereReducedIsAsked() {
        byte[] large = Pictures.reference("large.jpg");
        ImageDecoder full = LocalSpark.decoder(Colour.RGB, 32, 32);
        ImageDecoder reduced = LocalSpark.decoder(Colour.RGB, 32, 32, "prepare.image.jpeg-decode=reduced");

        assertThat(((Decoded) reduced.decode(large)).pixels()).isNotEqualTo(((Decoded) full.decode(large)).pixels());
        assertThat(((Decoded) reduced.decode(large)).sourceWidth()).isEqualTo(480);
    }

    /** Half of the orientations swap its sides, and its last column of blocks is cut off. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8})
    void turnsReducedPicturesToo(int orientation) {
        byte[] picture = Pictures.reference("orientation-" + orientation + ".jpg");
        boolean swapped = orientation > 4;
        int height = swapped ? 10 : 7;
        int width = swapped ? 7 : 10;
        byte[] full = ((Decoded) LocalSpark.decoder(Colour.RGB, height, width).decode(picture)).pixels();
        byte[] reduced = ((Decoded) LocalSpark.decoder(Colour.RGB, height, width, "prepare.image.jpeg-decode=reduced")
                        .decode(picture))
                .pixels();

        assertThat(reduced).isNotEqualTo(full).hasSameSizeAs(full);
        long sum = 0;
        for (int i = 0; i < full.length; i++) {
            sum += Math.abs((full[i] & 0xFF) - (reduced[i] & 0xFF));
        }
        assertThat((double) sum / full.length).isLessThan(REDUCED);
    }

    private static double meanError(Decoded decoded, BufferedImage expected) {
        int[] samples = expected.getRaster().getPixels(0, 0, expected.getWidth(), expected.getHeight(), (int[]) null);
        int channels = expected.getRaster().getNumBands();
        int plane = samples.length / channels;
        byte[] pixels = decoded.pixels();
        assertThat(pixels).hasSize(samples.length);
        long sum = 0;
        for (int i = 0; i < samples.length; i++) {
            sum += Math.abs(samples[i] - (pixels[i % channels * plane + i / channels] & 0xFF));
        }
        return (double) sum / samples.length;
    }

    /** PNG as the JDK reads it, which shares no code with the decoder. */
    private static BufferedImage expected(String name) {
        try {
            return ImageIO.read(new ByteArrayInputStream(Pictures.reference(name)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
