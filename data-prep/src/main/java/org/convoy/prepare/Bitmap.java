package org.convoy.prepare;

/** A decoded picture as it is stored: rows of interleaved unsigned bytes, grey, B-G-R or B-G-R-A. */
sealed interface Bitmap extends AutoCloseable permits HeapBitmap, OpenCvBitmap {
    int width();

    int height();

    /** 1 grey, 3 B-G-R or 4 B-G-R-A. */
    int channels();

    /** Whether the colours are already multiplied by alpha. */
    default boolean premultiplied() {
        return false;
    }

    /** Copies row {@code y} to the beginning of {@code samples}. */
    void row(int y, byte[] samples);

    @Override
    default void close() {}
}
