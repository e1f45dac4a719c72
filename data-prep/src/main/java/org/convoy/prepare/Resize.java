package org.convoy.prepare;

/** How a picture of any size becomes one of the target's. Boxes and sizes are those of Pillow's {@code ImageOps}. */
public enum Resize {
    /** The largest centred part with the target's aspect ratio: the shorter side fits, the longer one is cut (fit). */
    CENTRE_CROP("centre-crop") {
        @Override
        Placement place(int sourceHeight, int sourceWidth, int height, int width) {
            double scale = Math.min((double) sourceWidth / width, (double) sourceHeight / height);
            return new Placement(
                    height,
                    width,
                    new Box((sourceHeight - height * scale) / 2, scale),
                    new Box((sourceWidth - width * scale) / 2, scale));
        }
    },

    /** The whole picture, squashed where its aspect ratio is another. */
    EXACT("exact") {
        @Override
        Placement place(int sourceHeight, int sourceWidth, int height, int width) {
            return whole(sourceHeight, sourceWidth, height, width);
        }
    },

    /** The whole picture in its own aspect ratio, in the middle of the background colour (pad). */
    PAD("pad") {
        @Override
        Placement place(int sourceHeight, int sourceWidth, int height, int width) {
            double byHeight = (double) sourceWidth / sourceHeight * height;
            double byWidth = (double) sourceHeight / sourceWidth * width;
            return byHeight <= width
                    ? whole(sourceHeight, sourceWidth, height, Math.max(1, (int) Math.rint(byHeight)))
                    : whole(sourceHeight, sourceWidth, Math.max(1, (int) Math.rint(byWidth)), width);
        }
    };

    private final String label;

    Resize(String label) {
        this.label = label;
    }

    String label() {
        return label;
    }

    /**
     * The part of one axis that is taken: target pixel i covers [begin + i * scale, begin + (i + 1) * scale) of the source.
     */
    record Box(double begin, double scale) {}

    /** A resampled picture of {@code height} x {@code width}, at most the target's, and what it is made of. */
    record Placement(int height, int width, Box rows, Box columns) {
        /** The same of the source with rows and columns swapped. */
        Placement transposed() {
            return new Placement(width, height, columns, rows);
        }

        /** Whether it is a source of that size as it is: where the size is the same nothing is cut. */
        boolean isWhole(int sourceHeight, int sourceWidth) {
            return height == sourceHeight && width == sourceWidth;
        }
    }

    abstract Placement place(int sourceHeight, int sourceWidth, int height, int width);

    private static Placement whole(int sourceHeight, int sourceWidth, int height, int width) {
        return new Placement(
                height, width, new Box(0, (double) sourceHeight / height), new Box(0, (double) sourceWidth / width));
    }
}
