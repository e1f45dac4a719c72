package org.convoy.model;

import java.util.Arrays;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Pictures as values that do not vary together, each with variance 1 at most: W·(x - mean), where u and λ are eigenvectors and
 * -values of the covariance and f = 1 / √(λ + ε·mean λ). PCA: row i of W is f·u, so that the picture's values are its
 * components by falling variance, and no picture any more. ZCA: W = Σ f·u·uᵀ, the whitening that leaves pictures as near as
 * can be to what they were (Bell and Sejnowski 1997; Krizhevsky 2009, appendix A).
 */
final class Whitening implements Normalisation {
    private static final long serialVersionUID = 1L;

    static final String PCA = "pca";
    static final String ZCA = "zca";

    private final String label;
    private final float[] mean; // [D]
    private final float[] matrix; // W, [D, D]
    private transient INDArray weights;

    Whitening(String label, float[] mean, float[] matrix) {
        this.label = label;
        this.mean = mean;
        this.matrix = matrix;
    }

    /**
     * @param label {@link #PCA} or {@link #ZCA}
     * @param mean of each value, in pixel units, length D
     * @param covariance D·D, in pixel units squared
     * @param epsilon share of the mean variance that is added to each component's, above 0
     */
    static Whitening of(String label, double[] mean, double[] covariance, double epsilon) {
        PrincipalComponents found = PrincipalComponents.of(covariance);
        int size = mean.length;
        double added = epsilon * Arrays.stream(found.variances()).average().orElseThrow();
        double[] rows = found.components().clone();
        for (int i = 0; i < size; i++) {
            double factor = 1 / Math.sqrt(found.variances()[i] + added);
            double each = label.equals(PCA) ? factor : Math.sqrt(factor);
            for (int j = 0; j < size; j++) {
                rows[i * size + j] *= each;
            }
        }
        return new Whitening(
                label, MeanPicture.floats(mean), label.equals(PCA) ? MeanPicture.floats(rows) : squared(rows, size));
    }

    /** Rᵀ·R of R, [D, D]. */
    private static float[] squared(double[] rows, int size) {
        try (INDArray r = Nd4j.create(MeanPicture.floats(rows), new long[] {size, size}, 'c');
                INDArray product = r.transpose().mmul(r)) {
            return product.dup('c').data().asFloat();
        }
    }

    float[] mean() {
        return mean;
    }

    float[] matrix() {
        return matrix;
    }

    @Override
    public String label() {
        return label;
    }

    @Override
    public void requireFits(InputShape input) {
        MeanPicture.requireSize(mean.length, input);
    }

    @Override
    public void apply(byte[] pixels, float[] normalised, int pictures) {
        MeanPicture.subtract(pixels, mean, normalised, pictures);
        float[] centred = Arrays.copyOf(normalised, pictures * mean.length);
        // [N, D] by rows is [D, N] by columns, and W by rows is Wᵀ by columns: nothing is turned round.
        long[] shape = {mean.length, pictures};
        try (INDArray x = Nd4j.create(centred, shape, 'f');
                INDArray y = Nd4j.createUninitialized(DataType.FLOAT, shape, 'f')) {
            Nd4j.gemm(weights(), x, y, true, false, 1, 0);
            FlatVector.view(y).get(normalised, 0, centred.length);
        }
    }

    /** Wᵀ, by columns. */
    private synchronized INDArray weights() {
        if (weights == null) {
            weights = Nd4j.create(matrix, new long[] {mean.length, mean.length}, 'f');
        }
        return weights;
    }
}
