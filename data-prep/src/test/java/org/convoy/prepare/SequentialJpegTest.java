package org.convoy.prepare;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.Optional;
import java.util.Random;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageTypeSpecifier;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.metadata.IIOMetadata;
import javax.imageio.metadata.IIOMetadataNode;
import javax.imageio.stream.ImageOutputStream;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.opencv.global.opencv_core;
import org.bytedeco.opencv.global.opencv_imgcodecs;
import org.bytedeco.opencv.global.opencv_imgproc;
import org.bytedeco.opencv.opencv_core.Mat;
import org.bytedeco.opencv.opencv_core.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

class SequentialJpegTest {
    private static final int[] REDUCTIONS = {1, 2, 4, 8};

    /** Whole groups of blocks, parts of one, many bands, and so narrow that upsampling is another. */
    private static final int[][] SIZES = {{64, 64}, {65, 129}, {71, 90}, {300, 200}, {3, 1400}, {5, 1000}, {4097, 1}};

    /** Of whole bytes and of halves of them. */
    private static final int[] EDGE_VALUES = {
        0, 1, 2, 3, 4, 8, 0x10, 0x11, 0x12, 0x20, 0x21, 0x22, 0x40, 0x7F, 0x80, 0xFF
    };

    private static final int DAMAGED = 300;

    /** Behind all headers. */
    private static final int DATA = 1000;

    private static final String METADATA = "javax_imageio_jpeg_image_1.0";
    private static final int QUALITY = opencv_imgcodecs.IMWRITE_JPEG_QUALITY;

    @ParameterizedTest
    @CsvSource({"1, 95", "1, 60", "3, 100", "3, 95", "3, 75", "3, 10"})
    void givesThePixelsThatOpenCvGives(int channels, int quality) throws BadPictureException {
        for (int[] size : SIZES) {
            assertSameAsOpenCv(jpeg(size, channels, QUALITY, quality));
        }
    }

    @ParameterizedTest
    @CsvSource({"1, 1", "2, 1", "2, 2"})
    void givesThePixelsThatOpenCvGivesWhereverChromaIsSubsampled(int columns, int rows)
            throws BadPictureException, IOException {
        for (int[] size : SIZES) {
            assertSameAsOpenCv(subsampled(size, columns, rows));
        }
    }

    /** After every third group of blocks, over many bands; the eight markers come around. */
    @Test
    void findsItsWayFromRestartMarkerToRestartMarker() throws BadPictureException {
        assertSameAsOpenCv(jpeg(new int[] {300, 200}, 3, opencv_imgcodecs.IMWRITE_JPEG_RST_INTERVAL, 3));
    }

    /** Its codes are other ones than those that nearly all programs write. */
    @Test
    void readsThePicturesOwnCodes() throws BadPictureException {
        assertSameAsOpenCv(jpeg(new int[] {300, 200}, 3, opencv_imgcodecs.IMWRITE_JPEG_OPTIMIZE, 1));
    }

    @Test
    void decodesAPhotograph() throws BadPictureException {
        assertSameAsOpenCv(Pictures.reference("large.jpg"));
    }

    @Test
    void leavesTheProgressiveAndTheTinyToOpenCv() throws BadPictureException {
        int[] size = {100, 100};
        assertThat(decode(jpeg(size, 3, opencv_imgcodecs.IMWRITE_JPEG_PROGRESSIVE, 1), 1))
                .isEmpty();
        assertThat(decode(jpeg(new int[] {63, 65}, 3, QUALITY, 95), 1)).isEmpty();
        assertThat(decode(jpeg(size, 3, QUALITY, 95), 1)).isPresent();
    }

    /** The last bytes of the data are gone, though not the end marker: some before it, or nearly all. */
    @ParameterizedTest
    @ValueSource(ints = {2, 3, 10, 1000, 9000})
    void leavesWhatIsCutOffToOpenCv(int missing) throws BadPictureException {
        byte[] jpeg = jpeg(new int[] {300, 200}, 3, QUALITY, 95);
        byte[] cut = Arrays.copyOf(jpeg, jpeg.length - missing);
        cut[cut.length - 2] = (byte) 0xFF;
        cut[cut.length - 1] = (byte) 0xD9;

        for (int reduction : REDUCTIONS) {
            assertThat(decode(cut, reduction)).isEmpty();
        }
    }

    @Test
    void leavesAWrongRestartMarkerToOpenCv() throws BadPictureException {
        byte[] jpeg = jpeg(new int[] {300, 200}, 3, opencv_imgcodecs.IMWRITE_JPEG_RST_INTERVAL, 3);
        int marker = 0;
        while ((jpeg[marker] & 0xFF) != 0xFF || (jpeg[marker + 1] & 0xFF) != 0xD3) {
            marker++;
        }
        jpeg[marker + 1] = (byte) 0xD5;

        assertThat(decode(jpeg, 1)).isEmpty();
    }

    /** Each byte before the data in turn is another one, with sound data behind it. */
    @Test
    void hasAnAnswerWhateverTheHeadersSay() {
        byte[] jpeg = jpeg(new int[] {72, 60}, 3, QUALITY, 95);
        int pictures = 0;
        for (int at = 2; at < beginOfData(jpeg); at++) {
            byte sound = jpeg[at];
            for (int value : EDGE_VALUES) {
                jpeg[at] = (byte) value;
                for (int reduction : REDUCTIONS) {
                    try {
                        pictures += decode(jpeg, reduction).isPresent() ? 1 : 0;
                    } catch (BadPictureException e) {
                        // Refused before it is decoded.
                    }
                }
            }
            jpeg[at] = sound;
        }
        assertThat(pictures).isPositive();
    }

    /** Data changed in one place: mostly it makes other codes of some that follow, and often that cannot be seen. */
    @Test
    void givesWhatOpenCvGivesOfDamageThatItDoesNotSee() throws BadPictureException {
        byte[] sound = jpeg(new int[] {300, 200}, 3, QUALITY, 95);
        PictureHeader header = PictureHeader.read(PictureFormat.JPEG, sound);
        Random random = new Random(1);
        int seen = 0;
        int other = 0;
        for (int i = 0; i < DAMAGED; i++) {
            byte[] damaged = sound.clone();
            damaged[DATA + random.nextInt(damaged.length - DATA)] = (byte) random.nextInt();
            Optional<Bitmap> own = SequentialJpeg.decode(damaged, header, 1);
            if (own.isEmpty()) {
                seen++;
            } else {
                try (Bitmap expected = OpenCv.decode(damaged, header, 1)) {
                    other += Arrays.equals(rgb(own.get()), rgb(expected)) ? 0 : 1;
                }
            }
        }
        assertThat(seen).isPositive();
        // What is far out of range libjpeg makes other samples of.
        assertThat(other).isLessThan(DAMAGED / 50);
    }

    private static Optional<Bitmap> decode(byte[] jpeg, int reduction) throws BadPictureException {
        return SequentialJpeg.decode(jpeg, PictureHeader.read(PictureFormat.JPEG, jpeg), reduction);
    }

    private static void assertSameAsOpenCv(byte[] jpeg) throws BadPictureException {
        PictureHeader header = PictureHeader.read(PictureFormat.JPEG, jpeg);
        for (int reduction : REDUCTIONS) {
            try (Bitmap own = SequentialJpeg.decode(jpeg, header, reduction).orElseThrow();
                    Bitmap expected = OpenCv.decode(jpeg, header, reduction)) {
                assertThat(own.width()).isEqualTo(expected.width());
                assertThat(own.height()).isEqualTo(expected.height());
                assertThat(own.grey()).isEqualTo(expected.grey());
                assertThat(own.transparent()).isFalse();
                assertThat(rgb(own)).as("%s 1/%d", header.size(), reduction).isEqualTo(rgb(expected));
            }
        }
    }

    private static int[] rgb(Bitmap bitmap) {
        int[] rgb = new int[bitmap.width() * bitmap.height()];
        bitmap.read(0, rgb.length, rgb);
        return Arrays.stream(rgb).map(pixel -> pixel & 0xFFFFFF).toArray();
    }

    /** Noise, smoothed a little; colours have half of the columns and rows. */
    private static byte[] jpeg(int[] size, int channels, int parameter, int value) {
        byte[] noise = noise(size, channels);
        try (BytePointer bytes = new BytePointer(noise);
                Mat mat = new Mat(size[1], size[0], opencv_core.CV_8UC(channels), bytes);
                BytePointer jpeg = new BytePointer();
                IntPointer parameters = new IntPointer(parameter, value)) {
            opencv_imgcodecs.imencode(".jpg", mat, jpeg, parameters);
            byte[] encoded = new byte[(int) jpeg.limit()];
            jpeg.get(encoded);
            return encoded;
        }
    }

    private static byte[] noise(int[] size, int channels) {
        byte[] noise = new byte[size[0] * size[1] * channels];
        new Random(1).nextBytes(noise);
        try (BytePointer bytes = new BytePointer(noise);
                Mat mat = new Mat(size[1], size[0], opencv_core.CV_8UC(channels), bytes);
                Mat smooth = new Mat();
                Size window = new Size(5, 5)) {
            opencv_imgproc.GaussianBlur(mat, smooth, window, 1);
            smooth.data().get(noise);
            return noise;
        }
    }

    /**
     * Written by the JDK, which can be told how.
     *
     * @param columns of luma for each one of chroma
     * @param rows of luma for each one of chroma
     */
    private static byte[] subsampled(int[] size, int columns, int rows) throws IOException {
        BufferedImage image = new BufferedImage(size[0], size[1], BufferedImage.TYPE_INT_RGB);
        byte[] noise = noise(size, 3);
        for (int i = 0; i < noise.length / 3; i++) {
            int rgb = (noise[3 * i] & 0xFF) << 16 | (noise[3 * i + 1] & 0xFF) << 8 | (noise[3 * i + 2] & 0xFF);
            image.setRGB(i % size[0], i / size[0], rgb);
        }
        ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (ImageOutputStream stream = ImageIO.createImageOutputStream(out)) {
            ImageWriteParam parameters = writer.getDefaultWriteParam();
            IIOMetadata metadata =
                    writer.getDefaultImageMetadata(ImageTypeSpecifier.createFromRenderedImage(image), parameters);
            IIOMetadataNode tree = (IIOMetadataNode) metadata.getAsTree(METADATA);
            IIOMetadataNode luma =
                    (IIOMetadataNode) tree.getElementsByTagName("componentSpec").item(0);
            luma.setAttribute("HsamplingFactor", Integer.toString(columns));
            luma.setAttribute("VsamplingFactor", Integer.toString(rows));
            metadata.setFromTree(METADATA, tree);
            writer.setOutput(stream);
            writer.write(null, new IIOImage(image, null, metadata), parameters);
        } finally {
            writer.dispose();
        }
        byte[] jpeg = out.toByteArray();
        assertThat(samplingOfLuma(jpeg)).isEqualTo(columns << 4 | rows);
        return jpeg;
    }

    private static int beginOfData(byte[] jpeg) {
        JpegMarkers markers = new JpegMarkers(jpeg);
        int marker = markers.next();
        while (marker != JpegMarkers.START_OF_SCAN) {
            markers.skip(markers.segmentLength(marker));
            marker = markers.next();
        }
        return markers.at() + markers.segmentLength(marker);
    }

    private static int samplingOfLuma(byte[] jpeg) {
        JpegMarkers markers = new JpegMarkers(jpeg);
        int marker = markers.next();
        while (!JpegMarkers.isFrame(marker)) {
            markers.skip(markers.segmentLength(marker));
            marker = markers.next();
        }
        return jpeg[markers.at() + 9];
    }
}
