package org.convoy.prepare;

/**
 * A picture in Java's memory.
 *
 * @param argb [H, W], 0xAARRGGBB
 * @param grey whether red, green and blue are the same in every pixel
 * @param transparent whether A says anything
 */
@SuppressWarnings("ArrayRecordComponent") // carried, never compared
record HeapBitmap(int width, int height, int[] argb, boolean grey, boolean transparent) implements Bitmap {
    private static final int OPAQUE = 0xFF << 24;

    /** Colours with transparency. */
    HeapBitmap(int width, int height, int[] argb) {
        this(width, height, argb, false, true);
    }

    /** A frame on a transparent canvas; what reaches over its edge is cut off. */
    static HeapBitmap onCanvas(int width, int height, Bitmap frame, int left, int top) {
        int[] argb = new int[width * height];
        int[] row = new int[frame.width()];
        int columns = Math.max(0, Math.min(frame.width(), width - left));
        for (int y = 0; y < Math.min(frame.height(), height - top); y++) {
            frame.read(y * frame.width(), columns, row);
            int at = (top + y) * width + left;
            for (int x = 0; x < columns; x++) {
                argb[at + x] = frame.transparent() ? row[x] : row[x] | OPAQUE;
            }
        }
        return new HeapBitmap(width, height, argb);
    }

    @Override
    public void read(int first, int count, int[] target) {
        System.arraycopy(argb, first, target, 0, count);
    }
}
