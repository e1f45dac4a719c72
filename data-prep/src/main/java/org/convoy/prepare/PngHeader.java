package org.convoy.prepare;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.OptionalInt;

/** The chunks of a PNG (PNG specification, third edition, section 5). */
final class PngHeader {
    private static final int FIRST_CHUNK = 8; // behind the signature
    private static final int CHUNK_OVERHEAD = 12; // length, type and checksum
    private static final int IHDR = type("IHDR");
    private static final int TRNS = type("tRNS");
    private static final int EXIF = type("eXIf");
    private static final int IEND = type("IEND");
    private static final int GREY = 0; // colour type

    private PngHeader() {}

    static PictureHeader read(byte[] bytes) throws BadPictureException {
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        if (find(buffer, IEND) < 0) {
            throw new BadPictureException(Reason.TRUNCATED, "PNG without IEND chunk");
        }
        if (buffer.getInt(FIRST_CHUNK + 4) != IHDR) {
            throw new BadPictureException(Reason.UNDECODABLE, "PNG does not begin with IHDR");
        }
        int exif = find(buffer, EXIF);
        return PictureHeader.plain(
                PictureFormat.PNG,
                buffer.getInt(FIRST_CHUNK + 8),
                buffer.getInt(FIRST_CHUNK + 12),
                exif < 0 ? Orientation.UPRIGHT : TiffHeader.orientation(buffer, exif + 8, buffer.getInt(exif)));
    }

    /** The grey value that stands for transparency, in the picture's bit depth; OpenCV leaves it to its caller. */
    static OptionalInt transparentGrey(byte[] bytes) {
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        int transparency = find(buffer, TRNS);
        boolean grey = buffer.get(FIRST_CHUNK + 17) == GREY;
        return grey && transparency >= 0 && buffer.getInt(transparency) >= 2
                ? OptionalInt.of(buffer.getShort(transparency + 8) & 0xFFFF)
                : OptionalInt.empty();
    }

    static int bitDepth(byte[] bytes) {
        return bytes[FIRST_CHUNK + 16];
    }

    /** Where the first whole chunk of a type begins, or -1. */
    private static int find(ByteBuffer buffer, int type) {
        long at = FIRST_CHUNK;
        while (at + CHUNK_OVERHEAD <= buffer.limit()) {
            long end = at + CHUNK_OVERHEAD + Integer.toUnsignedLong(buffer.getInt((int) at));
            if (buffer.getInt((int) at + 4) == type && end <= buffer.limit()) {
                return (int) at;
            }
            at = end;
        }
        return -1;
    }

    private static int type(String name) {
        return ByteBuffer.wrap(name.getBytes(StandardCharsets.US_ASCII)).getInt();
    }
}
