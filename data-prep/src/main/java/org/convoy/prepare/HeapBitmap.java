package org.convoy.prepare;

/**
 * A picture in Java's memory.
 *
 * @param samples [H, W, C]
 */
@SuppressWarnings("ArrayRecordComponent") // carried, never compared
record HeapBitmap(int width, int height, int channels, byte[] samples) implements Bitmap {
    /** A frame on a transparent canvas; what reaches over its edge is cut off. */
    static HeapBitmap onCanvas(int width, int height, Bitmap frame, int left, int top) {
        byte[] samples = new byte[4 * width * height];
        byte[] row = new byte[frame.width() * frame.channels()];
        int columns = Math.min(frame.width(), width - left);
        for (int y = 0; y < Math.min(frame.height(), height - top); y++) {
            frame.row(y, row);
            int at = 4 * ((top + y) * width + left);
            for (int x = 0; x < columns; x++) {
                for (int c = 0; c < 4; c++) {
                    samples[at++] = sample(row, frame.channels(), x, c);
                }
            }
        }
        return new HeapBitmap(width, height, 4, samples);
    }

    private static byte sample(byte[] row, int channels, int x, int channel) {
        if (channel == 3 && channels < 4) {
            return (byte) 255;
        }
        return row[x * channels + Math.min(channel, channels - 1)];
    }

    @Override
    public void row(int y, byte[] row) {
        System.arraycopy(samples, y * width * channels, row, 0, width * channels);
    }
}
