package org.convoy.model.augment;

import java.util.SplittableRandom;
import org.convoy.model.InputShape;

/**
 * Each pixel's colours move away from the grey of the same brightness, or towards it, by one factor.
 *
 * @param strength the factor is from 1 - strength to 1 + strength, all as likely; 0 to 1
 */
record Saturation(double strength) implements Transform {
    private static final int FRACTION_BITS = 16;
    private static final int HALF = 1 << (FRACTION_BITS - 1);

    Saturation {
        Parameters.requireInRange("saturation.strength", 0, 1, strength);
    }

    @Override
    public void requireFits(InputShape shape) {
        Parameters.requireColour("saturation", shape);
    }

    @Override
    public void apply(Picture picture, SplittableRandom random) {
        stretch(picture, 1 + strength * (2 * random.nextDouble() - 1));
    }

    static void stretch(Picture picture, double factor) {
        byte[] pixels = picture.pixels();
        int plane = picture.height() * picture.width();
        int scaled = (int) Math.round(factor * (1 << FRACTION_BITS));
        for (int red = picture.start(); red < picture.start() + plane; red++) {
            int green = red + plane;
            int blue = green + plane;
            int grey = (Luma.RED * (pixels[red] & 0xFF)
                            + Luma.GREEN * (pixels[green] & 0xFF)
                            + Luma.BLUE * (pixels[blue] & 0xFF)
                            + Luma.ONE / 2)
                    / Luma.ONE;
            pixels[red] = moved(pixels[red], grey, scaled);
            pixels[green] = moved(pixels[green], grey, scaled);
            pixels[blue] = moved(pixels[blue], grey, scaled);
        }
    }

    private static byte moved(byte level, int grey, int scaled) {
        int value = grey + ((((level & 0xFF) - grey) * scaled + HALF) >> FRACTION_BITS);
        return (byte) Math.min(255, Math.max(0, value));
    }
}
