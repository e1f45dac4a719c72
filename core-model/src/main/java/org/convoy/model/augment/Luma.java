package org.convoy.model.augment;

/** How bright a colour is: ITU-R BT.601's weights of red, green and blue, in 256ths. */
final class Luma {
    static final int RED = 77;
    static final int GREEN = 150;
    static final int BLUE = 29;
    static final int ONE = 256;

    private Luma() {}

    /** The mean over a picture; of a grey one, its levels' mean. */
    static double mean(Picture picture) {
        int plane = picture.height() * picture.width();
        if (picture.channels() == 1) {
            return (double) sum(picture, 0, plane) / plane;
        }
        long weighted = RED * sum(picture, 0, plane) + GREEN * sum(picture, 1, plane) + BLUE * sum(picture, 2, plane);
        return (double) weighted / ONE / plane;
    }

    private static long sum(Picture picture, int channel, int plane) {
        byte[] pixels = picture.pixels();
        int first = picture.start() + channel * plane;
        long sum = 0;
        for (int i = first; i < first + plane; i++) {
            sum += pixels[i] & 0xFF;
        }
        return sum;
    }
}
