package org.convoy.model;

import java.util.Arrays;

/**
 * What the pictures of a minibatch show: each one class, or a mixture of two.
 *
 * @param first class number, length N
 * @param second class number, length N
 * @param shares what {@code first} has of the label, 0 to 1, length N; {@code second} has the rest
 * @param weights how much each picture counts, above 0, length N
 */
@SuppressWarnings("ArrayRecordComponent") // carried, never compared
public record Labels(int[] first, int[] second, float[] shares, float[] weights) {
    public Labels {
        if (second.length != first.length || shares.length != first.length || weights.length != first.length) {
            throw new IllegalArgumentException("labels must have one first, second, share and weight each but had "
                    + first.length + ", " + second.length + ", " + shares.length + " and " + weights.length);
        }
    }

    /** All pictures count the same. */
    public Labels(int[] first, int[] second, float[] shares) {
        this(first, second, shares, ones(first.length));
    }

    /** Each picture shows one class, and counts the same. */
    public static Labels of(int... classes) {
        return new Labels(classes, classes, ones(classes.length));
    }

    /** Each picture shows one class. */
    public static Labels weighted(int[] classes, float[] weights) {
        return new Labels(classes, classes, ones(classes.length), weights);
    }

    private static float[] ones(int length) {
        float[] ones = new float[length];
        Arrays.fill(ones, 1);
        return ones;
    }

    /** N. */
    public int size() {
        return first.length;
    }
}
