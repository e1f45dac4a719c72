package org.convoy.model.augment;

import java.util.SplittableRandom;
import org.convoy.model.InputShape;

/**
 * All colours move round the colour circle of HSV by one angle; greys stay, and so do each pixel's largest and smallest
 * level.
 *
 * @param turns largest angle either way, in turns, 0 to 0.5; all are as likely
 */
record Hue(double turns) implements Transform {
    private static final int SECTORS = 6;

    Hue {
        Parameters.requireInRange("hue.turns", 0, 0.5, turns);
    }

    @Override
    public void requireFits(InputShape shape) {
        Parameters.requireColour("hue", shape);
    }

    @Override
    public void apply(Picture picture, SplittableRandom random) {
        turn(picture, turns * (2 * random.nextDouble() - 1));
    }

    /** Red goes towards yellow and green for an angle above 0. */
    static void turn(Picture picture, double angle) {
        byte[] pixels = picture.pixels();
        int plane = picture.height() * picture.width();
        float sectors = (float) (SECTORS * angle);
        for (int at = picture.start(); at < picture.start() + plane; at++) {
            int red = pixels[at] & 0xFF;
            int green = pixels[at + plane] & 0xFF;
            int blue = pixels[at + 2 * plane] & 0xFF;
            int most = Math.max(red, Math.max(green, blue));
            int least = Math.min(red, Math.min(green, blue));
            if (most > least) {
                float hue = hue(red, green, blue, most, most - least) + sectors;
                hue -= SECTORS * (float) Math.floor(hue / SECTORS);
                int sector = (int) hue % SECTORS;
                // Between two corners of the colour circle one of the levels rises and falls, the other two stay.
                float along = (most - least) * (hue - (int) hue);
                byte moving = (byte) Math.round(sector % 2 == 0 ? least + along : most - along);
                write(pixels, at, plane, sector, (byte) most, (byte) least, moving);
            }
        }
    }

    /** Sector of the colour circle, from red (0) over green (2) and blue (4). */
    private static float hue(int red, int green, int blue, int most, int range) {
        if (most == red) {
            return (float) (green - blue) / range;
        }
        return most == green ? 2 + (float) (blue - red) / range : 4 + (float) (red - green) / range;
    }

    private static void write(byte[] pixels, int at, int plane, int sector, byte most, byte least, byte moving) {
        pixels[at] = switch (sector) {
            case 0, 5 -> most;
            case 1, 4 -> moving;
            default -> least;
        };
        pixels[at + plane] = switch (sector) {
            case 1, 2 -> most;
            case 0, 3 -> moving;
            default -> least;
        };
        pixels[at + 2 * plane] = switch (sector) {
            case 3, 4 -> most;
            case 2, 5 -> moving;
            default -> least;
        };
    }
}
