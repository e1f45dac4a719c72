package org.convoy.model.architecture;

/** What a layer hands on for one picture, in the order C, H, W; the units of a dense layer are channels of one pixel. */
record Shape(int channels, int height, int width) {
    @Override
    public String toString() {
        return channels + "x" + height + "x" + width;
    }
}
