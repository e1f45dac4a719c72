package org.convoy.prepare;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** The first directory of a TIFF (TIFF 6.0, section 2). Exif data is a TIFF of its own, without a picture. */
final class TiffHeader {
    private static final int WIDTH = 256;
    private static final int HEIGHT = 257;
    private static final int ORIENTATION = 274;
    private static final int SAMPLES_PER_PIXEL = 277;
    private static final int TILE_WIDTH = 322;
    private static final int TILE_HEIGHT = 323;

    private static final int SHORT = 3;
    private static final int ENTRY_BYTES = 12;

    private final ByteBuffer buffer;
    private final int firstEntry;
    private final int entries;

    private TiffHeader(ByteBuffer tiff) {
        buffer = tiff.duplicate().order(tiff.get(0) == 'M' ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN);
        long directory = Integer.toUnsignedLong(buffer.getInt(4));
        if (directory >= buffer.limit()) {
            throw new IndexOutOfBoundsException(directory);
        }
        entries = buffer.getShort((int) directory) & 0xFFFF;
        firstEntry = (int) directory + 2;
    }

    static PictureHeader read(byte[] bytes) throws BadPictureException {
        TiffHeader directory = new TiffHeader(ByteBuffer.wrap(bytes));
        int width = directory.length(WIDTH);
        int height = directory.length(HEIGHT);
        int samples = (int) directory.value(SAMPLES_PER_PIXEL);
        if (samples == 2) {
            throw new BadPictureException(Reason.UNDECODABLE, "TIFF of grey with alpha, which OpenCV gets wrong");
        }
        // OpenCV turns a TIFF by itself, whatever it is told.
        boolean swapped = Orientation.of(directory.value(ORIENTATION)).swapsSides();
        return new PictureHeader(
                PictureFormat.TIFF,
                swapped ? height : width,
                swapped ? width : height,
                Math.max((long) width * height, (long) directory.length(TILE_WIDTH) * directory.length(TILE_HEIGHT)),
                samples,
                Orientation.UPRIGHT);
    }

    /** Of Exif data in {@code bytes}; upright if it says nothing or is damaged: no reason to lose the picture. */
    static Orientation orientation(ByteBuffer bytes, int offset, int length) {
        try {
            return Orientation.of(new TiffHeader(bytes.slice(offset, length)).value(ORIENTATION));
        } catch (IndexOutOfBoundsException e) {
            return Orientation.UPRIGHT;
        }
    }

    private int length(int tag) {
        return (int) Math.min(Integer.MAX_VALUE, value(tag));
    }

    /** The value of a tag with one number; 0 if the directory has no such tag. */
    private long value(int tag) {
        for (int i = 0; i < entries; i++) {
            int entry = firstEntry + i * ENTRY_BYTES;
            if ((buffer.getShort(entry) & 0xFFFF) == tag) {
                return buffer.getShort(entry + 2) == SHORT
                        ? buffer.getShort(entry + 8) & 0xFFFF
                        : Integer.toUnsignedLong(buffer.getInt(entry + 8));
            }
        }
        return 0;
    }
}
