package org.convoy.model.augment;

import java.io.Serializable;
import java.util.SplittableRandom;
import org.convoy.model.InputShape;

/** A random change of one picture that leaves its label true. */
sealed interface Transform extends Serializable
        permits Mirror,
                RandomCrop,
                RandomResizedCrop,
                Rotation,
                Shear,
                ElasticDistortion,
                Brightness,
                Contrast,
                Saturation,
                Hue,
                PcaColourNoise,
                Cutout {
    /**
     * Changes the picture in place.
     *
     * @param random the picture's own; what it draws decides the change
     */
    void apply(Picture picture, SplittableRandom random);

    /**
     * The same transform for pictures whose colours are distributed like this.
     *
     * @param covariance of the train split's channels, in pixel units squared, C·C row by row
     */
    default Transform knowing(double[] covariance) {
        return this;
    }

    /**
     * Checks what can only be checked against the pictures.
     *
     * @throws IllegalArgumentException if pictures of this shape are not for this transform
     */
    default void requireFits(InputShape shape) {}
}
