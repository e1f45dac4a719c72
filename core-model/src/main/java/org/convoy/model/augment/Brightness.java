package org.convoy.model.augment;

import java.util.SplittableRandom;

/**
 * All levels are multiplied by one factor.
 *
 * @param strength the factor is from 1 - strength to 1 + strength, all as likely; 0 to 1
 */
record Brightness(double strength) implements Transform {
    Brightness {
        Parameters.requireInRange("brightness.strength", 0, 1, strength);
    }

    @Override
    public void apply(Picture picture, SplittableRandom random) {
        multiply(picture, 1 + strength * (2 * random.nextDouble() - 1));
    }

    static void multiply(Picture picture, double factor) {
        picture.mapLevels(level -> factor * level);
    }
}
