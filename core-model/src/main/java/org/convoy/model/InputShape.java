package org.convoy.model;

import java.io.Serializable;

/**
 * Shape of one picture as a network reads it, in the order C, H, W.
 *
 * @param channels 1 (grey) or 3 (R-G-B)
 * @param height pixels
 * @param width pixels
 */
public record InputShape(int channels, int height, int width) implements Serializable {
    public InputShape {
        if (channels != 1 && channels != 3) {
            throw new IllegalArgumentException("channels must be 1 or 3 but was " + channels);
        }
        if (height < 1 || width < 1) {
            throw new IllegalArgumentException("height and width must be at least 1 but were " + height + "x" + width);
        }
    }

    /** Values of one picture: C·H·W. */
    public int size() {
        return channels * height * width;
    }

    @Override
    public String toString() {
        return channels + "x" + height + "x" + width;
    }
}
