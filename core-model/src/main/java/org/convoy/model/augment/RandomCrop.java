package org.convoy.model.augment;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.convoy.model.InputShape;

/**
 * The picture gets a border, and a part of its own size is cut out anywhere (He et al. 2016, section 4.2): it is shifted by
 * up to {@code padding} pixels each way.
 *
 * @param padding width of the border, pixels, 1 to 256
 * @param fill level of the border
 */
record RandomCrop(int padding, byte fill) implements Transform {
    private static final String KEY = "random-crop.padding-pixels";

    RandomCrop {
        Parameters.requireInRange(KEY, 1, 256, padding);
    }

    @Override
    public void requireFits(InputShape shape) {
        Parameters.requireSmaller(KEY, shape, padding);
    }

    @Override
    public void apply(Picture picture, SplittableRandom random) {
        int down = random.nextInt(-padding, padding + 1);
        int right = random.nextInt(-padding, padding + 1);
        shift(picture, down, right);
    }

    /** Moves what the picture shows; what comes in from outside is border. */
    void shift(Picture picture, int down, int right) {
        byte[] from = picture.copy();
        byte[] to = picture.pixels();
        int height = picture.height();
        int width = picture.width();
        int kept = width - Math.abs(right);
        Arrays.fill(to, picture.start(), picture.end(), fill);
        for (int channel = 0; channel < picture.channels(); channel++) {
            int plane = channel * height * width;
            for (int y = Math.max(0, down); y < Math.min(height, height + down); y++) {
                System.arraycopy(
                        from,
                        plane + (y - down) * width + Math.max(0, -right),
                        to,
                        picture.start() + plane + y * width + Math.max(0, right),
                        kept);
            }
        }
    }
}
