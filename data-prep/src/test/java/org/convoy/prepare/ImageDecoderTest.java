package org.convoy.prepare;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import org.convoy.data.Colour;
import org.convoy.prepare.ImageDecoder.Decoded;
import org.convoy.prepare.ImageDecoder.Refused;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

class ImageDecoderTest {
    @Test
    void storesColoursChannelByChannel() {
        byte[] png = Pictures.encode(rgb(2, 0x010203, 0x040506, 0xFFFEFD, 0x000000), "png");

        assertThat(decoded(Colour.RGB, 2, 2, png)).containsExactly(1, 4, 255, 0, 2, 5, 254, 0, 3, 6, 253, 0);
    }

    /** Read in several parts, of which the last is short and fills no group of four. */
    @Test
    void storesEveryPixelOfALargePictureOfTheTargetsSize() {
        int height = 151;
        int width = 301;
        int[] pixels = new Random(1).ints((long) height * width, 0, 1 << 24).toArray();
        int[] expected = new int[3 * pixels.length];
        for (int i = 0; i < pixels.length; i++) {
            expected[i] = pixels[i] >> 16;
            expected[pixels.length + i] = pixels[i] >> 8 & 0xFF;
            expected[2 * pixels.length + i] = pixels[i] & 0xFF;
        }

        assertThat(decoded(Colour.RGB, height, width, Pictures.encode(rgb(width, pixels), "png")))
                .isEqualTo(expected);
    }

    @Test
    void readsGreyAsItIsStored() {
        assertThat(decoded(Colour.GREY, 1, 3, Pictures.encode(grey(3, 0, 100, 255), "png")))
                .containsExactly(0, 100, 255);
    }

    @Test
    void repeatsGreyForColourTargets() {
        assertThat(decoded(Colour.RGB, 1, 2, Pictures.encode(grey(2, 7, 200), "png")))
                .containsExactly(7, 200, 7, 200, 7, 200);
    }

    /** 0.299 R + 0.587 G + 0.114 B. */
    @Test
    void makesGreyOfColourByLuma() {
        byte[] png = Pictures.encode(rgb(4, 0xFF0000, 0x00FF00, 0x0000FF, 0x646464), "png");

        assertThat(decoded(Colour.GREY, 1, 4, png)).containsExactly(76, 150, 29, 100);
    }

    /** Alpha 128 of 255: (0 * 128 + 255 * 127) / 255 = 127. */
    @Test
    void compositesTransparencyOnWhite() {
        BufferedImage image = new BufferedImage(3, 1, BufferedImage.TYPE_INT_ARGB);
        image.setRGB(0, 0, 0x00000000);
        image.setRGB(1, 0, 0x80000000);
        image.setRGB(2, 0, 0xFF0A0B0C);

        assertThat(decoded(Colour.RGB, 1, 3, Pictures.encode(image, "png")))
                .containsExactly(255, 127, 10, 255, 127, 11, 255, 127, 12);
    }

    @Test
    void scalesSixteenBitsToEight() {
        BufferedImage image = new BufferedImage(3, 1, BufferedImage.TYPE_USHORT_GRAY);
        image.getRaster().setPixels(0, 0, 3, 1, new int[] {0, 32768, 65535});

        assertThat(decoded(Colour.GREY, 1, 3, Pictures.encode(image, "png"))).containsExactly(0, 128, 255);
    }

    @Test
    void readsPalettes() {
        BufferedImage image = new BufferedImage(2, 1, BufferedImage.TYPE_BYTE_BINARY);
        image.setRGB(1, 0, 0xFFFFFFFF);

        assertThat(decoded(Colour.RGB, 1, 2, Pictures.encode(image, "png"))).containsExactly(0, 255, 0, 255, 0, 255);
    }

    @Test
    void decodesFlatJpegExactly() {
        int[] flat = IntStream.generate(() -> 90).limit(64).toArray();

        assertThat(decoded(Colour.GREY, 8, 8, Pictures.encode(grey(8, flat), "jpeg")))
                .containsOnly(90);
    }

    @Test
    void tellsTheSizeOfTheSource() {
        Decoded decoded = (Decoded) decoder(Colour.RGB, 4, 4).decode(Pictures.png(1));

        assertThat(decoded.sourceWidth()).isEqualTo(10);
        assertThat(decoded.sourceHeight()).isEqualTo(8);
    }

    /** Scale 2: each target pixel is (1, 3, 3, 1) / 8 of its neighbourhood, (3, 3, 1) / 7 at the edge. */
    @Test
    void halvesByAWideTriangle() {
        byte[] png = Pictures.encode(grey(4, 0, 80, 160, 240, 0, 80, 160, 240), "png");

        // (0 * 3 + 80 * 3 + 160) / 7 = 57.14; the same from the other side: 240 - 57.14 = 182.86.
        assertThat(decoded(Colour.GREY, 1, 2, png)).containsExactly(57, 183);
    }

    /** Scale 1/2: weights 3/4 and 1/4. */
    @Test
    void doublesByInterpolation() {
        byte[] png = Pictures.encode(grey(2, 0, 100, 0, 100), "png");

        assertThat(decoded(Colour.GREY, 4, 4, png))
                .containsExactly(0, 25, 75, 100, 0, 25, 75, 100, 0, 25, 75, 100, 0, 25, 75, 100);
    }

    @Test
    void cutsTheLongerSideInTheMiddle() {
        byte[] wide = Pictures.encode(grey(4, 1, 2, 3, 4, 5, 6, 7, 8), "png");

        assertThat(decoded(Colour.GREY, 2, 2, wide)).containsExactly(2, 3, 6, 7);
    }

    @Test
    void squashesWhereExactIsAsked() {
        byte[] wide = Pictures.encode(grey(4, 0, 80, 160, 240, 0, 80, 160, 240), "png");

        assertThat(decoded(decoder(Colour.GREY, 2, 2, "prepare.image.resize=exact"), wide))
                .containsExactly(57, 183, 57, 183);
    }

    @Test
    void padsWithTheBackgroundWhereThatIsAsked() {
        byte[] wide = Pictures.encode(rgb(4, 0x010203, 0x010203, 0x010203, 0x010203), "png");
        String[] settings = {"prepare.image.resize=pad", "prepare.image.background=\"#0a0b0c\""};

        assertThat(decoded(decoder(Colour.RGB, 3, 4, settings), wide))
                .containsExactly(
                        10, 10, 10, 10, 1, 1, 1, 1, 10, 10, 10, 10, //
                        11, 11, 11, 11, 2, 2, 2, 2, 11, 11, 11, 11, //
                        12, 12, 12, 12, 3, 3, 3, 3, 12, 12, 12, 12);
        assertThat(decoded(decoder(Colour.GREY, 3, 1, "prepare.image.resize=pad"), wide))
                .containsExactly(255, 2, 255);
    }

    /** Alpha 128 of 255 on green: (0 * 128 + 255 * 127) / 255 = 127. */
    @Test
    void compositesOnTheBackgroundThatIsSet() {
        BufferedImage image = new BufferedImage(1, 1, BufferedImage.TYPE_INT_ARGB);
        image.setRGB(0, 0, 0x80000000);

        assertThat(decoded(
                        decoder(Colour.RGB, 1, 1, "prepare.image.background=\"#00FF10\""),
                        Pictures.encode(image, "png")))
                .containsExactly(0, 127, 8);
    }

    /** Samples 0, 1, 2, 3 of two bits, of which 1 is transparent. */
    @Test
    void knowsTransparentGreyOfAnyDepth() {
        InputStream row = new ByteArrayInputStream(new byte[] {0, 0b00_01_10_11});
        byte[] twoBits = Pictures.rawPng(4, 1, 2, 0, new byte[] {0, 1}, row);
        InputStream wideRow = new ByteArrayInputStream(new byte[] {0, 0x10, 0x01, 0x10, 0x02});
        byte[] sixteenBits = Pictures.rawPng(2, 1, 16, 0, new byte[] {0x10, 0x02}, wideRow);

        assertThat(decoded(Colour.GREY, 1, 4, twoBits)).containsExactly(0, 255, 170, 255);
        assertThat(decoded(Colour.GREY, 1, 2, sixteenBits)).containsExactly(16, 255);
    }

    @Test
    void keepsAFlatPictureFlatAtAnySize() {
        int[] white = IntStream.generate(() -> 255).limit(37 * 23).toArray();
        byte[] png = Pictures.encode(grey(37, white), "png");

        for (int size : new int[] {1, 5, 22, 23, 24, 100}) {
            assertThat(decoded(Colour.GREY, size, size, png)).containsOnly(255);
        }
    }

    @Test
    void refusesAnEmptyFile() {
        assertThat(decoder(Colour.RGB, 4, 4).decode(new byte[0])).isEqualTo(new Refused(Reason.EMPTY_FILE, "0 bytes"));
    }

    @Test
    void refusesTooManyBytes() {
        ImageDecoder small = decoder(Colour.RGB, 4, 4, "prepare.max-picture-bytes=50");
        byte[] png = Pictures.png(1);

        assertThat(small.decode(png)).isEqualTo(new Refused(Reason.TOO_LARGE, png.length + " bytes, more than 50"));
    }

    @Test
    void refusesTooManyDeclaredPixels() {
        ImageDecoder small = decoder(Colour.RGB, 4, 4, "prepare.max-picture-pixels=79");

        assertThat(small.decode(Pictures.png(1)))
                .isEqualTo(new Refused(Reason.TOO_MANY_PIXELS, "10x8 pixels, more than 79"));
        assertThat(small.decode(Pictures.jpeg(1)))
                .isEqualTo(new Refused(Reason.TOO_MANY_PIXELS, "10x8 pixels, more than 79"));
    }

    @Test
    void refusesOtherFormatsWhateverTheyAreCalled() {
        assertThat(decoder(Colour.RGB, 4, 4).decode("%PDF-1.7".getBytes(StandardCharsets.US_ASCII)))
                .isEqualTo(new Refused(Reason.UNKNOWN_FORMAT, "none of [JPEG, PNG, WEBP, GIF, BMP, TIFF]"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"photo.gif", "lossy.webp", "alpha.webp"})
    void refusesACutPictureThatSaysItsLength(String name) {
        byte[] whole = Pictures.reference(name);

        assertThat(decoder(Colour.RGB, 4, 4).decode(Arrays.copyOf(whole, whole.length - 20)))
                .asInstanceOf(type(Refused.class))
                .extracting(Refused::reason)
                .isEqualTo(Reason.TRUNCATED);
    }

    @ParameterizedTest
    @ValueSource(strings = {"plain.bmp", "palette.bmp", "lzw.tif", "orientation-1.tif"})
    void refusesACutPictureThatDoesNot(String name) {
        byte[] whole = Pictures.reference(name);

        assertThat(decoder(Colour.RGB, 4, 4).decode(Arrays.copyOf(whole, whole.length / 2)))
                .isInstanceOf(Refused.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"png", "jpeg"})
    void refusesEveryCutPicture(String format) {
        byte[] whole = Pictures.encode(Pictures.noise(1), format);
        ImageDecoder decoder = decoder(Colour.RGB, 4, 4);

        for (int length = 8; length < whole.length - 12; length++) {
            assertThat(decoder.decode(Arrays.copyOf(whole, length)))
                    .asInstanceOf(type(Refused.class))
                    .extracting(Refused::reason)
                    .isEqualTo(Reason.TRUNCATED);
        }
    }

    /** Phones put films behind their pictures. */
    @Test
    void toleratesBytesBehindTheEnd() {
        byte[] png = Pictures.png(1);
        byte[] jpeg = Pictures.jpeg(1);

        assertThat(decoder(Colour.RGB, 4, 4).decode(Arrays.copyOf(png, png.length + 1000)))
                .isInstanceOf(Decoded.class);
        assertThat(decoder(Colour.RGB, 4, 4).decode(Arrays.copyOf(jpeg, jpeg.length + 1000)))
                .isInstanceOf(Decoded.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"png", "jpeg"})
    void answersDamageWithAResult(String format) {
        Random random = new Random(1);
        ImageDecoder decoder = decoder(Colour.RGB, 4, 4);
        for (int i = 0; i < 500; i++) {
            byte[] damaged = Pictures.encode(Pictures.noise(i), format);
            for (int j = 0; j < 5; j++) {
                damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
            }
            assertThat(decoder.decode(damaged)).isNotNull();
        }
    }

    private static int[] decoded(Colour colour, int height, int width, byte[] encoded) {
        return decoded(decoder(colour, height, width), encoded);
    }

    private static int[] decoded(ImageDecoder decoder, byte[] encoded) {
        byte[] pixels = ((Decoded) decoder.decode(encoded)).pixels();
        return IntStream.range(0, pixels.length).map(i -> pixels[i] & 0xFF).toArray();
    }

    private static ImageDecoder decoder(Colour colour, int height, int width, String... settings) {
        return LocalSpark.decoder(colour, height, width, settings);
    }

    private static BufferedImage rgb(int width, int... colours) {
        BufferedImage image = new BufferedImage(width, colours.length / width, BufferedImage.TYPE_INT_RGB);
        for (int i = 0; i < colours.length; i++) {
            image.setRGB(i % width, i / width, colours[i]);
        }
        return image;
    }

    private static BufferedImage grey(int width, int... values) {
        BufferedImage image = new BufferedImage(width, values.length / width, BufferedImage.TYPE_BYTE_GRAY);
        image.getRaster().setPixels(0, 0, width, values.length / width, values);
        return image;
    }
}
