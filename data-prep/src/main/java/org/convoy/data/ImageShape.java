package org.convoy.data;

import java.io.Serializable;

/** The shape of one picture as it is stored: unsigned bytes, channel-major C·H·W. */
public record ImageShape(int channels, int height, int width) implements Serializable {
    public ImageShape {
        if (channels != 1 && channels != 3) {
            throw new IllegalArgumentException("channels must be 1 or 3 but was " + channels);
        }
        if (height < 1) {
            throw new IllegalArgumentException("height must be positive but was " + height);
        }
        if (width < 1) {
            throw new IllegalArgumentException("width must be positive but was " + width);
        }
        if ((long) channels * height * width > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("channels * height * width must be below 2^31 but was " + channels
                    + " * " + height + " * " + width);
        }
    }

    /** Values in one picture: C·H·W. */
    public int pixels() {
        return channels * height * width;
    }

    @Override
    public String toString() {
        return channels + "x" + height + "x" + width;
    }
}
