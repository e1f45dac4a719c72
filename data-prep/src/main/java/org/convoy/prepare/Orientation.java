package org.convoy.prepare;

/** How a stored picture is turned for display, in the order of the Exif values 1 to 8 (Exif 2.32, tag 0x0112). */
enum Orientation {
    UPRIGHT,
    MIRRORED,
    HALF_TURN,
    FLIPPED,
    TRANSPOSED,
    QUARTER_TURN,
    TRANSVERSED,
    THREE_QUARTER_TURN;

    /** Of the tag's value; what is none of the eight is upright. */
    static Orientation of(long exif) {
        return exif >= 1 && exif <= values().length ? values()[(int) exif - 1] : UPRIGHT;
    }

    /** Whether rows become columns. */
    boolean swapsSides() {
        return switch (this) {
            case UPRIGHT, MIRRORED, HALF_TURN, FLIPPED -> false;
            case TRANSPOSED, QUARTER_TURN, TRANSVERSED, THREE_QUARTER_TURN -> true;
        };
    }

    /**
     * Turns a picture for display.
     *
     * @param stored unsigned bytes [C, storedHeight, storedWidth]
     * @return unsigned bytes [C, H, W]; {@code stored} itself where nothing is to be done
     */
    byte[] apply(byte[] stored, int channels, int storedHeight, int storedWidth) {
        if (this == UPRIGHT) {
            return stored;
        }
        int height = swapsSides() ? storedWidth : storedHeight;
        int width = swapsSides() ? storedHeight : storedWidth;
        byte[] displayed = new byte[stored.length];
        int at = 0;
        for (int c = 0; c < channels; c++) {
            int plane = c * storedHeight * storedWidth;
            for (int y = 0; y < height; y++) {
                for (int x = 0; x < width; x++) {
                    displayed[at++] = stored[plane + storedIndex(y, x, storedHeight, storedWidth)];
                }
            }
        }
        return displayed;
    }

    private int storedIndex(int y, int x, int storedHeight, int storedWidth) {
        int bottom = storedHeight - 1;
        int right = storedWidth - 1;
        return switch (this) {
            case UPRIGHT -> y * storedWidth + x;
            case MIRRORED -> y * storedWidth + right - x;
            case HALF_TURN -> (bottom - y) * storedWidth + right - x;
            case FLIPPED -> (bottom - y) * storedWidth + x;
            case TRANSPOSED -> x * storedWidth + y;
            case QUARTER_TURN -> (bottom - x) * storedWidth + y;
            case TRANSVERSED -> (bottom - x) * storedWidth + right - y;
            case THREE_QUARTER_TURN -> x * storedWidth + right - y;
        };
    }
}
