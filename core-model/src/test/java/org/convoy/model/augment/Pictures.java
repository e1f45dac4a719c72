package org.convoy.model.augment;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.convoy.model.InputShape;

/** Tiny pictures, and what becomes of them. */
final class Pictures {
    private Pictures() {}

    /** Levels 0 to 255 as the bytes they are stored in. */
    static byte[] bytes(int... levels) {
        byte[] bytes = new byte[levels.length];
        for (int i = 0; i < levels.length; i++) {
            bytes[i] = (byte) levels[i];
        }
        return bytes;
    }

    static int[] levels(byte[] bytes) {
        int[] levels = new int[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            levels[i] = Byte.toUnsignedInt(bytes[i]);
        }
        return levels;
    }

    static byte[] random(InputShape shape, long seed) {
        byte[] pixels = new byte[shape.size()];
        new SplittableRandom(seed).nextBytes(pixels);
        return pixels;
    }

    /**
     * What {@code change} makes of the second of two pictures; the first one, which lies before it, must stay.
     *
     * @param pixels uint8, C·H·W
     */
    static byte[] changed(InputShape shape, byte[] pixels, Consumer<Picture> change) {
        byte[] neighbour = random(shape, 99);
        byte[] both = Arrays.copyOf(neighbour, 2 * shape.size());
        System.arraycopy(pixels, 0, both, shape.size(), shape.size());
        Picture picture = new Picture(both, shape);
        picture.moveTo(1);
        change.accept(picture);
        if (!Arrays.equals(neighbour, Arrays.copyOf(both, shape.size()))) {
            throw new AssertionError("the picture before it was changed as well");
        }
        return Arrays.copyOfRange(both, shape.size(), both.length);
    }
}
