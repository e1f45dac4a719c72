package org.convoy.model.augment;

import java.util.SplittableRandom;

/**
 * All levels move away from the picture's mean brightness, or towards it, by one factor.
 *
 * @param strength the factor is from 1 - strength to 1 + strength, all as likely; 0 to 1
 */
record Contrast(double strength) implements Transform {
    Contrast {
        Parameters.requireInRange("contrast.strength", 0, 1, strength);
    }

    @Override
    public void apply(Picture picture, SplittableRandom random) {
        stretch(picture, 1 + strength * (2 * random.nextDouble() - 1));
    }

    static void stretch(Picture picture, double factor) {
        double mean = Luma.mean(picture);
        picture.mapLevels(level -> mean + factor * (level - mean));
    }
}
