package org.convoy.model;

import java.io.Serializable;

/**
 * What holds a local step back. Decay and penalties act on weights alone, not on biases nor on batch norm's parameters. The
 * loss that training reports is the loss on the (smoothed) labels, without penalties.
 *
 * @param weightDecay λ, 0 or more: each step also takes η·λ·θ off the weights, whatever the gradient's scaling (decoupled:
 *     Loshchilov and Hutter 2019); {@code lamb} and {@code lars} take λ·θ into the direction that their trust ratio scales
 * @param l1 0 or more, penalty l1·Σ|θ|: adds l1·sign(θ) to the mean gradient
 * @param l2 0 or more, penalty l2/2·Σθ²: adds l2·θ to the mean gradient
 * @param gradientClippingNorm longest that the mean gradient of the whole network may be in the L2 norm, before penalties
 *     (Pascanu et al. 2013); 0 for no limit
 * @param labelSmoothing ε in [0, 1): labels become (1 - ε)·one-hot + ε/classes (Szegedy et al. 2016, section 7), in training
 *     only
 */
public record Regularisation(
        double weightDecay, double l1, double l2, double gradientClippingNorm, double labelSmoothing)
        implements Serializable {
    /** All off. */
    public static final Regularisation NONE = new Regularisation(0, 0, 0, 0, 0);

    public Regularisation {
        requireAtLeastZero("weight-decay", weightDecay);
        requireAtLeastZero("l1", l1);
        requireAtLeastZero("l2", l2);
        requireAtLeastZero("gradient-clipping-norm", gradientClippingNorm);
        if (!(labelSmoothing >= 0 && labelSmoothing < 1)) {
            throw new IllegalArgumentException(
                    "train.optimiser.label-smoothing must be in [0, 1) but was " + labelSmoothing);
        }
    }

    private static void requireAtLeastZero(String key, double value) {
        if (!(value >= 0) || Double.isInfinite(value)) {
            throw new IllegalArgumentException("train.optimiser." + key + " must be at least 0 but was " + value);
        }
    }
}
