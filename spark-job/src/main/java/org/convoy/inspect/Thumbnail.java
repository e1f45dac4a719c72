package org.convoy.inspect;

import java.io.Serializable;
import org.convoy.data.ImageShape;

/**
 * Pictures made small enough for a contact sheet, by a whole number both ways: each pixel is the mean of a square.
 *
 * @param source the shape of the pictures
 * @param reduction side of the square, in pixels; 1 leaves pictures as they are
 */
public record Thumbnail(ImageShape source, int reduction) implements Serializable {
    /** Pixels; smaller pictures stay as they are. */
    private static final int LONGEST_SIDE = 96;

    /** Of a size that suits a contact sheet. */
    public static Thumbnail of(ImageShape source) {
        int longest = Math.max(source.height(), source.width());
        int reduction = Math.floorDiv(longest - 1, LONGEST_SIDE) + 1;
        return new Thumbnail(source, Math.min(reduction, Math.min(source.height(), source.width())));
    }

    /** Leaves pictures as they are. */
    static Thumbnail none(ImageShape source) {
        return new Thumbnail(source, 1);
    }

    /** Of what {@link #of(byte[])} gives. */
    public ImageShape shape() {
        return new ImageShape(source.channels(), source.height() / reduction, source.width() / reduction);
    }

    /** From and to unsigned bytes, C·H·W. */
    public byte[] of(byte[] pixels) {
        if (reduction == 1) {
            return pixels;
        }
        ImageShape small = shape();
        byte[] means = new byte[small.pixels()];
        int i = 0;
        for (int c = 0; c < small.channels(); c++) {
            for (int y = 0; y < small.height(); y++) {
                for (int x = 0; x < small.width(); x++) {
                    means[i++] = mean(pixels, c, y * reduction, x * reduction);
                }
            }
        }
        return means;
    }

    private byte mean(byte[] pixels, int c, int top, int left) {
        int sum = 0;
        for (int y = top; y < top + reduction; y++) {
            int row = (c * source.height() + y) * source.width();
            for (int x = left; x < left + reduction; x++) {
                sum += pixels[row + x] & 0xFF;
            }
        }
        return (byte) Math.round((float) sum / (reduction * reduction));
    }
}
