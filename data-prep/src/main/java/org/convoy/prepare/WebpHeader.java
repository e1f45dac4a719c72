package org.convoy.prepare;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** The chunks of a WebP (RFC 9649). */
final class WebpHeader {
    private static final int FIRST_CHUNK = 12;
    private static final int FRAME_HEADER_BYTES = 16;
    private static final int ANIMATION = 0x02;
    private static final int ALPHA = 0x10;

    private final byte[] bytes;
    private final ByteBuffer buffer;

    private WebpHeader(byte[] bytes) {
        this.bytes = bytes;
        this.buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    /**
     * The first frame of an animation.
     *
     * @param still a WebP of that frame alone
     * @param left of the frame on the canvas
     * @param top of the frame on the canvas
     */
    @SuppressWarnings("ArrayRecordComponent") // carried, never compared
    record Frame(byte[] still, int left, int top, int width, int height) {}

    static PictureHeader read(byte[] bytes) throws BadPictureException {
        return new WebpHeader(bytes).readHeader();
    }

    /** Empty if the picture is not animated. */
    static Optional<Frame> firstFrame(byte[] bytes) {
        return new WebpHeader(bytes).firstFrame();
    }

    private PictureHeader readHeader() throws BadPictureException {
        if (Integer.toUnsignedLong(buffer.getInt(4)) + 8 > bytes.length) {
            throw new BadPictureException(Reason.TRUNCATED, "WebP shorter than it says");
        }
        int exif = find("EXIF");
        Orientation orientation = Orientation.UPRIGHT;
        if (exif >= 0) {
            int start = exif + 8 + (PictureFormat.has(bytes, exif + 8, "Exif\0\0") ? 6 : 0);
            orientation = TiffHeader.orientation(buffer, start, exif + 8 + length(exif) - start);
        }
        int[] size = size();
        return PictureHeader.plain(PictureFormat.WEBP, size[0], size[1], orientation);
    }

    /** Width and height. */
    private int[] size() throws BadPictureException {
        int data = FIRST_CHUNK + 8;
        if (PictureFormat.has(bytes, FIRST_CHUNK, "VP8X")) {
            return new int[] {1 + unsigned24(data + 4), 1 + unsigned24(data + 7)};
        }
        if (PictureFormat.has(bytes, FIRST_CHUNK, "VP8L")) {
            int bits = buffer.getInt(data + 1); // behind one byte of signature: 14 bits of width - 1, 14 of height - 1
            return new int[] {1 + (bits & 0x3FFF), 1 + ((bits >> 14) & 0x3FFF)};
        }
        if (PictureFormat.has(bytes, FIRST_CHUNK, "VP8 ")) {
            // Behind a frame tag and a start code of 3 bytes each; the upper two bits are a scale for display.
            return new int[] {buffer.getShort(data + 6) & 0x3FFF, buffer.getShort(data + 8) & 0x3FFF};
        }
        throw new BadPictureException(Reason.UNDECODABLE, "WebP without a picture");
    }

    private Optional<Frame> firstFrame() {
        boolean animated = PictureFormat.has(bytes, FIRST_CHUNK, "VP8X") && (bytes[FIRST_CHUNK + 8] & ANIMATION) != 0;
        int chunk = animated ? find("ANMF") : -1;
        if (chunk < 0) {
            return Optional.empty();
        }
        int data = chunk + 8;
        int left = 2 * unsigned24(data);
        int top = 2 * unsigned24(data + 3);
        int width = 1 + unsigned24(data + 6);
        int height = 1 + unsigned24(data + 9);
        int first = data + FRAME_HEADER_BYTES;
        return Optional.of(new Frame(still(first, data + length(chunk), width, height), left, top, width, height));
    }

    /** A file of its own around the chunks of a frame. */
    private byte[] still(int from, int to, int width, int height) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        int bytesInside = 4 + 8 + 10 + to - from;
        write(out, "RIFF", bytesInside, 4);
        write(out, "WEBPVP8X", 10, 4);
        write(out, "", ALPHA, 4);
        write(out, "", width - 1, 3);
        write(out, "", height - 1, 3);
        out.write(bytes, from, to - from);
        return out.toByteArray();
    }

    private static void write(ByteArrayOutputStream out, String tag, int number, int length) {
        out.writeBytes(tag.getBytes(StandardCharsets.US_ASCII));
        for (int i = 0; i < length; i++) {
            out.write(number >> (8 * i));
        }
    }

    /** Where the first chunk of a type begins, or -1. */
    private int find(String type) {
        long at = FIRST_CHUNK;
        while (at + 8 <= bytes.length) {
            long end = at + 8 + Integer.toUnsignedLong(buffer.getInt((int) at + 4));
            if (PictureFormat.has(bytes, (int) at, type) && end <= bytes.length) {
                return (int) at;
            }
            at = end + (end & 1); // chunks begin at even offsets
        }
        return -1;
    }

    private int length(int chunk) {
        return buffer.getInt(chunk + 4);
    }

    private int unsigned24(int at) {
        return (buffer.getShort(at) & 0xFFFF) | ((bytes[at + 2] & 0xFF) << 16);
    }
}
