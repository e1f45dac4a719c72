package org.convoy.model;

import java.util.Arrays;

/**
 * What the pictures of a minibatch show: each one class, or a mixture of two.
 *
 * @param first class number, length N
 * @param second class number, length N
 * @param shares what {@code first} has of the label, 0 to 1, length N; {@code second} has the rest
 */
@SuppressWarnings("ArrayRecordComponent") // carried, never compared
public record Labels(int[] first, int[] second, float[] shares) {
    public Labels {
        if (second.length != first.length || shares.length != first.length) {
            throw new IllegalArgumentException("labels must have one first, second and share each but had "
                    + first.length + ", " + second.length + " and " + shares.length);
        }
    }

    /** Each picture shows one class. */
    public static Labels of(int... classes) {
        float[] whole = new float[classes.length];
        Arrays.fill(whole, 1);
        return new Labels(classes, classes, whole);
    }

    /** N. */
    public int size() {
        return first.length;
    }
}
