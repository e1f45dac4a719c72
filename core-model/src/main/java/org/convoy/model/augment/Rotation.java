package org.convoy.model.augment;

import java.util.SplittableRandom;

/**
 * The picture turns around its centre; bilinear.
 *
 * @param degrees largest angle either way, 0 to 180; all are as likely
 * @param fill level of what comes in from outside
 */
record Rotation(double degrees, byte fill) implements Transform {
    Rotation {
        Parameters.requireInRange("rotation.degrees", 0, 180, degrees);
    }

    @Override
    public void apply(Picture picture, SplittableRandom random) {
        turn(picture, degrees * (2 * random.nextDouble() - 1));
    }

    /** Turns counter-clockwise. */
    void turn(Picture picture, double angle) {
        double cosine = StrictMath.cos(StrictMath.toRadians(angle));
        double sine = StrictMath.sin(StrictMath.toRadians(angle));
        // y points down.
        picture.warp().setLinear(cosine, -sine, sine, cosine);
        picture.warp().apply(fill);
    }
}
