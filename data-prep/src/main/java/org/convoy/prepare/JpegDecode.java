package org.convoy.prepare;

/** How much of a JPEG is computed. */
public enum JpegDecode {
    /** Every pixel. */
    FULL("full"),
    /** Half, a quarter or an eighth of the rows and columns, where at least {@link #LEAST_SCALE} times the target's remain. */
    REDUCED("reduced");

    private static final int LARGEST_REDUCTION = 8; // of libjpeg

    /** With as much as that single photographs are off by almost the 3 grey levels that {@code RealPicturesIT} allows each. */
    private static final double LEAST_SCALE = 1.1;

    private final String label;

    JpegDecode(String label) {
        this.label = label;
    }

    String label() {
        return label;
    }

    /**
     * By how many times fewer rows and columns to decode.
     *
     * @param scale source pixels per target pixel
     */
    int reduction(double scale) {
        int reduction = 1;
        while (this == REDUCED && reduction < LARGEST_REDUCTION && scale / (2 * reduction) >= LEAST_SCALE) {
            reduction *= 2;
        }
        return reduction;
    }
}
