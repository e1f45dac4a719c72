package org.convoy.model.augment;

import java.util.Locale;
import org.convoy.model.Classifier;
import org.convoy.model.InputShape;

/**
 * Judging a picture by several views of it: the answer is the mean of their class probabilities (Krizhevsky, Sutskever and
 * Hinton 2012, section 4.1; Simonyan and Zisserman 2015, section 3.2). No chance is in it.
 */
public enum TestTimeAugmentation {
    /** The picture as it is. */
    NONE(false, false),
    /** The picture, and left turned to right: two views. */
    MIRROR(true, false),
    /**
     * The picture, and shifted towards each of its corners by a fourteenth of its shorter side: five views. The paper's
     * corners of 256 pixels lie 16 of 224 from the middle.
     */
    SHIFT(false, true),
    /** The five, each as it is and mirrored: the paper's ten views. */
    MIRROR_AND_SHIFT(true, true);

    private static final int SHIFT_SHARE = 14;
    private static final int[][] CORNERS = {{-1, -1}, {-1, 1}, {1, -1}, {1, 1}};

    private final boolean mirrors;
    private final boolean shifts;

    TestTimeAugmentation(boolean mirrors, boolean shifts) {
        this.mirrors = mirrors;
        this.shifts = shifts;
    }

    /** The name in configuration: kebab case. */
    public String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** How many views of a picture are judged. */
    public int views() {
        return (mirrors ? 2 : 1) * (shifts ? 1 + CORNERS.length : 1);
    }

    /**
     * The mean over the views of what {@link Classifier#probabilities} answers.
     *
     * @param pixels uint8, N·C·H·W, not normalised
     * @param pictures N, at least 1
     * @return float32, N·classes
     */
    public float[] probabilities(Classifier classifier, byte[] pixels, int pictures, InputShape shape) {
        float[] sum = classifier.probabilities(pixels, pictures);
        for (int number = 1; number < views(); number++) {
            float[] answer = classifier.probabilities(view(pixels, shape, number), pictures);
            for (int i = 0; i < sum.length; i++) {
                sum[i] += answer[i];
            }
        }
        for (int i = 0; i < sum.length; i++) {
            sum[i] /= views();
        }
        return sum;
    }

    /**
     * One view of each picture.
     *
     * @param pixels uint8, N·C·H·W
     * @param number from 0, which is the picture itself
     */
    byte[] view(byte[] pixels, InputShape shape, int number) {
        boolean mirrored = mirrors && number % 2 == 1;
        int place = mirrors ? number / 2 : number;
        int step = Math.max(1, Math.round((float) Math.min(shape.height(), shape.width()) / SHIFT_SHARE));
        int down = place == 0 ? 0 : step * CORNERS[place - 1][0];
        int right = place == 0 ? 0 : step * CORNERS[place - 1][1];
        int height = shape.height();
        int width = shape.width();
        byte[] view = new byte[pixels.length];
        for (int plane = 0; plane < pixels.length; plane += height * width) {
            for (int y = 0; y < height; y++) {
                int fromRow = plane + within(y - down, height) * width;
                for (int x = 0; x < width; x++) {
                    int fromX = within(x - right, width);
                    view[plane + y * width + x] = pixels[fromRow + (mirrored ? width - 1 - fromX : fromX)];
                }
            }
        }
        return view;
    }

    /** What comes in from outside repeats the edge. */
    private static int within(int place, int length) {
        return Math.min(Math.max(place, 0), length - 1);
    }
}
