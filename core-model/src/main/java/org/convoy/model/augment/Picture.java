package org.convoy.model.augment;

import org.convoy.model.InputShape;

/**
 * One picture of a minibatch, changed in place, with memory to work in that serves one picture after another. Not
 * thread-safe.
 */
final class Picture {
    private final byte[] pixels;
    private final InputShape shape;
    private final byte[] before;
    private int start;

    /**
     * Points at the first picture.
     *
     * @param pixels uint8, N·C·H·W
     */
    Picture(byte[] pixels, InputShape shape) {
        this.pixels = pixels;
        this.shape = shape;
        this.before = new byte[shape.size()];
    }

    /** Goes on to another picture of the minibatch. */
    void moveTo(int number) {
        start = number * shape.size();
    }

    /** The whole minibatch, uint8, N·C·H·W. */
    byte[] pixels() {
        return pixels;
    }

    /** Where in {@link #pixels()} the picture begins. */
    int start() {
        return start;
    }

    /** Where in {@link #pixels()} the picture ends. */
    int end() {
        return start + shape.size();
    }

    int channels() {
        return shape.channels();
    }

    int height() {
        return shape.height();
    }

    int width() {
        return shape.width();
    }

    /** Rows of all channels, C·H: they lie one after another. */
    int rows() {
        return shape.channels() * shape.height();
    }

    /** The picture as it is now, uint8, C·H·W, in memory that the next call overwrites. */
    byte[] copy() {
        System.arraycopy(pixels, start, before, 0, before.length);
        return before;
    }
}
