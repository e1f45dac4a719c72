package org.convoy.model.augment;

import java.util.SplittableRandom;

/**
 * Rows move sideways in proportion to their distance from the middle one, so that what stands upright leans; bilinear.
 *
 * @param degrees largest angle by which it leans either way, 0 to 60; all are as likely
 * @param fill level of what comes in from outside
 */
record Shear(double degrees, byte fill) implements Transform {
    Shear {
        Parameters.requireInRange("shear.degrees", 0, 60, degrees);
    }

    @Override
    public void apply(Picture picture, SplittableRandom random) {
        lean(picture, degrees * (2 * random.nextDouble() - 1));
    }

    /** Leans to the right. */
    void lean(Picture picture, double angle) {
        picture.warp().setLinear(1, StrictMath.tan(StrictMath.toRadians(angle)), 0, 1);
        picture.warp().apply(fill);
    }
}
