package org.convoy.prepare;

import java.io.Serializable;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.convoy.data.Colour;
import org.convoy.data.ImageShape;
import org.convoy.runtime.UserError;

/**
 * Decodes one picture to unsigned bytes of a fixed shape: C·H·W, R-G-B or grey. Reads JPEG, PNG, WebP, GIF, BMP and TIFF, of
 * animations the first frame. The format is told by the first bytes, never by a name, and the declared size is checked before
 * anything of that size is allocated.
 *
 * <p>OpenCV decodes, but for the usual JPEG ({@link SequentialJpeg}), GIF and BMP (the JDK) and CMYK JPEG (TwelveMonkeys). Samples of
 * 16 bits are scaled to 8, transparency is composited on the background, grey of a colour picture is ITU-R 601 luma, an Exif
 * orientation is applied. Colour profiles are applied to CMYK alone: samples of grey and RGB are taken for sRGB, as Pillow and
 * torchvision do.
 *
 * <p>Memory per call, of it outside of the heap what OpenCV decodes: up to 3 bytes per pixel, 9 for a progressive JPEG, 8 for 16-bit
 * samples with alpha; in the heap 8 bytes per pixel of a GIF, BMP or CMYK JPEG, and 4 of the usual JPEG, up to 64 MiB.
 *
 * @param colour what the channels of the result are
 * @param background what shows through transparency and around a padded picture: 0xRRGGBB
 * @param maxBytes largest encoded picture
 * @param maxPixels largest declared width * height
 * @param maxSeconds for one picture; a small one, which cannot take as long whatever is in it, is decoded without a clock
 */
public record ImageDecoder(
        Colour colour,
        int height,
        int width,
        Resize resize,
        int background,
        JpegDecode jpegDecode,
        long maxBytes,
        long maxPixels,
        long maxSeconds)
        implements Serializable {

    /**
     * Encoded bytes * pixels below which a picture is decoded in the task's own thread. A scan of a progressive JPEG takes ten bytes
     * or more and goes over all pixels once, in less than a nanosecond each: at most 7 s.
     */
    private static final long QUICK_WORK = 1L << 36;

    /** What {@link #as} must be told: the keys below {@code prepare.image} but for the shape. */
    private static final List<String> PREPARATION_KEYS = List.of("resize", "background", "jpeg-decode");

    /** Why a picture is not read or decoded at all. */
    public record Limits(long maxBytes, long maxPixels, long maxSeconds) implements Serializable {}

    /**
     * Decodes as another dataset was prepared.
     *
     * @param preparation as {@link org.convoy.data.Manifest#preparation}
     * @param shape of the pictures that are wanted; its channels say grey or R-G-B
     * @throws IllegalArgumentException if a value is missing
     * @throws UserError (usage) if a value is none that {@code prepare} knows
     */
    public static ImageDecoder as(Map<String, String> preparation, ImageShape shape, Limits limits) {
        for (String key : PREPARATION_KEYS) {
            if (!preparation.containsKey(key)) {
                throw new IllegalArgumentException("image." + key + " must be given but is missing");
            }
        }
        return new ImageDecoder(
                shape.channels() == Colour.GREY.channels() ? Colour.GREY : Colour.RGB,
                shape.height(),
                shape.width(),
                PrepareConfig.choice(PrepareConfig.RESIZE, preparation.get("resize"), Resize.values(), Resize::label),
                PrepareConfig.rgb(PrepareConfig.BACKGROUND, preparation.get("background")),
                PrepareConfig.choice(
                        PrepareConfig.JPEG_DECODE,
                        preparation.get("jpeg-decode"),
                        JpegDecode.values(),
                        JpegDecode::label),
                limits.maxBytes(),
                limits.maxPixels(),
                limits.maxSeconds());
    }

    static ImageDecoder of(PrepareConfig config) {
        return new ImageDecoder(
                config.colour(),
                config.height(),
                config.width(),
                config.resize(),
                config.background(),
                config.jpegDecode(),
                config.maxPictureBytes(),
                config.maxPicturePixels(),
                config.maxPictureSeconds());
    }

    /** What became of the bytes. */
    public sealed interface Result permits Decoded, Refused {}

    /**
     * A picture of the target's shape.
     *
     * @param pixels unsigned bytes, C·H·W
     * @param sourceWidth in pixels, as displayed, before resampling
     * @param sourceHeight in pixels, as displayed, before resampling
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
        try {
            return checkedDecode(encoded);
        } catch (BadPictureException e) {
            return new Refused(e.reason(), e.getMessage());
        }
    }

    /** The answer for a file that is too large to be read at all. */
    public Refused tooLarge(long bytes) {
        return new Refused(Reason.TOO_LARGE, bytes + " bytes, more than " + maxBytes);
    }

    private Decoded checkedDecode(byte[] encoded) throws BadPictureException {
        PictureFormat format = PictureFormat.of(encoded)
                .orElseThrow(() -> new BadPictureException(
                        Reason.UNKNOWN_FORMAT, "none of " + Arrays.toString(PictureFormat.values())));
        PictureHeader header = PictureHeader.read(format, encoded);
        header.checkArea(maxPixels);
        DecodingMarks.mark(encoded);
        return header.largestArea() * encoded.length < QUICK_WORK
                ? decode(encoded, header)
                : TimeLimit.within(maxSeconds, () -> decode(encoded, header));
    }

    private Decoded decode(byte[] encoded, PictureHeader header) throws BadPictureException {
        boolean swapped = header.orientation().swapsSides();
        int sourceHeight = swapped ? header.width() : header.height();
        int sourceWidth = swapped ? header.height() : header.width();
        Resize.Placement placement = resize.place(sourceHeight, sourceWidth, height, width);
        int reduction = header.format() == PictureFormat.JPEG && header.components() != 4
                ? jpegDecode.reduction(
                        Math.min(placement.rows().scale(), placement.columns().scale()))
                : 1;
        Resize.Placement stored = swapped ? placement.transposed() : placement;
        try (Bitmap bitmap = bitmap(encoded, header, reduction)) {
            SampleRows rows = new SampleRows(bitmap, colour, background);
            byte[] resampled = reduction == 1
                    ? Resampling.resample(rows, stored)
                    : ReducedResampling.resample(rows, header.height(), header.width(), reduction, stored);
            byte[] upright = header.orientation().apply(resampled, rows.channels(), stored.height(), stored.width());
            byte[] pixels = onBackground(inChannelsOfColour(upright, rows.channels()), placement);
            return new Decoded(pixels, sourceWidth, sourceHeight);
        }
    }

    private static Bitmap bitmap(byte[] encoded, PictureHeader header, int reduction) throws BadPictureException {
        return switch (header.format()) {
            case GIF -> JavaReaders.gif(encoded, header);
            case BMP -> JavaReaders.bmp(encoded);
            case JPEG -> jpeg(encoded, header, reduction);
            default -> OpenCv.decode(encoded, header, reduction);
        };
    }

    private static Bitmap jpeg(byte[] encoded, PictureHeader header, int reduction) throws BadPictureException {
        if (header.components() == 4) {
            return JavaReaders.fourComponentJpeg(encoded);
        }
        Optional<Bitmap> sequential = SequentialJpeg.decode(encoded, header, reduction);
        return sequential.isPresent() ? sequential.get() : OpenCv.decode(encoded, header, reduction);
    }

    /** A grey picture has the same plane for red, green and blue. */
    private byte[] inChannelsOfColour(byte[] planes, int channels) {
        if (colour.channels() == channels) {
            return planes;
        }
        byte[] repeated = new byte[3 * planes.length];
        for (int c = 0; c < 3; c++) {
            System.arraycopy(planes, 0, repeated, c * planes.length, planes.length);
        }
        return repeated;
    }

    /** In the middle of the target's shape; rounds half a pixel as Pillow's {@code ImageOps.pad} does. */
    private byte[] onBackground(byte[] planes, Resize.Placement placement) {
        if (placement.height() == height && placement.width() == width) {
            return planes;
        }
        byte[] padded = new byte[colour.channels() * height * width];
        int top = (int) Math.rint((height - placement.height()) * 0.5);
        int left = (int) Math.rint((width - placement.width()) * 0.5);
        for (int c = 0; c < colour.channels(); c++) {
            int plane = c * height * width;
            Arrays.fill(padded, plane, plane + height * width, (byte) SampleRows.sample(background, colour, c));
            for (int y = 0; y < placement.height(); y++) {
                System.arraycopy(
                        planes,
                        (c * placement.height() + y) * placement.width(),
                        padded,
                        plane + (top + y) * width + left,
                        placement.width());
            }
        }
        return padded;
    }
}
