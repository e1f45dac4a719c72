package org.convoy.prepare;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** The blocks of a GIF up to the end of its first frame (GIF89a specification, sections 17 to 22). */
final class GifHeader {
    private static final int SCREEN_FLAGS = 10;
    private static final int FIRST_BLOCK = 13; // behind header and screen descriptor, and the global colours
    private static final int EXTENSION = 0x21;
    private static final int IMAGE = 0x2C;

    private GifHeader() {}

    /** Where the first frame lies on the canvas. */
    record Frame(int left, int top, int width, int height) {}

    static PictureHeader read(byte[] bytes) throws BadPictureException {
        ByteBuffer buffer = littleEndian(bytes);
        int descriptor = firstImage(buffer);
        int width = buffer.getShort(6) & 0xFFFF;
        int height = buffer.getShort(8) & 0xFFFF;
        Frame frame = frame(buffer, descriptor);
        int data = descriptor + 10 + colourBytes(buffer.get(descriptor + 9)) + 1;
        skipSubBlocks(buffer, data); // throws if the first frame is cut
        long area = Math.max((long) width * height, (long) frame.width * frame.height);
        return new PictureHeader(PictureFormat.GIF, width, height, area, 0, Orientation.UPRIGHT);
    }

    /** Of a file whose header was read. */
    static Frame firstFrame(byte[] bytes) throws BadPictureException {
        ByteBuffer buffer = littleEndian(bytes);
        return frame(buffer, firstImage(buffer));
    }

    private static ByteBuffer littleEndian(byte[] bytes) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static int firstImage(ByteBuffer buffer) throws BadPictureException {
        int at = FIRST_BLOCK + colourBytes(buffer.get(SCREEN_FLAGS));
        while (buffer.get(at) == EXTENSION) {
            at = skipSubBlocks(buffer, at + 2);
        }
        if (buffer.get(at) != IMAGE) {
            throw new BadPictureException(Reason.UNDECODABLE, "GIF without a frame");
        }
        return at;
    }

    private static Frame frame(ByteBuffer buffer, int descriptor) {
        return new Frame(
                buffer.getShort(descriptor + 1) & 0xFFFF,
                buffer.getShort(descriptor + 3) & 0xFFFF,
                buffer.getShort(descriptor + 5) & 0xFFFF,
                buffer.getShort(descriptor + 7) & 0xFFFF);
    }

    private static int colourBytes(byte flags) {
        return (flags & 0x80) == 0 ? 0 : 3 << ((flags & 7) + 1);
    }

    /** Where the block ends whose first sub-block begins at {@code at}. */
    private static int skipSubBlocks(ByteBuffer buffer, int at) {
        int next = at;
        int length = buffer.get(next) & 0xFF;
        while (length > 0) {
            next += 1 + length;
            length = buffer.get(next) & 0xFF;
        }
        return next + 1;
    }
}
