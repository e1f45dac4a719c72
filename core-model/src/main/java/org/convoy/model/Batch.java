package org.convoy.model;

import java.nio.FloatBuffer;
import java.util.Arrays;
import org.nd4j.linalg.api.buffer.DataType;
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
        int bytes = pictures * input.size();
        if (pixels.length != bytes) {
            throw new IllegalArgumentException("pixels must hold " + pictures + " pictures of " + input + " (" + bytes
                    + " bytes) but had " + pixels.length);
        }
        InputShape read = normalisation.read(input);
        int values = pictures * read.size();
        if (normalised.length < values) {
            normalised = new float[values];
        }
        normalisation.apply(pixels, normalised, pictures);
        // Nd4j.create(float[]) would copy value by value.
        INDArray features = Nd4j.createUninitialized(
                DataType.FLOAT, new long[] {pictures, read.channels(), read.height(), read.width()}, 'c');
        FlatVector.write(FloatBuffer.wrap(normalised, 0, values), features);
        return features;
    }

    /**
     * Labels as the probabilities that the network is to answer, times how much each picture counts, float32 [N, classes].
     *
     * @param smoothing ε in [0, 1): the share of each row that is spread evenly over all classes
     */
    INDArray targets(Labels labels, double smoothing) {
        float[] targets = new float[labels.size() * classes];
        float given = (float) (1 - smoothing);
        Arrays.fill(targets, (float) (smoothing / classes));
        for (int i = 0; i < labels.size(); i++) {
            targets[i * classes + labels.first()[i]] += given * labels.shares()[i];
            targets[i * classes + labels.second()[i]] += given * (1 - labels.shares()[i]);
            for (int row = i * classes; row < (i + 1) * classes; row++) {
                targets[row] *= labels.weights()[i];
            }
        }
        return Nd4j.create(targets, new long[] {labels.size(), classes}, 'c');
    }
}
