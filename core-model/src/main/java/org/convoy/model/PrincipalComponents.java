package org.convoy.model;

import dev.ludovic.netlib.lapack.JavaLAPACK;
import org.netlib.util.intW;

/**
 * Eigenvectors of a covariance, by falling eigenvalue; each vector's entry of the largest size is above 0, so that signs do
 * not depend on the library.
 *
 * @param variances the eigenvalues, at least 0, length D
 * @param components the eigenvectors, D·D, one after another
 */
@SuppressWarnings("ArrayRecordComponent") // carried, never compared
public record PrincipalComponents(double[] variances, double[] components) {

    /**
     * Decomposes by LAPACK's divide and conquer (dsyevd) in Java: the OpenBLAS that ND4J brings gives wrong vectors for more than a
     * hundred values with its kernels for AVX-512. Takes seconds for a thousand values, a minute for three thousand, and 24 bytes
     * per entry of the covariance.
     *
     * @param covariance symmetric, D·D
     */
    public static PrincipalComponents of(double[] covariance) {
        int size = (int) Math.sqrt(covariance.length);
        double[] vectors = covariance.clone();
        double[] values = new double[size];
        double[] work = new double[1 + 6 * size + 2 * size * size];
        int[] counts = new int[3 + 5 * size];
        intW info = new intW(0);
        JavaLAPACK.getInstance()
                .dsyevd("V", "U", size, vectors, size, values, work, work.length, counts, counts.length, info);
        if (info.val != 0) {
            throw new IllegalStateException("Cannot find principal components: LAPACK's dsyevd answers " + info.val);
        }
        double[] variances = new double[size];
        double[] components = new double[covariance.length];
        for (int i = 0; i < size; i++) {
            int ascending = size - 1 - i;
            variances[i] = Math.max(0, values[ascending]);
            double sign = signOfLargest(vectors, ascending * size, size);
            for (int j = 0; j < size; j++) {
                components[i * size + j] = sign * vectors[ascending * size + j];
            }
        }
        return new PrincipalComponents(variances, components);
    }

    private static double signOfLargest(double[] vectors, int from, int size) {
        double largest = 0;
        for (int i = from; i < from + size; i++) {
            if (Math.abs(vectors[i]) > Math.abs(largest)) {
                largest = vectors[i];
            }
        }
        return Math.signum(largest);
    }
}
