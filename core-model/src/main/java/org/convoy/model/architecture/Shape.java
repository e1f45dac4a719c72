package org.convoy.model.architecture;

/**
 * What a layer hands on for one picture: maps in the order C, H, W, or the values of a fully connected or globally pooled
 * layer, which are channels of one pixel.
 */
record Shape(int channels, int height, int width, boolean maps) {
    static Shape maps(int channels, int height, int width) {
        return new Shape(channels, height, width, true);
    }

    static Shape values(int number) {
        return new Shape(number, 1, 1, false);
    }

    boolean isAsLargeAs(Shape other) {
        return maps == other.maps && height == other.height && width == other.width;
    }

    @Override
    public String toString() {
        return maps ? channels + "x" + height + "x" + width : channels + " values";
    }
}
