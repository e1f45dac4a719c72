package org.convoy.model.augment;

import java.util.function.DoubleUnaryOperator;
import org.convoy.model.InputShape;

/**
 * One picture of a minibatch, changed in place, with memory to work in that serves one picture after another. Not
 * thread-safe.
 */
final class Picture {
    private static final int LEVELS = 256;

    private final byte[] pixels;
    private final InputShape shape;
    private final byte[] before;
    private final byte[] newLevels = new byte[LEVELS];
    private Warp warp;
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

    /** The picture as it is now, uint8, C·H·W, in memory that the next call overwrites. */
    byte[] copy() {
        System.arraycopy(pixels, start, before, 0, before.length);
        return before;
    }

    /** Replaces each level, 0 to 255, by the whole one that is nearest to what {@code change} makes of it. */
    void mapLevels(DoubleUnaryOperator change) {
        for (int level = 0; level < LEVELS; level++) {
            newLevels[level] = level(change.applyAsDouble(level));
        }
        for (int i = start; i < end(); i++) {
            pixels[i] = newLevels[pixels[i] & 0xFF];
        }
    }

    /** The byte of the nearest level there is. */
    private static byte level(double value) {
        return (byte) Math.min(LEVELS - 1, Math.max(0, Math.round(value)));
    }

    /** Where the picture's pixels are to come from, to be filled in; one for all pictures of the minibatch. */
    Warp warp() {
        if (warp == null) {
            warp = new Warp(this);
        }
        return warp;
    }
}
