package org.convoy.prepare;

import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.Serializable;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Iterator;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;
import org.convoy.data.Colour;

/**
 * Decodes one JPEG or PNG to unsigned bytes of a fixed shape: C·H·W, R-G-B or grey. The format is told by the first bytes,
 * never by a name, and the declared size is checked before anything of that size is allocated.
 *
 * <p>Colours: samples are taken as they are stored (no colour profile, no gamma), 16-bit samples are scaled to 8 bits,
 * transparency is composited on white, grey of a colour picture is ITU-R 601 luma, and an EXIF orientation is not applied. CMYK
 * JPEG is rejected as undecodable. Size: the largest centred part with the target's aspect ratio, resampled by {@link Resampling}.
 *
 * <p>Memory per call: the decoded picture once (up to 4 bytes per pixel, 8 for 16-bit PNG) and C·W bytes for each of its rows.
 *
 * @param colour what the channels of the result are
 * @param maxBytes largest encoded picture
 * @param maxPixels largest declared width * height
 */
public record ImageDecoder(Colour colour, int height, int width, long maxBytes, long maxPixels)
        implements Serializable {
    private static final byte[] JPEG = {(byte) 0xFF, (byte) 0xD8, (byte) 0xFF};
    private static final byte[] PNG = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};
    private static final int PNG_IEND =
            ByteBuffer.wrap("IEND".getBytes(StandardCharsets.US_ASCII)).getInt();
    private static final int PNG_CHUNK_OVERHEAD = 12; // length, type and checksum

    /** Some cameras and sites put a few bytes behind the end marker. */
    private static final int JPEG_TAIL = 64;

    /** What became of the bytes. */
    public sealed interface Result permits Decoded, Refused {}

    /**
     * A picture of the target's shape.
     *
     * @param pixels unsigned bytes, C·H·W
     * @param sourceWidth in pixels, before resampling
     * @param sourceHeight in pixels, before resampling
     */
    @SuppressWarnings("ArrayRecordComponent") // carried, never compared
    public record Decoded(byte[] pixels, int sourceWidth, int sourceHeight) implements Result {}

    /** Why there is no picture. */
    public record Refused(Reason reason, String detail) implements Result {}

    /** Decodes one picture. Whatever the bytes are, the answer is a result; only running out of memory is thrown. */
    public Result decode(byte[] encoded) {
        if (encoded.length == 0) {
            return new Refused(Reason.EMPTY_FILE, "0 bytes");
        }
        if (encoded.length > maxBytes) {
            return tooLarge(encoded.length);
        }
        boolean jpeg = startsWith(encoded, JPEG);
        if (!jpeg && !startsWith(encoded, PNG)) {
            return new Refused(Reason.UNKNOWN_FORMAT, "neither JPEG nor PNG");
        }
        if (jpeg && !hasJpegEnd(encoded)) {
            return new Refused(Reason.TRUNCATED, "JPEG without end marker");
        }
        if (!jpeg && !hasPngEnd(encoded)) {
            return new Refused(Reason.TRUNCATED, "PNG without IEND chunk");
        }
        return decode(encoded, jpeg ? "jpeg" : "png");
    }

    /** The answer for a file that is too large to be read at all. */
    Refused tooLarge(long bytes) {
        return new Refused(Reason.TOO_LARGE, bytes + " bytes, more than " + maxBytes);
    }

    private Result decode(byte[] encoded, String format) {
        ImageReader reader = platformReader(format);
        // In memory: ImageIO's own choice would be a temporary file for each picture.
        try (ImageInputStream in = new MemoryCacheImageInputStream(new ByteArrayInputStream(encoded))) {
            reader.setInput(in, true, true);
            int sourceWidth = reader.getWidth(0);
            int sourceHeight = reader.getHeight(0);
            if ((long) sourceWidth * sourceHeight > maxPixels) {
                return new Refused(
                        Reason.TOO_MANY_PIXELS, sourceWidth + "x" + sourceHeight + " pixels, more than " + maxPixels);
            }
            return new Decoded(fit(reader.read(0)), sourceWidth, sourceHeight);
        } catch (IOException | RuntimeException e) {
            // ImageIO answers damaged pictures with nearly every kind of RuntimeException.
            return new Refused(Reason.UNDECODABLE, e.getClass().getSimpleName() + ": " + e.getMessage());
        } finally {
            reader.dispose();
        }
    }

    /** The JDK's own reader: a plug-in that happens to be on the class path must not change the pixels. */
    private static ImageReader platformReader(String format) {
        Iterator<ImageReader> readers = ImageIO.getImageReadersByFormatName(format);
        while (readers.hasNext()) {
            ImageReader reader = readers.next();
            if (reader.getClass().getName().startsWith("com.sun.imageio.")) {
                return reader;
            }
        }
        throw new IllegalStateException("Every Java platform reads " + format);
    }

    private byte[] fit(BufferedImage image) {
        Samples samples = Samples.of(image, colour);
        // [C, H, W]; each channel is resampled by rows on the way in, by columns at the end.
        return Resampling.fit(samples, colour.channels(), image.getHeight(), image.getWidth(), height, width);
    }

    /** Rows of the picture as 8-bit channels of the target's colour. */
    private static final class Samples implements Resampling.Rows {
        private final Raster raster;
        private final IndexColorModel palette; // null if the samples are the colours
        private final boolean alpha;
        private final Colour colour;
        private final int[] maxima;
        private int[] row;

        private Samples(Raster raster, IndexColorModel palette, boolean alpha, Colour colour) {
            this.raster = raster;
            this.palette = palette;
            this.alpha = alpha;
            this.colour = colour;
            this.maxima = Arrays.stream(raster.getSampleModel().getSampleSize())
                    .map(bits -> (1 << bits) - 1)
                    .toArray();
        }

        static Samples of(BufferedImage image, Colour colour) {
            ColorModel model = image.getColorModel();
            IndexColorModel palette = model instanceof IndexColorModel index ? index : null;
            int bands = image.getRaster().getNumBands();
            if (palette == null && bands - (model.hasAlpha() ? 1 : 0) != 1 && bands - (model.hasAlpha() ? 1 : 0) != 3) {
                throw new IllegalArgumentException(bands + " channels are neither grey nor RGB");
            }
            return new Samples(image.getRaster(), palette, model.hasAlpha(), colour);
        }

        @Override
        public void read(int y, byte[][] channels) {
            int width = raster.getWidth();
            int bands = raster.getNumBands();
            row = raster.getPixels(0, y, width, 1, row);
            for (int x = 0; x < width; x++) {
                int red;
                int green;
                int blue;
                int opacity;
                if (palette != null) {
                    int index = row[x];
                    red = palette.getRed(index);
                    green = palette.getGreen(index);
                    blue = palette.getBlue(index);
                    opacity = palette.getAlpha(index);
                } else {
                    int first = x * bands;
                    boolean grey = bands < 3;
                    red = to8Bits(row[first], maxima[0]);
                    green = grey ? red : to8Bits(row[first + 1], maxima[1]);
                    blue = grey ? red : to8Bits(row[first + 2], maxima[2]);
                    opacity = alpha ? to8Bits(row[first + bands - 1], maxima[bands - 1]) : 255;
                }
                store(channels, x, onWhite(red, opacity), onWhite(green, opacity), onWhite(blue, opacity));
            }
        }

        private void store(byte[][] channels, int x, int red, int green, int blue) {
            if (colour == Colour.GREY) {
                channels[0][x] = (byte) luma(red, green, blue);
            } else {
                channels[0][x] = (byte) red;
                channels[1][x] = (byte) green;
                channels[2][x] = (byte) blue;
            }
        }

        private static int to8Bits(int sample, int maximum) {
            return maximum == 255 ? sample : (sample * 255 + maximum / 2) / maximum;
        }

        private static int onWhite(int value, int opacity) {
            return (value * opacity + 255 * (255 - opacity) + 127) / 255;
        }

        /** ITU-R BT.601 luma in 16-bit fixed point, as Pillow's convert("L") has it; exact for grey. */
        private static int luma(int red, int green, int blue) {
            return (red * 19595 + green * 38470 + blue * 7471 + 0x8000) >> 16;
        }
    }

    private static boolean startsWith(byte[] bytes, byte[] prefix) {
        return bytes.length >= prefix.length && Arrays.equals(bytes, 0, prefix.length, prefix, 0, prefix.length);
    }

    /** Decoders take a JPEG that was cut off for a good one: ask for the end marker FF D9 near the end. */
    private static boolean hasJpegEnd(byte[] bytes) {
        for (int i = bytes.length - 2; i >= Math.max(0, bytes.length - JPEG_TAIL); i--) {
            if (bytes[i] == (byte) 0xFF && bytes[i + 1] == (byte) 0xD9) {
                return true;
            }
        }
        return false;
    }

    /** Walks the chunks (PNG specification, section 5.3) to the last one. */
    private static boolean hasPngEnd(byte[] bytes) {
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        long at = PNG.length;
        while (at + PNG_CHUNK_OVERHEAD <= bytes.length) {
            if (buffer.getInt((int) at + 4) == PNG_IEND) {
                return true;
            }
            at += PNG_CHUNK_OVERHEAD + Integer.toUnsignedLong(buffer.getInt((int) at));
        }
        return false;
    }
}
