package org.convoy.inspect;

import java.io.Serializable;
import org.convoy.data.ImageShape;

/**
 * What a picture looks like from afar.
 *
 * @param hash 64 bits, eight rows of eight: whether a cell is darker than its right neighbour (difference hash, N. Krawetz, "Kind of
 *     Like That", 2013); scaling, encoding anew and another brightness change few of them
 * @param grey 16 · 16 unsigned bytes: the mean luma of each cell
 */
@SuppressWarnings("ArrayRecordComponent") // compared by difference alone
record PictureSignature(long hash, byte[] grey) implements Serializable {
    private static final int HASH_SIDE = 8;
    private static final int GREY_SIDE = 16;

    /**
     * The signature of a picture.
     *
     * @param pixels unsigned bytes, C·H·W
     */
    static PictureSignature of(ImageShape shape, byte[] pixels) {
        int[] cells = cells(shape, pixels, HASH_SIDE, HASH_SIDE + 1);
        long hash = 0;
        for (int y = 0; y < HASH_SIDE; y++) {
            for (int x = 0; x < HASH_SIDE; x++) {
                int cell = y * (HASH_SIDE + 1) + x;
                hash = (hash << 1) | (cells[cell] < cells[cell + 1] ? 1 : 0);
            }
        }
        int[] means = cells(shape, pixels, GREY_SIDE, GREY_SIDE);
        byte[] grey = new byte[means.length];
        for (int i = 0; i < grey.length; i++) {
            grey[i] = (byte) means[i];
        }
        return new PictureSignature(hash, grey);
    }

    /** The mean luma of each cell of a grid over the picture, row by row. */
    private static int[] cells(ImageShape shape, byte[] pixels, int rows, int columns) {
        int[] means = new int[rows * columns];
        for (int row = 0; row < rows; row++) {
            int top = row * shape.height() / rows;
            int bottom = Math.max(top + 1, (row + 1) * shape.height() / rows);
            for (int column = 0; column < columns; column++) {
                int left = column * shape.width() / columns;
                int right = Math.max(left + 1, (column + 1) * shape.width() / columns);
                long sum = 0;
                for (int y = top; y < bottom; y++) {
                    for (int x = left; x < right; x++) {
                        sum += luma(shape, pixels, y * shape.width() + x);
                    }
                }
                means[row * columns + column] = (int) (sum / ((long) (bottom - top) * (right - left)));
            }
        }
        return means;
    }

    /** ITU-R BT.601. */
    private static int luma(ImageShape shape, byte[] pixels, int at) {
        if (shape.channels() == 1) {
            return pixels[at] & 0xFF;
        }
        int plane = shape.height() * shape.width();
        return (299 * (pixels[at] & 0xFF) + 587 * (pixels[at + plane] & 0xFF) + 114 * (pixels[at + 2 * plane] & 0xFF))
                / 1000;
    }

    /** Bits of the hashes that differ. */
    int distance(PictureSignature other) {
        return Long.bitCount(hash ^ other.hash);
    }

    /** Mean difference of the cells, in grey levels. */
    double difference(PictureSignature other) {
        int sum = 0;
        for (int i = 0; i < grey.length; i++) {
            sum += Math.abs((grey[i] & 0xFF) - (other.grey[i] & 0xFF));
        }
        return (double) sum / grey.length;
    }
}
