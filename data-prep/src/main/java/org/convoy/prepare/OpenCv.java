package org.convoy.prepare;

import com.sun.jna.Library;
import com.sun.jna.Native;
import java.util.Optional;
import java.util.OptionalInt;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.opencv.global.opencv_core;
import org.bytedeco.opencv.global.opencv_imgcodecs;
import org.bytedeco.opencv.opencv_core.Mat;
import org.bytedeco.opencv.opencv_core.MatVector;
import org.bytedeco.opencv.opencv_core.Scalar;

/**
 * Decoding by OpenCV: JPEG of one or three components, PNG, WebP and TIFF. The class loads the native libraries, in every
 * process once, and makes their settings.
 *
 * <p>Samples come as they are stored: no colour profile, no orientation. Native code can neither be interrupted nor caught when it
 * crashes: what is decoded here has been checked by {@link PictureHeader} before.
 */
final class OpenCv {
    /** OpenCV's own limit, for files that say one size where they are checked and another where they are decoded. */
    private static final String PIXEL_LIMIT_VARIABLE = "OPENCV_IO_MAX_IMAGE_PIXELS";

    private static final String PHYSICAL_MEMORY_PROPERTY = "org.bytedeco.javacpp.maxphysicalbytes";

    private static final double TO_8_BITS = 255.0 / 65535;

    static {
        CLibrary.INSTANCE.setenv(PIXEL_LIMIT_VARIABLE, Long.toString(PrepareConfig.MOST_PICTURE_PIXELS), 0);
        if (System.getProperty(PHYSICAL_MEMORY_PROPERTY) == null) {
            // Otherwise each allocation reads /proc/self/statm, and fails once the process is twice as large as its
            // heap.
            System.setProperty(PHYSICAL_MEMORY_PROPERTY, "0");
        }
        Loader.load(opencv_imgcodecs.class);
        opencv_core.setNumThreads(1); // tasks are the parallelism
    }

    private static final ThreadLocal<Input> INPUT = ThreadLocal.withInitial(Input::new);

    private OpenCv() {}

    /** What a thread hands pictures of a usual size to OpenCV in: to allocate it would take a tenth of a tiny picture's time. */
    private static final class Input {
        static final int CAPACITY = 1 << 20;

        private final BytePointer bytes = new BytePointer(CAPACITY);
        private final Mat row = new Mat(1, CAPACITY, opencv_core.CV_8UC1, bytes);

        Mat holding(byte[] encoded) {
            bytes.put(encoded, 0, encoded.length);
            row.cols(encoded.length);
            return row;
        }
    }

    /**
     * Decodes a picture.
     *
     * @param reduction 1, or for JPEG 2, 4 or 8: that many times fewer rows and columns, rounded up
     * @throws BadPictureException if OpenCV cannot decode it
     */
    static Bitmap decode(byte[] encoded, PictureHeader header, int reduction) throws BadPictureException {
        if (header.format() == PictureFormat.WEBP) {
            Optional<WebpHeader.Frame> frame = WebpHeader.firstFrame(encoded);
            if (frame.isPresent()) {
                return firstFrame(frame.get(), header);
            }
        }
        Mat mat = decode(encoded, flags(header, reduction));
        try {
            return bitmap(encoded, header, reduction, mat);
        } catch (BadPictureException e) {
            mat.close();
            throw e;
        }
    }

    private static int flags(PictureHeader header, int reduction) {
        int flags =
                switch (header.format()) {
                    case JPEG -> jpegFlags(header, reduction);
                    // Its fourth channel is not alpha.
                    case BMP -> opencv_imgcodecs.IMREAD_COLOR;
                    default -> opencv_imgcodecs.IMREAD_UNCHANGED;
                };
        return flags | opencv_imgcodecs.IMREAD_IGNORE_ORIENTATION;
    }

    private static int jpegFlags(PictureHeader header, int reduction) {
        boolean grey = header.components() == 1;
        return switch (reduction) {
            case 2 -> grey ? opencv_imgcodecs.IMREAD_REDUCED_GRAYSCALE_2 : opencv_imgcodecs.IMREAD_REDUCED_COLOR_2;
            case 4 -> grey ? opencv_imgcodecs.IMREAD_REDUCED_GRAYSCALE_4 : opencv_imgcodecs.IMREAD_REDUCED_COLOR_4;
            case 8 -> grey ? opencv_imgcodecs.IMREAD_REDUCED_GRAYSCALE_8 : opencv_imgcodecs.IMREAD_REDUCED_COLOR_8;
            default -> grey ? opencv_imgcodecs.IMREAD_GRAYSCALE : opencv_imgcodecs.IMREAD_COLOR;
        };
    }

    private static Mat decode(byte[] encoded, int flags) throws BadPictureException {
        Mat mat;
        try {
            mat = encoded.length <= Input.CAPACITY
                    ? opencv_imgcodecs.imdecode(INPUT.get().holding(encoded), flags)
                    : decodeLarge(encoded, flags);
        } catch (RuntimeException e) {
            // What JavaCPP makes of any C++ exception.
            throw new BadPictureException(Reason.UNDECODABLE, oneLine(e.getMessage()));
        }
        if (mat.empty()) {
            mat.close();
            throw new BadPictureException(Reason.UNDECODABLE, "damaged, or of an unsupported kind");
        }
        return mat;
    }

    private static Mat decodeLarge(byte[] encoded, int flags) {
        try (BytePointer bytes = new BytePointer(encoded);
                Mat buffer = new Mat(1, encoded.length, opencv_core.CV_8UC1, bytes)) {
            return opencv_imgcodecs.imdecode(buffer, flags);
        }
    }

    private static Bitmap bitmap(byte[] encoded, PictureHeader header, int reduction, Mat mat)
            throws BadPictureException {
        int width = mat.cols();
        int height = mat.rows();
        if (width != divideUp(header.width(), reduction) || height != divideUp(header.height(), reduction)) {
            throw new BadPictureException(
                    Reason.UNDECODABLE, "declares " + header.size() + " but holds " + width + "x" + height);
        }
        int type = mat.type();
        if (header.format() == PictureFormat.PNG && channels(type) == 1) {
            OptionalInt transparent = PngHeader.transparentGrey(encoded);
            if (transparent.isPresent()) {
                addAlpha(mat, transparent.getAsInt() * greyScale(PngHeader.bitDepth(encoded)));
                type = mat.type();
            }
        }
        if (depth(type) == opencv_core.CV_16U) {
            mat.convertTo(mat, opencv_core.CV_8U, TO_8_BITS, 0);
            type = mat.type();
        }
        if (depth(type) != opencv_core.CV_8U || channels(type) == 2) {
            throw new BadPictureException(
                    Reason.UNDECODABLE, "samples of OpenCV's type " + type + " are neither 8 nor 16 bits");
        }
        return new OpenCvBitmap(mat, width, height, channels(type), header.format() == PictureFormat.TIFF);
    }

    private static int depth(int type) {
        return type & opencv_core.CV_MAT_DEPTH_MASK;
    }

    private static int channels(int type) {
        return 1 + (type >> opencv_core.CV_CN_SHIFT);
    }

    /** On the animation's canvas, which is transparent elsewhere. */
    private static Bitmap firstFrame(WebpHeader.Frame frame, PictureHeader header) throws BadPictureException {
        try (Mat mat = decode(frame.still(), opencv_imgcodecs.IMREAD_UNCHANGED)) {
            PictureHeader still =
                    PictureHeader.plain(PictureFormat.WEBP, frame.width(), frame.height(), Orientation.UPRIGHT);
            return HeapBitmap.onCanvas(
                    header.width(), header.height(), bitmap(frame.still(), still, 1, mat), frame.left(), frame.top());
        }
    }

    /** What OpenCV multiplies grey of fewer than 8 bits by. */
    private static int greyScale(int bitDepth) {
        return bitDepth < 8 ? 255 / ((1 << bitDepth) - 1) : 1;
    }

    /** Makes B-G-R-A of grey, transparent where it has one value. */
    @SuppressWarnings({"try", "unchecked"
    }) // the scope closes what is made within it; its constructor has generic varargs
    private static void addAlpha(Mat grey, int transparent) {
        boolean wide = grey.depth() == opencv_core.CV_16U;
        try (PointerScope scope = new PointerScope()) {
            Mat value = new Mat(new Scalar(transparent));
            Mat mask = new Mat();
            opencv_core.inRange(grey, value, value, mask);
            Mat alpha = new Mat(grey.size(), grey.type(), new Scalar(wide ? 65535 : 255));
            alpha.setTo(new Mat(new Scalar(0)), mask);
            opencv_core.merge(new MatVector(grey, grey, grey, alpha), grey);
        }
    }

    static int divideUp(int size, int by) {
        return (size + by - 1) / by;
    }

    private static String oneLine(String message) {
        return message == null ? "no reason given" : message.lines().findFirst().orElse("no reason given");
    }

    /** The C library's {@code setenv}: Java cannot change the environment that native code reads. */
    private interface CLibrary extends Library {
        CLibrary INSTANCE = Native.loadLibrary("c", CLibrary.class);

        int setenv(String name, String value, int overwrite);
    }
}
