package org.convoy.prepare;

import java.nio.ByteBuffer;

/**
 * What it takes to decode a JPEG of one scan without refinements: grey, or Y-Cb-Cr with Cb and Cr of half or all of the columns, and
 * rows (ITU-T T.81, annex B).
 *
 * @param restartInterval groups of blocks between two restart markers; 0 without any
 * @param scan where the scan's data begins
 */
@SuppressWarnings("ArrayRecordComponent") // read, never compared
record JpegFrame(int width, int height, Component[] components, int restartInterval, int scan) {
    static final int BLOCK = 64;

    private static final int SAMPLE_BITS = 8;
    private static final int Y_CB_CR = 1;
    private static final String JFIF = "JFIF\0";
    private static final String ADOBE = "Adobe";
    private static final String RED_GREEN_BLUE = "RGB";

    /**
     * One plane.
     *
     * @param columns blocks side by side in each group of blocks
     * @param rows blocks one below the other in each group of blocks
     * @param quantisation what coefficients are multiplied by, in zigzag order
     */
    record Component(int columns, int rows, int[] quantisation, HuffmanTable dc, HuffmanTable ac) {}

    /**
     * Reads everything up to the scan.
     *
     * @throws UnusualJpegException if there is anything else than is described above
     */
    static JpegFrame read(byte[] bytes) throws UnusualJpegException {
        try {
            return new Reader(bytes).read();
        } catch (IndexOutOfBoundsException e) {
            throw new UnusualJpegException("ends within its header");
        }
    }

    /** Blocks side by side in a group of blocks. */
    int mostColumns() {
        return components[0].columns;
    }

    int mostRows() {
        return components[0].rows;
    }

    int groupsOfRow() {
        return OpenCv.divideUp(width, mostColumns() * InverseDct.SIDE);
    }

    int groupRows() {
        return OpenCv.divideUp(height, mostRows() * InverseDct.SIDE);
    }

    int blocksOfGroup() {
        int blocks = 0;
        for (Component component : components) {
            blocks += component.columns * component.rows;
        }
        return blocks;
    }

    private static final class Reader {
        private final byte[] bytes;
        private final ByteBuffer buffer;
        private final JpegMarkers markers;
        private final int[][] quantisation = new int[4][];
        private final HuffmanTable[] dc = new HuffmanTable[4];
        private final HuffmanTable[] ac = new HuffmanTable[4];
        private int frame = -1;
        private int restartInterval;
        private boolean jfif;
        private int adobe = -1;

        Reader(byte[] bytes) {
            this.bytes = bytes;
            this.buffer = ByteBuffer.wrap(bytes);
            this.markers = new JpegMarkers(bytes);
        }

        JpegFrame read() throws UnusualJpegException {
            for (int marker = markers.next(); marker != JpegMarkers.START_OF_SCAN; marker = markers.next()) {
                int at = markers.at() + 2;
                int length = markers.segmentLength(marker);
                int end = markers.at() + length;
                if (JpegMarkers.isFrame(marker)) {
                    check(marker == JpegMarkers.BASELINE || marker == JpegMarkers.EXTENDED, "a rare kind of frame");
                    check(frame < 0, "two frames");
                    frame = at;
                }
                switch (marker) {
                    case JpegMarkers.QUANTISATION_TABLES -> readQuantisation(at, end);
                    case JpegMarkers.HUFFMAN_TABLES -> readHuffman(at, end);
                    case JpegMarkers.RESTART_INTERVAL -> restartInterval = buffer.getShort(at) & 0xFFFF;
                    case JpegMarkers.APP0 -> jfif |= length >= 16 && PictureFormat.has(bytes, at, JFIF);
                    case JpegMarkers.APP14 ->
                        adobe = length >= 14 && PictureFormat.has(bytes, at, ADOBE) ? bytes[at + 11] & 0xFF : adobe;
                    case JpegMarkers.END_OF_IMAGE -> throw new UnusualJpegException("no scan");
                    default -> {}
                }
                markers.skip(length);
            }
            check(frame >= 0, "no frame");
            return frame();
        }

        private void readQuantisation(int begin, int end) throws UnusualJpegException {
            for (int at = begin; at < end; at += 1 + BLOCK) {
                check(bytes[at] >= 0 && bytes[at] < quantisation.length, "a rare kind of quantisation table");
                int[] table = new int[BLOCK];
                for (int i = 0; i < BLOCK; i++) {
                    table[i] = bytes[at + 1 + i] & 0xFF;
                }
                quantisation[bytes[at]] = table;
            }
        }

        private void readHuffman(int begin, int end) throws UnusualJpegException {
            int at = begin;
            while (at < end) {
                int kind = bytes[at] & 0xFF;
                check((kind & 0xEF) < dc.length, "a rare kind of Huffman table");
                boolean isAc = kind >= 0x10;
                HuffmanTable table = HuffmanTable.read(isAc, bytes, at + 1, end);
                (isAc ? ac : dc)[kind & 0xF] = table;
                at += 1 + table.length();
            }
        }

        /** At the scan's segment. */
        private JpegFrame frame() throws UnusualJpegException {
            int count = bytes[frame + 5];
            check(bytes[frame] == SAMPLE_BITS, "samples that are not of 8 bits");
            check(count == 1 || (count == 3 && isYCbCr()), "rare colours");
            int at = markers.at() + 2;
            check(
                    bytes[at] == count && markers.segmentLength(JpegMarkers.START_OF_SCAN) == 6 + 2 * count,
                    "many scans");
            Component[] components = new Component[count];
            for (int i = 0; i < count; i++) {
                components[i] = component(frame + 6 + 3 * i, at + 1 + 2 * i, count == 1);
            }
            int columns = components[0].columns;
            int rows = components[0].rows;
            check(rows >= 1 && columns >= rows && columns <= 2, "rare subsampling");
            for (int i = 1; i < count; i++) {
                check(components[i].columns == 1 && components[i].rows == 1, "rare subsampling");
            }
            int behind = at + 1 + 2 * count;
            check(bytes[behind] == 0 && bytes[behind + 1] == BLOCK - 1 && bytes[behind + 2] == 0, "refinements");
            int height = buffer.getShort(frame + 1) & 0xFFFF;
            int width = buffer.getShort(frame + 3) & 0xFFFF;
            return new JpegFrame(width, height, components, restartInterval, behind + 3);
        }

        /** As libjpeg decides. */
        private boolean isYCbCr() {
            if (jfif) {
                return true;
            }
            return adobe >= 0
                    ? adobe == Y_CB_CR
                    : !(bytes[frame + 6] == RED_GREEN_BLUE.charAt(0)
                            && bytes[frame + 9] == RED_GREEN_BLUE.charAt(1)
                            && bytes[frame + 12] == RED_GREEN_BLUE.charAt(2));
        }

        private Component component(int inFrame, int inScan, boolean alone) throws UnusualJpegException {
            check(bytes[inFrame] == bytes[inScan], "components in another order");
            int table = bytes[inFrame + 2];
            int ofDc = (bytes[inScan + 1] & 0xFF) >> 4;
            int ofAc = bytes[inScan + 1] & 0xF;
            check(
                    table >= 0
                            && table < quantisation.length
                            && quantisation[table] != null
                            && ofDc < dc.length
                            && dc[ofDc] != null
                            && ofAc < ac.length
                            && ac[ofAc] != null,
                    "a table that is missing");
            // A single plane has no groups of blocks.
            int columns = alone ? 1 : (bytes[inFrame + 1] & 0xFF) >> 4;
            int rows = alone ? 1 : bytes[inFrame + 1] & 0xF;
            return new Component(columns, rows, quantisation[table], dc[ofDc], ac[ofAc]);
        }

        private static void check(boolean isUsual, String otherwise) throws UnusualJpegException {
            if (!isUsual) {
                throw new UnusualJpegException(otherwise);
            }
        }
    }
}
