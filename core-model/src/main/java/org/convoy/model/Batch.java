package org.convoy.model;

import java.util.Arrays;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Turns pixels and labels into the arrays DL4J reads. Keeps its host-side buffer from batch to batch. */
final class Batch {
    private final InputShape input;
    private final int classes;
    private final Normalisation normalisation;
    private float[] normalised = new float[0];

    Batch(InputShape input, int classes, Normalisation normalisation) {
        this.input = input;
        this.classes = classes;
        this.normalisation = normalisation;
    }

    /**
     * Normalised features, float32 [N, C, H, W].
     *
     * @param pixels uint8, N·C·H·W
     * @param pictures N
     */
    INDArray features(byte[] pixels, int pictures) {
        int values = pictures * input.size();
        if (pixels.length != values) {
            throw new IllegalArgumentException("pixels must hold " + pictures + " pictures of " + input + " (" + values
                    + " bytes) but had " + pixels.length);
        }
        if (normalised.length < values) {
            normalised = new float[values];
        }
        normalisation.apply(pixels, normalised, pictures);
        float[] exact = normalised.length == values ? normalised : Arrays.copyOf(normalised, values);
        return Nd4j.create(exact, new long[] {pictures, input.channels(), input.height(), input.width()}, 'c');
    }

    /**
     * One-hot labels, float32 [N, classes].
     *
     * @param smoothing ε in [0, 1): the share of each row that is spread evenly over all classes
     */
    INDArray oneHot(int[] labels, double smoothing) {
        float[] oneHot = new float[labels.length * classes];
        float each = (float) (smoothing / classes);
        Arrays.fill(oneHot, each);
        for (int i = 0; i < labels.length; i++) {
            oneHot[i * classes + labels[i]] = (float) (1 - smoothing) + each;
        }
        return Nd4j.create(oneHot, new long[] {labels.length, classes}, 'c');
    }
}
