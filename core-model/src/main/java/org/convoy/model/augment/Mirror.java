package org.convoy.model.augment;

import java.util.SplittableRandom;

/** Left becomes right with probability 1/2. */
record Mirror() implements Transform {
    @Override
    public void apply(Picture picture, SplittableRandom random) {
        if (random.nextBoolean()) {
            mirror(picture);
        }
    }

    static void mirror(Picture picture) {
        byte[] pixels = picture.pixels();
        int width = picture.width();
        for (int row = picture.start(); row < picture.end(); row += width) {
            for (int left = row, right = row + width - 1; left < right; left++, right--) {
                byte kept = pixels[left];
                pixels[left] = pixels[right];
                pixels[right] = kept;
            }
        }
    }
}
