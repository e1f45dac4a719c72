package org.convoy.prepare;

import java.util.Arrays;
import java.util.Optional;

/**
 * Decoding JPEG in Java: what cameras and most programs write, grey or Y-Cb-Cr in one scan. Everything else, and what is damaged, is
 * left to {@link OpenCv}, whose samples these are.
 *
 * <p>Memory: 4 bytes per pixel, and what grows with the width alone.
 */
final class SequentialJpeg {
    /** With 32x32 it takes longer than OpenCV: there is too little to make vectors of. */
    private static final int LEAST_PIXELS = 1 << 12;

    /** Larger ones would take much of a small heap. */
    private static final int MOST_PIXELS = 1 << 24;

    /** Blocks that are transformed together, or more: with fewer Java's vector loops would hardly begin before they end. */
    private static final int LEAST_LANES = 256;

    private static final int CENTRE = 128;
    private static final int FRACTION_BITS = 16;
    private static final int HALF = 1 << (FRACTION_BITS - 1);

    // ITU-R BT.601 in 16-bit fixed point, as libjpeg has it: 1.402, 0.34414, 0.71414 and 1.772.
    private static final int CR_TO_RED = 91881;
    private static final int CB_TO_GREEN = -22554;
    private static final int CR_TO_GREEN = -46802;
    private static final int CB_TO_BLUE = 116130;

    private final JpegFrame frame;
    private final JpegScan scan;
    private final int width;
    private final int height;
    private final int bandRows;
    private final JpegPlane[] planes;
    private final InverseDct[] transforms;
    /** By coefficient, then block: as {@link InverseDct#transform} has them. */
    private final int[][] blocks;

    private final int[] row;
    private final int[] pixels;

    private SequentialJpeg(byte[] encoded, JpegFrame frame, int reduction) {
        this.frame = frame;
        this.scan = new JpegScan(encoded, frame);
        this.width = OpenCv.divideUp(frame.width(), reduction);
        this.height = OpenCv.divideUp(frame.height(), reduction);
        this.bandRows =
                Math.min(frame.groupRows(), OpenCv.divideUp(LEAST_LANES, frame.groupsOfRow() * frame.blocksOfGroup()));
        this.planes = new JpegPlane[frame.components().length];
        int lanes = 0;
        for (int i = 0; i < planes.length; i++) {
            planes[i] = new JpegPlane(frame, i, InverseDct.SIDE / reduction, bandRows, lanes);
            lanes = planes[i].endLane();
        }
        boolean same = planes[planes.length - 1].side() == planes[0].side();
        this.transforms = same
                ? new InverseDct[] {new InverseDct(planes[0].side(), 0, lanes)}
                : new InverseDct[] {
                    new InverseDct(planes[0].side(), 0, planes[0].endLane()),
                    new InverseDct(planes[1].side(), planes[0].endLane(), lanes)
                };
        boolean meansAlone = same && planes[0].side() == 1;
        this.blocks = new int[meansAlone ? 1 : JpegFrame.BLOCK][lanes];
        this.row = new int[width];
        this.pixels = new int[width * height];
    }

    /**
     * Decodes a picture.
     *
     * @param header of a JPEG
     * @param reduction 1, 2, 4 or 8: that many times fewer rows and columns, rounded up
     * @return nothing where it is not of the usual kind, or damaged
     */
    static Optional<Bitmap> decode(byte[] encoded, PictureHeader header, int reduction) {
        long pixels = header.largestArea();
        if (pixels < LEAST_PIXELS || pixels / reduction / reduction > MOST_PIXELS) {
            return Optional.empty();
        }
        try {
            return Optional.of(new SequentialJpeg(encoded, JpegFrame.read(encoded), reduction).decode());
        } catch (UnusualJpegException e) {
            return Optional.empty();
        } catch (OutOfMemoryError e) {
            // Of one array as large as the picture: the heap is as good as before, and OpenCV needs none of it.
            return Optional.empty();
        }
    }

    private Bitmap decode() throws UnusualJpegException {
        int done = 0;
        for (int first = 0; first < frame.groupRows(); first += bandRows) {
            int rows = Math.min(bandRows, frame.groupRows() - first);
            readBand(rows);
            for (InverseDct transform : transforms) {
                transform.transform(blocks);
            }
            int ready = height;
            for (JpegPlane plane : planes) {
                plane.take(blocks, rows);
                ready = first + rows == frame.groupRows() ? height : Math.min(ready, plane.ready());
            }
            for (; done < ready; done++) {
                store(done);
            }
        }
        boolean grey = planes.length == 1;
        return new HeapBitmap(width, height, pixels, grey, false);
    }

    private void readBand(int rows) throws UnusualJpegException {
        for (int[] coefficients : blocks) {
            Arrays.fill(coefficients, 0);
        }
        for (int row = 0; row < rows; row++) {
            for (int group = 0; group < frame.groupsOfRow(); group++) {
                scan.beginGroup();
                for (JpegPlane plane : planes) {
                    plane.readGroup(scan, blocks, row, group);
                }
            }
            scan.checkData();
        }
    }

    private void store(int y) {
        if (planes.length == 1) {
            grey(planes[0].row(y), row);
        } else {
            int[] luma = planes[0].row(y);
            int[] cb = planes[1].row(y);
            int[] cr = planes[2].row(y);
            red(luma, cr, row);
            addGreen(luma, cb, cr, row);
            addBlue(luma, cb, row);
        }
        System.arraycopy(row, 0, pixels, y * width, width);
    }

    private static void grey(int[] luma, int[] row) {
        for (int i = 0; i < row.length; i++) {
            row[i] = Bitmap.GREY_TO_RGB * luma[i];
        }
    }

    private static void red(int[] luma, int[] cr, int[] row) {
        for (int i = 0; i < row.length; i++) {
            int red = luma[i] + ((CR_TO_RED * (cr[i] - CENTRE) + HALF) >> FRACTION_BITS);
            row[i] = InverseDct.sample(red) << 16;
        }
    }

    private static void addGreen(int[] luma, int[] cb, int[] cr, int[] row) {
        for (int i = 0; i < row.length; i++) {
            int chroma = CB_TO_GREEN * (cb[i] - CENTRE) + CR_TO_GREEN * (cr[i] - CENTRE);
            row[i] |= InverseDct.sample(luma[i] + ((chroma + HALF) >> FRACTION_BITS)) << 8;
        }
    }

    private static void addBlue(int[] luma, int[] cb, int[] row) {
        for (int i = 0; i < row.length; i++) {
            row[i] |= InverseDct.sample(luma[i] + ((CB_TO_BLUE * (cb[i] - CENTRE) + HALF) >> FRACTION_BITS));
        }
    }
}
