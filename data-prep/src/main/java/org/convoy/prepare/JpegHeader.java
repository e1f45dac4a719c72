package org.convoy.prepare;

import java.nio.ByteBuffer;

/** The markers of a JPEG up to its first scan (ITU-T T.81, annex B). Bytes between segments are skipped, as libjpeg does. */
final class JpegHeader {
    private static final int BASELINE = 0xC0;
    private static final int EXTENDED = 0xC1;
    private static final int END_OF_IMAGE = 0xD9;
    private static final int START_OF_SCAN = 0xDA;
    private static final int APP1 = 0xE1;
    private static final String EXIF = "Exif\0\0";

    /** Some cameras and sites put a few bytes behind the end marker. */
    private static final int TAIL = 64;

    private final byte[] bytes;
    private final ByteBuffer buffer;
    private int at = 2; // behind the start of image

    private JpegHeader(byte[] bytes) {
        this.bytes = bytes;
        this.buffer = ByteBuffer.wrap(bytes);
    }

    static PictureHeader read(byte[] bytes) throws BadPictureException {
        if (!new JpegHeader(bytes).hasEnd()) {
            throw new BadPictureException(Reason.TRUNCATED, "JPEG without end marker");
        }
        return new JpegHeader(bytes).readHeader();
    }

    /** Whether the file that was {@link #read} has each pixel in one scan only. */
    static boolean isSequential(byte[] bytes) {
        JpegHeader header = new JpegHeader(bytes);
        int marker = header.nextMarker();
        while (!isFrame(marker)) {
            header.at += header.segmentLength(marker);
            marker = header.nextMarker();
        }
        return marker == BASELINE || marker == EXTENDED;
    }

    private PictureHeader readHeader() throws BadPictureException {
        Orientation orientation = Orientation.UPRIGHT;
        int frame = -1;
        for (int marker = nextMarker(); marker != START_OF_SCAN; marker = nextMarker()) {
            if (marker == END_OF_IMAGE) {
                throw new BadPictureException(Reason.UNDECODABLE, "JPEG without a scan");
            }
            int length = segmentLength(marker);
            if (isFrame(marker) && frame < 0) {
                frame = at;
            }
            if (marker == APP1 && PictureFormat.has(bytes, at + 2, EXIF)) {
                int tiff = at + 2 + EXIF.length();
                orientation = TiffHeader.orientation(buffer, tiff, at + length - tiff);
            }
            at += length;
        }
        if (frame < 0) {
            throw new BadPictureException(Reason.UNDECODABLE, "JPEG without a frame");
        }
        int height = buffer.getShort(frame + 3) & 0xFFFF;
        int width = buffer.getShort(frame + 5) & 0xFFFF;
        return new PictureHeader(
                PictureFormat.JPEG, width, height, (long) width * height, buffer.get(frame + 7), orientation);
    }

    /** Whether the end marker stands near the end, or behind the last scan: a phone may have put a film there. */
    private boolean hasEnd() {
        for (int i = bytes.length - 2; i >= Math.max(0, bytes.length - TAIL); i--) {
            if ((bytes[i] & 0xFF) == 0xFF && (bytes[i + 1] & 0xFF) == END_OF_IMAGE) {
                return true;
            }
        }
        try {
            int marker = nextMarker();
            while (marker != END_OF_IMAGE) {
                at += segmentLength(marker);
                marker = nextMarker(); // within a scan 0xFF is followed by 0, which is no marker
            }
            return true;
        } catch (IndexOutOfBoundsException e) {
            return false;
        }
    }

    /** Moves behind the next marker. */
    private int nextMarker() {
        while (true) {
            while ((bytes[at] & 0xFF) != 0xFF) {
                at++;
            }
            while ((bytes[at] & 0xFF) == 0xFF) {
                at++;
            }
            int marker = bytes[at++] & 0xFF;
            if (marker != 0) {
                return marker;
            }
        }
    }

    /** Bytes from here to the end of the segment; 0 for markers that stand alone. */
    private int segmentLength(int marker) {
        boolean alone = marker == 0x01 || (marker >= 0xD0 && marker <= 0xD9);
        return alone ? 0 : Math.max(2, buffer.getShort(at) & 0xFFFF);
    }

    private static boolean isFrame(int marker) {
        return marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
    }
}
