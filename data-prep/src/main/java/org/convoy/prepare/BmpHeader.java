package org.convoy.prepare;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** The size that a Windows or OS/2 bitmap declares. */
final class BmpHeader {
    private static final int INFO_HEADER = 14; // behind the file header
    private static final int OS2_INFO_HEADER_BYTES = 12;

    private BmpHeader() {}

    static PictureHeader read(byte[] bytes) {
        ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        boolean os2 = buffer.getInt(INFO_HEADER) == OS2_INFO_HEADER_BYTES;
        int width = os2 ? buffer.getShort(18) & 0xFFFF : buffer.getInt(18);
        int height = os2 ? buffer.getShort(20) & 0xFFFF : buffer.getInt(22);
        // A negative height says that the rows run from top to bottom.
        return PictureHeader.plain(PictureFormat.BMP, width, Math.abs(height), Orientation.UPRIGHT);
    }
}
