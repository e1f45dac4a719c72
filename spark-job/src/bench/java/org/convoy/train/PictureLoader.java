package org.convoy.train;

import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Iterator;
import java.util.function.Function;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.opencv.global.opencv_core;
import org.bytedeco.opencv.global.opencv_imgcodecs;
import org.bytedeco.opencv.global.opencv_imgproc;
import org.bytedeco.opencv.opencv_core.Mat;
import org.bytedeco.opencv.opencv_core.Rect;
import org.bytedeco.opencv.opencv_core.Size;
import org.convoy.data.Colour;
import org.convoy.prepare.ImageDecoder;
import org.convoy.prepare.JpegDecode;
import org.convoy.prepare.Resize;
import org.datavec.image.loader.NativeImageLoader;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Who makes pictures of a set's shape, in this process and thread. */
enum PictureLoader {
    CONVOY("Convoy", 0) {
        @Override
        Function<byte[], byte[]> of(PictureSet set) {
            return convoy(set, Resize.CENTRE_CROP, JpegDecode.FULL);
        }
    },
    CONVOY_REDUCED("Convoy, jpeg-decode = reduced", 3) {
        @Override
        Function<byte[], byte[]> of(PictureSet set) {
            return convoy(set, Resize.CENTRE_CROP, JpegDecode.REDUCED);
        }
    },
    /** It makes no picture of the set's shape. */
    BARE_DECODER("OpenCV's decoder alone", Double.NaN) {
        @Override
        Function<byte[], byte[]> of(PictureSet set) {
            return bareDecoder(set, flags(set));
        }
    },
    /** What most photos take in OpenCV alone where they are reduced to 32 pixels. */
    BARE_REDUCED_DECODER("OpenCV's decoder alone, an eighth of each side", Double.NaN) {
        @Override
        Function<byte[], byte[]> of(PictureSet set) {
            return bareDecoder(
                    set,
                    set.colour() == Colour.GREY
                            ? opencv_imgcodecs.IMREAD_REDUCED_GRAYSCALE_8
                            : opencv_imgcodecs.IMREAD_REDUCED_COLOR_8);
        }
    },
    OPENCV_AREA("OpenCV, INTER_AREA", 4) {
        @Override
        Function<byte[], byte[]> of(PictureSet set) {
            return encoded -> {
                try (BytePointer bytes = new BytePointer(encoded);
                        Mat buffer = new Mat(1, encoded.length, opencv_core.CV_8UC1, bytes);
                        Mat decoded = opencv_imgcodecs.imdecode(buffer, flags(set));
                        Rect square = square(decoded.cols(), decoded.rows());
                        Mat cropped = new Mat(decoded, square);
                        Size size = new Size(set.size(), set.size());
                        Mat resized = new Mat()) {
                    opencv_imgproc.resize(cropped, resized, size, 0, 0, opencv_imgproc.INTER_AREA);
                    byte[] samples = new byte[set.pixels()];
                    resized.data().get(samples);
                    return set.colour() == Colour.GREY ? samples : planes(samples);
                }
            };
        }
    },
    /** Judged by Convoy's squashed pictures, for it squashes. */
    NATIVE_IMAGE_LOADER("DL4J NativeImageLoader, squashing", 12) {
        @Override
        Function<byte[], byte[]> of(PictureSet set) {
            return nativeImageLoader(set, false);
        }

        @Override
        Resize resize() {
            return Resize.EXACT;
        }
    },
    NATIVE_IMAGE_LOADER_CROPPING("DL4J NativeImageLoader, centre crop", 12) {
        @Override
        Function<byte[], byte[]> of(PictureSet set) {
            return nativeImageLoader(set, true);
        }
    },
    IMAGE_IO("JDK ImageIO, halving with Java2D", 6) {
        @Override
        Function<byte[], byte[]> of(PictureSet set) {
            return encoded -> {
                try {
                    return samples(scaled(read(encoded), set), set);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            };
        }
    };

    private static final byte[] NOTHING = {};
    private static final long NO_LIMIT = 1L << 30;
    private static final int WHITE = 0xFFFFFF;

    private final String title;
    private final double greyLevels;

    /**
     * @param greyLevels mean difference from Convoy's pictures at most; not a number where there is none to compare
     */
    PictureLoader(String title, double greyLevels) {
        this.title = title;
        this.greyLevels = greyLevels;
    }

    String title() {
        return title;
    }

    double greyLevels() {
        return greyLevels;
    }

    /** From the encoded picture to unsigned bytes, C·H·W. */
    abstract Function<byte[], byte[]> of(PictureSet set);

    /** How it fits a picture into the square. */
    Resize resize() {
        return Resize.CENTRE_CROP;
    }

    static Function<byte[], byte[]> convoy(PictureSet set, Resize resize, JpegDecode jpegDecode) {
        ImageDecoder decoder = new ImageDecoder(
                set.colour(), set.size(), set.size(), resize, WHITE, jpegDecode, NO_LIMIT, NO_LIMIT, NO_LIMIT);
        return encoded -> ((ImageDecoder.Decoded) decoder.decode(encoded)).pixels();
    }

    private static Function<byte[], byte[]> bareDecoder(PictureSet set, int flags) {
        return encoded -> {
            try (BytePointer bytes = new BytePointer(encoded);
                    Mat buffer = new Mat(1, encoded.length, opencv_core.CV_8UC1, bytes);
                    Mat decoded = opencv_imgcodecs.imdecode(buffer, flags)) {
                if (decoded.empty()) {
                    throw new IllegalStateException("OpenCV cannot decode a picture of " + set.title());
                }
                return NOTHING;
            }
        };
    }

    private static int flags(PictureSet set) {
        return set.colour() == Colour.GREY ? opencv_imgcodecs.IMREAD_GRAYSCALE : opencv_imgcodecs.IMREAD_COLOR;
    }

    private static Rect square(int width, int height) {
        int side = Math.min(width, height);
        return new Rect((width - side) / 2, (height - side) / 2, side, side);
    }

    /** From B-G-R pixels to the planes R, G, B. */
    private static byte[] planes(byte[] samples) {
        byte[] planes = new byte[samples.length];
        int plane = samples.length / 3;
        for (int i = 0; i < plane; i++) {
            planes[i] = samples[3 * i + 2];
            planes[plane + i] = samples[3 * i + 1];
            planes[2 * plane + i] = samples[3 * i];
        }
        return planes;
    }

    /** What it gives are floats, B-G-R. */
    private static Function<byte[], byte[]> nativeImageLoader(PictureSet set, boolean centreCrop) {
        int channels = set.colour().channels();
        NativeImageLoader loader = new NativeImageLoader(set.size(), set.size(), channels, centreCrop);
        return encoded -> {
            try (INDArray matrix = loader.asMatrix(new ByteArrayInputStream(encoded))) {
                float[] values = matrix.data().asFloat();
                byte[] pixels = new byte[values.length];
                int plane = values.length / channels;
                for (int c = 0; c < channels; c++) {
                    for (int i = 0; i < plane; i++) {
                        pixels[c * plane + i] = (byte) values[(channels - 1 - c) * plane + i];
                    }
                }
                return pixels;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        };
    }

    /** With the JDK's own reader: a plug-in may stand before it. */
    private static BufferedImage read(byte[] encoded) throws IOException {
        try (ImageInputStream in = new MemoryCacheImageInputStream(new ByteArrayInputStream(encoded))) {
            Iterator<ImageReader> readers = ImageIO.getImageReaders(in);
            ImageReader reader = readers.next();
            while (!reader.getClass().getName().startsWith("com.sun.imageio.")) {
                reader = readers.next();
            }
            try {
                reader.setInput(in, true, true);
                return reader.read(0);
            } finally {
                reader.dispose();
            }
        }
    }

    /** Halves the square in its middle as long as it is twice as large, because one step would look at four pixels alone. */
    private static BufferedImage scaled(BufferedImage image, PictureSet set) {
        if (image.getWidth() == set.size() && image.getHeight() == set.size()) {
            return image;
        }
        int side = Math.min(image.getWidth(), image.getHeight());
        BufferedImage square = image.getSubimage(
                (image.getWidth() - side) / 2, (image.getHeight() - side) / 2, side, side);
        while (square.getWidth() != set.size()) {
            int next = Math.max(set.size(), square.getWidth() / 2);
            BufferedImage smaller = new BufferedImage(next, next, BufferedImage.TYPE_3BYTE_BGR);
            Graphics2D graphics = smaller.createGraphics();
            graphics.setRenderingHint(RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BILINEAR);
            graphics.drawImage(square, 0, 0, next, next, null);
            graphics.dispose();
            square = smaller;
        }
        return square;
    }

    private static byte[] samples(BufferedImage image, PictureSet set) {
        byte[] samples = new byte[set.pixels()];
        if (set.colour() == Colour.GREY) {
            image.getRaster().getDataElements(0, 0, set.size(), set.size(), samples);
            return samples;
        }
        int plane = set.size() * set.size();
        int[] rgb = image.getRGB(0, 0, set.size(), set.size(), null, 0, set.size());
        for (int i = 0; i < plane; i++) {
            samples[i] = (byte) (rgb[i] >> 16);
            samples[plane + i] = (byte) (rgb[i] >> 8);
            samples[2 * plane + i] = (byte) rgb[i];
        }
        return samples;
    }
}
