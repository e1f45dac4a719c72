package org.convoy.prepare;

import java.nio.ByteBuffer;

/** Walks over the markers of a JPEG (ITU-T T.81, annex B). Bytes between segments are skipped, as libjpeg does. */
final class JpegMarkers {
    static final int BASELINE = 0xC0;
    static final int EXTENDED = 0xC1;
    static final int HUFFMAN_TABLES = 0xC4;
    static final int FIRST_RESTART = 0xD0;
    static final int END_OF_IMAGE = 0xD9;
    static final int START_OF_SCAN = 0xDA;
    static final int QUANTISATION_TABLES = 0xDB;
    static final int RESTART_INTERVAL = 0xDD;
    static final int APP0 = 0xE0;
    static final int APP1 = 0xE1;
    static final int APP14 = 0xEE;

    private final byte[] bytes;
    private final ByteBuffer buffer;
    private int at = 2; // behind the start of image

    JpegMarkers(byte[] bytes) {
        this.bytes = bytes;
        this.buffer = ByteBuffer.wrap(bytes);
    }

    /** Moves behind the next marker. */
    int next() {
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

    /** Behind the marker: where its segment begins, with its length. */
    int at() {
        return at;
    }

    /** Bytes from here to the end of the segment; 0 for markers that stand alone. */
    int segmentLength(int marker) {
        boolean alone = marker == 0x01 || (marker >= FIRST_RESTART && marker <= END_OF_IMAGE);
        return alone ? 0 : Math.max(2, buffer.getShort(at) & 0xFFFF);
    }

    void skip(int length) {
        at += length;
    }

    static boolean isFrame(int marker) {
        return marker >= 0xC0 && marker <= 0xCF && marker != HUFFMAN_TABLES && marker != 0xC8 && marker != 0xCC;
    }
}
