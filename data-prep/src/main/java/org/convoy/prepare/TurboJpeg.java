package org.convoy.prepare;

import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;
import com.sun.jna.NativeLong;
import com.sun.jna.Pointer;
import java.util.Optional;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.opencv.global.opencv_core;
import org.bytedeco.opencv.opencv_core.Mat;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decoding JPEG by the machine's own libturbojpeg, where it is installed. It is the decoder that is in OpenCV too, but with vector
 * instructions, which OpenCV's build of it lacks.
 *
 * <p>A sound picture's samples are the same with it and without it: what versions might decode in several ways is left to OpenCV, and
 * what the library has anything to say against. A damaged picture of which neither notices that it is can come out otherwise, for
 * libjpeg-turbo itself gives other samples of some with vector instructions than without.
 */
public final class TurboJpeg {
    private static final Logger LOGGER = LoggerFactory.getLogger(TurboJpeg.class);

    private static final String LIBRARY = "libturbojpeg.so.0";

    /** Of {@code turbojpeg.h}: 4:4:4, 4:2:2, 4:2:0 and grey. */
    private static final int LAST_COMMON_SUBSAMPLING = 3;

    /** With 32x32 it takes longer than OpenCV: to set it up costs more than vector instructions save. */
    private static final int LEAST_PIXELS = 1 << 12;

    private static final int Y_CB_CR = 1;
    private static final int GREY = 2;
    private static final int BGR_PIXELS = 1;
    private static final int GREY_PIXELS = 6;
    private static final int STOP_ON_WARNING = 8192;

    private static final boolean INSTALLED = install();

    private TurboJpeg() {}

    /** Whether this machine has the library. */
    public static boolean isInstalled() {
        return INSTALLED;
    }

    private static boolean install() {
        try {
            Native.register(TurboJpeg.class, NativeLibrary.getInstance(LIBRARY));
            LOGGER.info("JPEG is decoded by {}", LIBRARY);
            return true;
        } catch (UnsatisfiedLinkError e) {
            LOGGER.info(
                    "JPEG is decoded by OpenCV; with {} installed photographs would take six tenths of the time",
                    LIBRARY);
            return false;
        }
    }

    /**
     * Decodes a picture as {@link OpenCv} would.
     *
     * @param header of a JPEG
     * @param reduction as of {@link OpenCv#decode}
     * @return 8-bit samples, grey or B-G-R, to be closed; nothing where OpenCV has to decode
     */
    static Optional<Mat> decode(byte[] encoded, PictureHeader header, int reduction) {
        // What is missing of a progressive JPEG is smoothed over, and how is the version's own choice.
        if (!INSTALLED || header.largestArea() < LEAST_PIXELS || !JpegHeader.isSequential(encoded)) {
            return Optional.empty();
        }
        Pointer decompressor = tjInitDecompress();
        try (BytePointer bytes = new BytePointer(encoded)) {
            return decode(
                    decompressor, new Pointer(bytes.address()), new NativeLong(encoded.length), header, reduction);
        } finally {
            tjDestroy(decompressor);
        }
    }

    private static Optional<Mat> decode(
            Pointer decompressor, Pointer bytes, NativeLong length, PictureHeader header, int reduction) {
        int[] width = new int[1];
        int[] height = new int[1];
        int[] subsampling = new int[1];
        int[] colours = new int[1];
        if (tjDecompressHeader3(decompressor, bytes, length, width, height, subsampling, colours) != 0
                || width[0] != header.width()
                || height[0] != header.height()
                || subsampling[0] > LAST_COMMON_SUBSAMPLING
                || (colours[0] != Y_CB_CR && colours[0] != GREY)) {
            return Optional.empty();
        }
        boolean grey = colours[0] == GREY;
        int rows = OpenCv.divideUp(height[0], reduction);
        int columns = OpenCv.divideUp(width[0], reduction);
        Mat mat = new Mat(rows, columns, grey ? opencv_core.CV_8UC1 : opencv_core.CV_8UC3);
        Pointer samples = new Pointer(mat.data().address());
        int pixels = grey ? GREY_PIXELS : BGR_PIXELS;
        if (tjDecompress2(decompressor, bytes, length, samples, columns, 0, rows, pixels, STOP_ON_WARNING) != 0) {
            mat.close();
            return Optional.empty();
        }
        return Optional.of(mat);
    }

    private static native Pointer tjInitDecompress();

    private static native int tjDestroy(Pointer decompressor);

    private static native int tjDecompressHeader3(
            Pointer decompressor,
            Pointer bytes,
            NativeLong length,
            int[] width,
            int[] height,
            int[] subsampling,
            int[] colours);

    private static native int tjDecompress2(
            Pointer decompressor,
            Pointer bytes,
            NativeLong length,
            Pointer samples,
            int columns,
            int pitch,
            int rows,
            int pixels,
            int flags);
}
