package org.convoy.prepare;

/**
 * One component of a JPEG on its way from blocks to the rows of the picture, a band of blocks at a time. Where it has half of the
 * columns or rows, those between are made as libjpeg makes them: three quarters of the nearer sample and one of the farther.
 */
final class JpegPlane {
    /** Rows of the band before that upsampling looks back at, and that wait for the band behind. */
    private static final int HELD_ROWS = 2;

    private final int index;
    private final JpegFrame.Component component;
    private final int side;
    private final int blocksOfRow;
    private final int firstLane;
    private final int lanes;
    private final int width;
    private final int height;
    private final boolean halfColumns;
    private final boolean halfRows;
    private final boolean smooth;

    /** Row y lies in place y % length. */
    private final int[][] rows;

    private int known;

    private final int[] sums;
    private final int[] before;
    private final int[] behind;
    private final int[] evenColumns;
    private final int[] oddColumns;
    private final int[] wide;

    /**
     * @param index which of the frame's components
     * @param least samples of a block side of the component that is not subsampled: 8, 4, 2 or 1
     * @param bandRows rows of groups of blocks in a band
     * @param firstLane where its blocks begin
     */
    JpegPlane(JpegFrame frame, int index, int least, int bandRows, int firstLane) {
        this.index = index;
        this.component = frame.components()[index];
        this.side = side(frame, component, least);
        this.blocksOfRow = frame.groupsOfRow() * component.columns();
        this.firstLane = firstLane;
        this.lanes = bandRows * component.rows() * blocksOfRow;
        this.width = OpenCv.divideUp(frame.width() * component.columns() * side, frame.mostColumns() * InverseDct.SIDE);
        this.height = OpenCv.divideUp(frame.height() * component.rows() * side, frame.mostRows() * InverseDct.SIDE);
        this.halfColumns = component.columns() * side < frame.mostColumns() * least;
        this.halfRows = component.rows() * side < frame.mostRows() * least;
        this.smooth = least > 1 && width > 2;
        this.rows = new int[bandRows * component.rows() * side + HELD_ROWS][blocksOfRow * side];
        int half = halfColumns ? width : 0;
        this.sums = new int[half];
        this.before = new int[half];
        this.behind = new int[half];
        this.evenColumns = new int[half];
        this.oddColumns = new int[half];
        this.wide = new int[2 * half];
    }

    /** What libjpeg makes of a block: more than of the others where that saves it upsampling. */
    private static int side(JpegFrame frame, JpegFrame.Component component, int least) {
        int side = least;
        while (side < InverseDct.SIDE
                && frame.mostColumns() * least % (component.columns() * side * 2) == 0
                && frame.mostRows() * least % (component.rows() * side * 2) == 0) {
            side *= 2;
        }
        return side;
    }

    /** Samples of a block, in each direction. */
    int side() {
        return side;
    }

    /** Behind its last block. */
    int endLane() {
        return firstLane + lanes;
    }

    /** Reads its blocks of a group. */
    void readGroup(JpegScan scan, int[][] blocks, int bandRow, int group) throws UnusualJpegException {
        for (int row = 0; row < component.rows(); row++) {
            int lane = firstLane + (bandRow * component.rows() + row) * blocksOfRow + group * component.columns();
            for (int column = 0; column < component.columns(); column++) {
                if (side == 1) {
                    scan.readFirstOfBlock(component, index, blocks, lane + column);
                } else {
                    scan.readBlock(component, index, blocks, lane + column);
                }
            }
        }
    }

    /** Takes the samples of a band, of which there are {@code bandRows} rows of groups of blocks. */
    void take(int[][] samples, int bandRows) {
        for (int blockRow = 0; blockRow < bandRows * component.rows(); blockRow++) {
            int lane = firstLane + blockRow * blocksOfRow;
            for (int y = 0; y < side; y++) {
                int[] row = rows[known % rows.length];
                if (side == InverseDct.SIDE) {
                    spreadEight(samples, InverseDct.SIDE * y, lane, row);
                } else {
                    for (int x = 0; x < side; x++) {
                        spread(samples[InverseDct.SIDE * y + x], lane, row, x, side);
                    }
                }
                known++;
            }
        }
    }

    /** As {@link #spread} eight times, but writes each place of the row after the one before it. */
    private static void spreadEight(int[][] samples, int first, int lane, int[] row) {
        int[] a = samples[first];
        int[] b = samples[first + 1];
        int[] c = samples[first + 2];
        int[] d = samples[first + 3];
        int[] e = samples[first + 4];
        int[] f = samples[first + 5];
        int[] g = samples[first + 6];
        int[] h = samples[first + 7];
        int at = 0;
        for (int i = lane; at < row.length; i++) {
            row[at] = a[i];
            row[at + 1] = b[i];
            row[at + 2] = c[i];
            row[at + 3] = d[i];
            row[at + 4] = e[i];
            row[at + 5] = f[i];
            row[at + 6] = g[i];
            row[at + 7] = h[i];
            at += 8;
        }
    }

    private static void spread(int[] samples, int lane, int[] row, int x, int side) {
        int at = x;
        for (int i = lane; at < row.length; i++) {
            row[at] = samples[i];
            at += side;
        }
    }

    /** Rows of the picture that can be asked for, before the last band. */
    int ready() {
        return halfRows ? 2 * known - HELD_ROWS : known;
    }

    /** A row of the picture, and perhaps some more samples behind it. */
    int[] row(int y) {
        int[] near = rows[(halfRows ? y / 2 : y) % rows.length];
        if (!halfColumns) {
            return near;
        }
        if (!smooth) {
            interleave(near, near, wide);
            return wide;
        }
        if (halfRows) {
            int far = Math.max(0, Math.min(height - 1, y / 2 + (y % 2 == 0 ? -1 : 1)));
            addThrice(near, rows[far % rows.length], sums);
        } else {
            System.arraycopy(near, 0, sums, 0, width);
        }
        System.arraycopy(sums, 0, before, 1, width - 1);
        before[0] = sums[0];
        System.arraycopy(sums, 1, behind, 0, width - 1);
        behind[width - 1] = sums[width - 1];
        // Of sums that lie between two samples libjpeg rounds some up, in every second column, and the others down.
        between(sums, before, halfRows ? 8 : 1, halfRows ? 4 : 2, evenColumns);
        between(sums, behind, halfRows ? 7 : 2, halfRows ? 4 : 2, oddColumns);
        interleave(evenColumns, oddColumns, wide);
        return wide;
    }

    private static void addThrice(int[] near, int[] far, int[] target) {
        for (int i = 0; i < target.length; i++) {
            target[i] = 3 * near[i] + far[i];
        }
    }

    private static void between(int[] near, int[] far, int rounding, int shift, int[] target) {
        for (int i = 0; i < target.length; i++) {
            target[i] = (3 * near[i] + far[i] + rounding) >> shift;
        }
    }

    private static void interleave(int[] even, int[] odd, int[] target) {
        for (int i = 0; i < target.length / 2; i++) {
            target[2 * i] = even[i];
            target[2 * i + 1] = odd[i];
        }
    }
}
