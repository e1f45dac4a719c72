package org.convoy.model.augment;

import java.util.SplittableRandom;

/**
 * λ of a picture and 1 - λ of another one, with λ from Beta(α, α) (Zhang et al. 2018, section 2).
 *
 * @param alpha α, 0.1 to 2; the more, the more of them are halfway between
 */
record Mixup(double alpha) implements Mixing {
    private static final int ONE = 1 << 16;

    Mixup {
        Parameters.requireInRange("mixup.alpha", 0.1, 2, alpha);
    }

    @Override
    public float mix(Picture picture, byte[] other, int otherStart, SplittableRandom random) {
        return blend(picture, other, otherStart, Mixing.beta(alpha, random));
    }

    static float blend(Picture picture, byte[] other, int otherStart, double share) {
        byte[] pixels = picture.pixels();
        int start = picture.start();
        int size = picture.end() - start;
        // The label gets the share that the pixels have, rounding included.
        int own = (int) Math.round(share * ONE);
        for (int i = 0; i < size; i++) {
            int sum = own * (pixels[start + i] & 0xFF) + (ONE - own) * (other[otherStart + i] & 0xFF);
            pixels[start + i] = (byte) ((sum + ONE / 2) >> 16);
        }
        return (float) own / ONE;
    }
}
