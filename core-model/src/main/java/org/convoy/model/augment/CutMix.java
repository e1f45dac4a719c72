package org.convoy.model.augment;

import java.util.SplittableRandom;

/**
 * A rectangle of a picture shows what another one shows there (Yun et al. 2019, section 3.1). It has the picture's
 * proportions and 1 - λ of its area with λ from Beta(α, α), and its centre is anywhere. What of it lies outside is lost; the
 * label is mixed by the area that is left.
 *
 * @param alpha α, 0.1 to 2; 1 makes every area as likely
 */
record CutMix(double alpha) implements Mixing {
    CutMix {
        Parameters.requireInRange("cutmix.alpha", 0.1, 2, alpha);
    }

    @Override
    public float mix(Picture picture, byte[] other, int otherStart, SplittableRandom random) {
        double side = Math.sqrt(1 - Mixing.beta(alpha, random));
        int height = (int) (picture.height() * side);
        int width = (int) (picture.width() * side);
        int top = random.nextInt(picture.height()) - height / 2;
        int left = random.nextInt(picture.width()) - width / 2;
        return paste(picture, other, otherStart, new Box(top, left, height, width));
    }

    /** Pixels; it may reach beyond the picture. */
    record Box(int top, int left, int height, int width) {}

    static float paste(Picture picture, byte[] other, int otherStart, Box box) {
        int top = Math.max(0, box.top());
        int bottom = Math.min(picture.height(), box.top() + box.height());
        int left = Math.max(0, box.left());
        int right = Math.min(picture.width(), box.left() + box.width());
        for (int channel = 0; channel < picture.channels(); channel++) {
            for (int y = top; y < bottom; y++) {
                int at = (channel * picture.height() + y) * picture.width() + left;
                System.arraycopy(other, otherStart + at, picture.pixels(), picture.start() + at, right - left);
            }
        }
        float pasted = (float) (bottom - top) * (right - left);
        return 1 - pasted / (picture.height() * picture.width());
    }
}
