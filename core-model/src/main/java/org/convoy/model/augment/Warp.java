package org.convoy.model.augment;

/**
 * Where each pixel of a changed picture comes from: a place in the picture before, between four of its pixels, whose levels
 * are interpolated (bilinear). Places are kept in 256ths of a pixel. Not thread-safe.
 */
final class Warp {
    private static final int ONE = 256;
    private static final int FRACTION_BITS = 8;
    private static final int HALF = 1 << (2 * FRACTION_BITS - 1);

    private final Picture picture;
    private final int[] across;
    private final int[] down;

    Warp(Picture picture) {
        this.picture = picture;
        this.across = new int[picture.height() * picture.width()];
        this.down = new int[across.length];
    }

    /** Pixel (x, y) shall come from there; pixel (0, 0) is the one at the top left. */
    void set(int x, int y, double fromX, double fromY) {
        int pixel = y * picture.width() + x;
        across[pixel] = (int) Math.round(fromX * ONE);
        down[pixel] = (int) Math.round(fromY * ONE);
    }

    /** Turns, shears and stretches the picture around its centre, from which (x, y) is measured: it comes from (xx·x + xy·y, yx·x + yy·y). */
    void setLinear(double xx, double xy, double yx, double yy) {
        double centreX = (picture.width() - 1) / 2.0;
        double centreY = (picture.height() - 1) / 2.0;
        for (int y = 0; y < picture.height(); y++) {
            for (int x = 0; x < picture.width(); x++) {
                double dx = x - centreX;
                double dy = y - centreY;
                set(x, y, centreX + xx * dx + xy * dy, centreY + yx * dx + yy * dy);
            }
        }
    }

    /**
     * Takes each pixel from where it was set to come from.
     *
     * @param fill level of what lies outside of the picture
     */
    void apply(byte fill) {
        byte[] from = picture.copy();
        byte[] to = picture.pixels();
        int width = picture.width();
        int plane = across.length;
        int outside = fill & 0xFF;
        for (int pixel = 0; pixel < plane; pixel++) {
            int left = across[pixel] >> FRACTION_BITS;
            int top = down[pixel] >> FRACTION_BITS;
            int right = across[pixel] & (ONE - 1);
            int bottom = down[pixel] & (ONE - 1);
            int topLeftWeight = (ONE - right) * (ONE - bottom);
            int topRightWeight = right * (ONE - bottom);
            int bottomLeftWeight = (ONE - right) * bottom;
            int bottomRightWeight = right * bottom;
            boolean inside = left >= 0 && top >= 0 && left < width - 1 && top < picture.height() - 1;
            for (int channel = 0; channel < picture.channels(); channel++) {
                int start = channel * plane;
                int at = start + top * width + left;
                int sum = inside
                        ? topLeftWeight * (from[at] & 0xFF)
                                + topRightWeight * (from[at + 1] & 0xFF)
                                + bottomLeftWeight * (from[at + width] & 0xFF)
                                + bottomRightWeight * (from[at + width + 1] & 0xFF)
                        : topLeftWeight * level(from, start, left, top, outside)
                                + topRightWeight * level(from, start, left + 1, top, outside)
                                + bottomLeftWeight * level(from, start, left, top + 1, outside)
                                + bottomRightWeight * level(from, start, left + 1, top + 1, outside);
                to[picture.start() + start + pixel] = (byte) ((sum + HALF) >> (2 * FRACTION_BITS));
            }
        }
    }

    private int level(byte[] from, int start, int x, int y, int outside) {
        boolean inside = x >= 0 && y >= 0 && x < picture.width() && y < picture.height();
        return inside ? from[start + y * picture.width() + x] & 0xFF : outside;
    }
}
