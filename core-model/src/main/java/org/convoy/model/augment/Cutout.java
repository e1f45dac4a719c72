package org.convoy.model.augment;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.convoy.model.InputShape;

/**
 * A square with its centre anywhere in the picture is painted over, as far as it lies in the picture (DeVries and Taylor
 * 2017).
 *
 * @param size of its side, pixels, 1 or more
 * @param fill level that it gets
 */
record Cutout(int size, byte fill) implements Transform {
    private static final String KEY = "cutout.size-pixels";

    Cutout {
        Parameters.requireInRange(KEY, 1, 1024, size);
    }

    @Override
    public void requireFits(InputShape shape) {
        Parameters.requireSmaller(KEY, shape, size);
    }

    @Override
    public void apply(Picture picture, SplittableRandom random) {
        int y = random.nextInt(picture.height());
        int x = random.nextInt(picture.width());
        paint(picture, y, x);
    }

    /** The square's pixels begin half its size before its centre. */
    void paint(Picture picture, int centreY, int centreX) {
        int top = Math.max(0, centreY - size / 2);
        int bottom = Math.min(picture.height(), centreY - size / 2 + size);
        int left = Math.max(0, centreX - size / 2);
        int right = Math.min(picture.width(), centreX - size / 2 + size);
        for (int channel = 0; channel < picture.channels(); channel++) {
            for (int y = top; y < bottom; y++) {
                int row = picture.start() + (channel * picture.height() + y) * picture.width();
                Arrays.fill(picture.pixels(), row + left, row + right, fill);
            }
        }
    }
}
