package org.convoy.model.augment;

import java.io.Serializable;
import java.util.SplittableRandom;

/** A random mixture of two pictures of a minibatch, whose label is a mixture of theirs. */
sealed interface Mixing extends Serializable permits Mixup, CutMix {
    /**
     * Mixes another picture into one, in place.
     *
     * @param other uint8; the other picture begins at {@code otherStart}
     * @param random the picture's own
     * @return λ, the share of the label that the picture's own class keeps, 0 to 1
     */
    float mix(Picture picture, byte[] other, int otherStart, SplittableRandom random);

    /** A share of 0 to 1 from the distribution Beta(alpha, alpha), by Jöhnk's method (1964). */
    static double beta(double alpha, SplittableRandom random) {
        double own;
        double sum;
        do {
            own = StrictMath.pow(random.nextDouble(), 1 / alpha);
            sum = own + StrictMath.pow(random.nextDouble(), 1 / alpha);
        } while (!(sum > 0 && sum <= 1));
        return own / sum;
    }
}
