package org.convoy.prepare;

import java.nio.ByteBuffer;

/** What a JPEG says up to its first scan. */
final class JpegHeader {
    private static final String EXIF = "Exif\0\0";

    /** Some cameras and sites put a few bytes behind the end marker. */
    private static final int TAIL = 64;

    private JpegHeader() {}

    static PictureHeader read(byte[] bytes) throws BadPictureException {
        if (!hasEnd(bytes)) {
            throw new BadPictureException(Reason.TRUNCATED, "JPEG without end marker");
        }
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        JpegMarkers markers = new JpegMarkers(bytes);
        Orientation orientation = Orientation.UPRIGHT;
        int frame = -1;
        for (int marker = markers.next(); marker != JpegMarkers.START_OF_SCAN; marker = markers.next()) {
            if (marker == JpegMarkers.END_OF_IMAGE) {
                throw new BadPictureException(Reason.UNDECODABLE, "JPEG without a scan");
            }
            int at = markers.at();
            int length = markers.segmentLength(marker);
            if (JpegMarkers.isFrame(marker) && frame < 0) {
                frame = at;
            }
            if (marker == JpegMarkers.APP1 && PictureFormat.has(bytes, at + 2, EXIF)) {
                int tiff = at + 2 + EXIF.length();
                orientation = TiffHeader.orientation(buffer, tiff, at + length - tiff);
            }
            markers.skip(length);
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
    private static boolean hasEnd(byte[] bytes) {
        for (int i = bytes.length - 2; i >= Math.max(0, bytes.length - TAIL); i--) {
            if ((bytes[i] & 0xFF) == 0xFF && (bytes[i + 1] & 0xFF) == JpegMarkers.END_OF_IMAGE) {
                return true;
            }
        }
        try {
            JpegMarkers markers = new JpegMarkers(bytes);
            int marker = markers.next();
            while (marker != JpegMarkers.END_OF_IMAGE) {
                markers.skip(markers.segmentLength(marker));
                marker = markers.next(); // within a scan 0xFF is followed by 0, which is no marker
            }
            return true;
        } catch (IndexOutOfBoundsException e) {
            return false;
        }
    }
}
