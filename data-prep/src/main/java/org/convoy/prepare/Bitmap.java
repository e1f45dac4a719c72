package org.convoy.prepare;

/** A decoded picture as it is stored: rows of pixels, an int each, 0xAARRGGBB. */
sealed interface Bitmap extends AutoCloseable permits HeapBitmap, OpenCvBitmap {
    /** What makes a pixel of a grey sample. */
    int GREY_TO_RGB = 0x010101;

    int width();

    int height();

    /** Whether red, green and blue are the same in every pixel. */
    boolean grey();

    /** Whether A says how much of the background shows through; else it says nothing. */
    boolean transparent();

    /** Whether the colours are already multiplied by alpha. */
    default boolean premultiplied() {
        return false;
    }

    /** Copies {@code count} pixels, row after row, from pixel {@code first} on to the beginning of {@code argb}. */
    void read(int first, int count, int[] argb);

    @Override
    default void close() {}
}
