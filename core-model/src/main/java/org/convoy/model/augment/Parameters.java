package org.convoy.model.augment;

import java.util.function.ToDoubleFunction;
import org.convoy.model.InputShape;

/** The numbers of the transforms, by the keys below {@code train.transforms}, and the rules they must keep. */
record Parameters(ToDoubleFunction<String> values) {
    private static final String SECTION = "train.transforms.";

    double number(String key) {
        return values.applyAsDouble(key);
    }

    int whole(String key) {
        double value = number(key);
        if (value != Math.rint(value)) {
            throw new IllegalArgumentException(SECTION + key + " must be a whole number but was " + value);
        }
        return (int) value;
    }

    /** A level of a pixel, 0 to 255, as the byte that it is stored in. */
    byte level(String key) {
        int value = whole(key);
        requireInRange(key, 0, 255, value);
        return (byte) value;
    }

    static void requireInRange(String key, double least, double most, double value) {
        if (!(value >= least && value <= most)) {
            throw new IllegalArgumentException(
                    SECTION + key + " must be in [" + text(least) + ", " + text(most) + "] but was " + text(value));
        }
    }

    /** Pixels that must leave something of a picture. */
    static void requireSmaller(String key, InputShape shape, int pixels) {
        if (pixels >= Math.min(shape.height(), shape.width())) {
            throw new IllegalArgumentException(
                    SECTION + key + " must be below the pictures' height and width (" + shape + ") but was " + pixels);
        }
    }

    static void requireColour(String name, InputShape shape) {
        if (shape.channels() != 3) {
            throw new IllegalArgumentException(
                    "train.augmentation has " + name + ", which is for colour pictures, but the dataset has " + shape);
        }
    }

    private static String text(double value) {
        return value == Math.rint(value) ? Long.toString((long) value) : Double.toString(value);
    }
}
