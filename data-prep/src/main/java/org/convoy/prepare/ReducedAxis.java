package org.convoy.prepare;

/**
 * For each target position along one axis of a picture that was decoded with fewer rows and columns: the first source position and the
 * weights from there on, that make of the samples that remain the best guess of what {@link Axis}'s triangle makes of all pixels.
 *
 * <p>A sample that remains is the mean of a block of pixels. Of all pixels with these means those are taken whose steps from one to the
 * next are least, as the sum of their squares: a histospline (L. Boneva, D. Kendall and I. Stefanov, "Spline transformations", 1971) of
 * whole pixels. It is the best guess where pixels are a random walk, and photographs have the spectrum of one. With blocks of r pixels,
 * means m and steps d from block to block, (r² - 1) d[b-1] + (4r² + 2) d[b] + (r² - 1) d[b+1] = 6r (m[b] - m[b-1]), there is no step at
 * the picture's edges, and steps within a block change linearly from the one before it to the one behind it. So blocks beside the
 * triangle have weight too, some of it negative.
 *
 * @param first by target position
 * @param weights [target positions][taps], those of a position make 1
 * @param end source position behind the last one that has weight
 */
@SuppressWarnings("ArrayRecordComponent") // read, never compared
record ReducedAxis(int[] first, float[][] weights, int end) {
    /** Blocks on either side of the triangle that have weight: each of them has about -0.27 times as much as the one before. */
    private static final int BESIDE = 3;

    /**
     * @param sourceSize pixels of the whole picture
     * @param reduction pixels of a block
     * @param box of the whole picture; its scale is at least 1
     */
    static ReducedAxis of(int sourceSize, int reduction, int size, Resize.Box box) {
        int blocks = (sourceSize + reduction - 1) / reduction;
        Histospline histospline =
                new Histospline(reduction, (int) Math.ceil(2 * box.scale() / reduction) + 2 * BESIDE + 2);
        int[] first = new int[size];
        float[][] weights = new float[size][];
        int behind = 0;
        for (int i = 0; i < size; i++) {
            double centre = box.begin() + (i + 0.5) * box.scale();
            int begin = Math.max((int) (centre - box.scale() + 0.5), 0);
            int end = Math.min((int) (centre + box.scale() + 0.5), sourceSize);
            first[i] = Math.max(begin / reduction - BESIDE, 0);
            behind = Math.min((end - 1) / reduction + 1 + BESIDE, blocks);
            for (int pixel = begin; pixel < end; pixel++) {
                double triangle = Math.max(0, 1 - Math.abs((pixel - centre + 0.5) / box.scale()));
                histospline.weigh(pixel - reduction * first[i], triangle);
            }
            weights[i] = histospline.ofMeans(behind - first[i]);
        }
        return new ReducedAxis(first, weights, behind);
    }

    int begin() {
        return first[0];
    }

    int mostTaps() {
        int most = 0;
        for (float[] taps : weights) {
            most = Math.max(most, taps.length);
        }
        return most;
    }

    /** Makes weights of blocks' means of weights of their pixels. */
    private static final class Histospline {
        private final int reduction;
        /** By place within a block: how far a pixel lies above the mean where steps grow from 0 before the block to 1 behind it. */
        private final double[] rises;

        private final double beside;
        /** Reciprocals of the pivots of Gauss's elimination. */
        private final double[] reciprocals;

        private final double[] ofMeans;
        /** The step before each block, and the one behind the last. */
        private final double[] ofSteps;

        private double sum;

        Histospline(int reduction, int mostBlocks) {
            this.reduction = reduction;
            this.rises = new double[reduction];
            for (int place = 0; place < reduction; place++) {
                rises[place] = (3.0 * place * (place + 1) - (reduction * reduction - 1)) / (6 * reduction);
            }
            this.beside = reduction * reduction - 1;
            this.reciprocals = new double[mostBlocks];
            for (int i = 1; i < mostBlocks; i++) {
                reciprocals[i] = 1 / (4 * reduction * reduction + 2 - beside * beside * reciprocals[i - 1]);
            }
            this.ofMeans = new double[mostBlocks];
            this.ofSteps = new double[mostBlocks + 1];
        }

        void weigh(int pixel, double weight) {
            int block = pixel / reduction;
            int place = pixel % reduction;
            ofMeans[block] += weight;
            ofSteps[block] -= weight * rises[reduction - 1 - place];
            ofSteps[block + 1] += weight * rises[place];
            sum += weight;
        }

        /** Of the pixels that were weighed since the last time. */
        float[] ofMeans(int blocks) {
            solve(blocks);
            float[] weights = new float[blocks];
            for (int block = 0; block < blocks; block++) {
                double ofMean = ofMeans[block] + 6 * reduction * (ofSteps[block] - ofSteps[block + 1]);
                weights[block] = (float) (ofMean / sum);
                ofMeans[block] = 0;
                ofSteps[block] = 0;
            }
            ofSteps[blocks] = 0;
            sum = 0;
            return weights;
        }

        /** The equations' matrix is symmetric, so it is solved for the weights as it would be for the steps. */
        private void solve(int blocks) {
            ofSteps[0] = 0;
            ofSteps[blocks] = 0;
            for (int i = 1; i < blocks; i++) {
                ofSteps[i] -= beside * reciprocals[i - 1] * ofSteps[i - 1];
            }
            for (int i = blocks - 1; i > 0; i--) {
                ofSteps[i] = (ofSteps[i] - beside * ofSteps[i + 1]) * reciprocals[i];
            }
        }
    }
}
