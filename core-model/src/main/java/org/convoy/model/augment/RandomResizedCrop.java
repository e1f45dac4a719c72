package org.convoy.model.augment;

import java.util.SplittableRandom;

/**
 * A part of the picture anywhere, of random size and aspect ratio, is stretched to the whole (Szegedy et al. 2015, section
 * 6). The part is never larger than the picture, so plain bilinear interpolation does not alias.
 *
 * @param smallestArea smallest share of the picture that is taken, 0.01 to 1; all up to 1 are as likely
 * @param largestAspect by how much at most a part is wider or higher than the picture, in proportion, 1 to 4; its logarithm
 *     is uniform
 */
record RandomResizedCrop(double smallestArea, double largestAspect) implements Transform {
    /** How often a part is drawn that does not fit, before the picture stays whole. */
    private static final int ATTEMPTS = 10;

    RandomResizedCrop {
        Parameters.requireInRange("random-resized-crop.smallest-area", 0.01, 1, smallestArea);
        Parameters.requireInRange("random-resized-crop.largest-aspect", 1, 4, largestAspect);
    }

    @Override
    public void apply(Picture picture, SplittableRandom random) {
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            double area = smallestArea + (1 - smallestArea) * random.nextDouble();
            double aspect = StrictMath.pow(largestAspect, 2 * random.nextDouble() - 1);
            long width = Math.max(1, Math.round(picture.width() * Math.sqrt(area * aspect)));
            long height = Math.max(1, Math.round(picture.height() * Math.sqrt(area / aspect)));
            if (width <= picture.width() && height <= picture.height()) {
                int left = random.nextInt(picture.width() - (int) width + 1);
                int top = random.nextInt(picture.height() - (int) height + 1);
                stretch(picture, left, top, (int) width, (int) height);
                return;
            }
        }
    }

    /** Nothing but the part itself shows, up to its edges. */
    static void stretch(Picture picture, int left, int top, int width, int height) {
        Warp warp = picture.warp();
        for (int y = 0; y < picture.height(); y++) {
            double fromY = within((y + 0.5) * height / picture.height() - 0.5, height);
            for (int x = 0; x < picture.width(); x++) {
                double fromX = within((x + 0.5) * width / picture.width() - 0.5, width);
                warp.set(x, y, left + fromX, top + fromY);
            }
        }
        warp.apply((byte) 0);
    }

    private static double within(double place, int length) {
        return Math.min(Math.max(place, 0), length - 1);
    }
}
