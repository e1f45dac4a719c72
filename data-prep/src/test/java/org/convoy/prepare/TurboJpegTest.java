package org.convoy.prepare;

import java.util.Arrays;
import java.util.Optional;
import java.util.Random;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.opencv.global.opencv_core;
import org.bytedeco.opencv.global.opencv_imgcodecs;
import org.bytedeco.opencv.global.opencv_imgproc;
import org.bytedeco.opencv.opencv_core.Mat;
import org.bytedeco.opencv.opencv_core.Size;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

class TurboJpegTest {
    private static final int[] FLAGS = {
        opencv_imgcodecs.IMREAD_COLOR,
        opencv_imgcodecs.IMREAD_REDUCED_COLOR_2,
        opencv_imgcodecs.IMREAD_REDUCED_COLOR_4,
        opencv_imgcodecs.IMREAD_REDUCED_COLOR_8
    };

    @BeforeEach
    void needsTheLibrary() {
        assumeTrue(TurboJpeg.isInstalled(), "libturbojpeg.so.0 is not installed");
    }

    @ParameterizedTest
    @CsvSource({"1, 95", "1, 60", "3, 95", "3, 75", "3, 10"})
    void givesTheSamplesThatOpenCvGives(int channels, int quality) throws BadPictureException {
        for (int[] size : new int[][] {{64, 64}, {65, 129}, {71, 90}, {300, 200}}) {
            byte[] jpeg = jpeg(size[0], size[1], channels, opencv_imgcodecs.IMWRITE_JPEG_QUALITY, quality);
            for (int i = 0; i < FLAGS.length; i++) {
                int flags = channels == 1 ? FLAGS[i] & ~1 : FLAGS[i];
                try (Mat own = decode(jpeg, 1 << i).orElseThrow();
                        Mat expected = byOpenCv(jpeg, flags)) {
                    assertThat(own.type()).isEqualTo(expected.type());
                    assertThat(own.rows()).isEqualTo(expected.rows());
                    assertThat(own.cols()).isEqualTo(expected.cols());
                    assertThat(samples(own))
                            .as("%s 1/%d", Arrays.toString(size), 1 << i)
                            .isEqualTo(samples(expected));
                }
            }
        }
    }

    @Test
    void takesAPhotograph() throws BadPictureException {
        byte[] jpeg = Pictures.reference("large.jpg");
        try (Mat own = decode(jpeg, 1).orElseThrow();
                Mat expected = byOpenCv(jpeg, opencv_imgcodecs.IMREAD_COLOR)) {
            assertThat(samples(own)).isEqualTo(samples(expected));
        }
    }

    @Test
    void leavesToOpenCvWhatVersionsDifferInAndWhatIsTiny() throws BadPictureException {
        assertThat(decode(jpeg(100, 100, 3, opencv_imgcodecs.IMWRITE_JPEG_PROGRESSIVE, 1), 1))
                .isEmpty();
        assertThat(decode(Pictures.reference("progressive.jpg"), 1)).isEmpty();
        assertThat(decode(jpeg(63, 65, 3, opencv_imgcodecs.IMWRITE_JPEG_QUALITY, 95), 1))
                .isEmpty();
    }

    /** Half of the data is gone, though not the end marker. */
    @Test
    void leavesDamagedPicturesToOpenCv() throws BadPictureException {
        byte[] jpeg = jpeg(300, 200, 3, opencv_imgcodecs.IMWRITE_JPEG_QUALITY, 95);
        byte[] shortened = Arrays.copyOf(jpeg, jpeg.length / 2);
        shortened[shortened.length - 2] = (byte) 0xFF;
        shortened[shortened.length - 1] = (byte) 0xD9;

        assertThat(decode(shortened, 1)).isEmpty();
    }

    @Test
    void leavesPicturesOfAnotherSizeThanWasCheckedToOpenCv() {
        byte[] jpeg = jpeg(300, 200, 3, opencv_imgcodecs.IMWRITE_JPEG_QUALITY, 95);

        assertThat(TurboJpeg.decode(jpeg, PictureHeader.plain(PictureFormat.JPEG, 300, 201, Orientation.UPRIGHT), 1))
                .isEmpty();
    }

    private static Optional<Mat> decode(byte[] jpeg, int reduction) throws BadPictureException {
        return TurboJpeg.decode(jpeg, PictureHeader.read(PictureFormat.JPEG, jpeg), reduction);
    }

    private static Mat byOpenCv(byte[] jpeg, int flags) {
        try (BytePointer bytes = new BytePointer(jpeg);
                Mat row = new Mat(1, jpeg.length, opencv_core.CV_8UC1, bytes)) {
            return opencv_imgcodecs.imdecode(row, flags);
        }
    }

    /** Noise, smoothed a little. */
    private static byte[] jpeg(int width, int height, int channels, int parameter, int value) {
        byte[] noise = new byte[width * height * channels];
        new Random(1).nextBytes(noise);
        try (BytePointer bytes = new BytePointer(noise);
                Mat mat = new Mat(height, width, opencv_core.CV_8UC(channels), bytes);
                Mat smooth = new Mat();
                Size window = new Size(5, 5);
                BytePointer jpeg = new BytePointer();
                IntPointer parameters = new IntPointer(parameter, value)) {
            opencv_imgproc.GaussianBlur(mat, smooth, window, 1);
            opencv_imgcodecs.imencode(".jpg", smooth, jpeg, parameters);
            byte[] encoded = new byte[(int) jpeg.limit()];
            jpeg.get(encoded);
            return encoded;
        }
    }

    private static byte[] samples(Mat mat) {
        byte[] samples = new byte[(int) (mat.total() * mat.elemSize())];
        mat.data().get(samples);
        return samples;
    }
}
