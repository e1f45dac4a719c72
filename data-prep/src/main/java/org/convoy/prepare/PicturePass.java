package org.convoy.prepare;

import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.mllib.linalg.Matrix;
import org.apache.spark.mllib.linalg.Vector;
import org.apache.spark.mllib.linalg.Vectors;
import org.apache.spark.mllib.linalg.distributed.RowMatrix;
import org.apache.spark.sql.SparkSession;
import org.convoy.data.PictureSums;
import org.convoy.data.Statistics;

/**
 * One pass over written pictures that sums them value by value. The covariance's sums are Spark MLlib's Gramian in float64,
 * which is exact: products of bytes stay whole numbers below 2^53 up to 10^11 pictures.
 */
final class PicturePass {
    /** C·H·W: the Gramian takes this squared times 8 bytes on the driver, and half of it in each task. */
    static final int MOST_COVARIANCE_VALUES = 4096;

    private PicturePass() {}

    /**
     * Sums the pictures of some Parquet files.
     *
     * @param values D = C·H·W of a picture
     */
    static PictureSums over(SparkSession spark, List<Path> files, int values, Statistics statistics) {
        JavaRDD<byte[]> pixels = spark.read()
                .parquet(files.stream().map(Path::toString).toArray(String[]::new))
                .select("pixels")
                .javaRDD()
                .map(row -> row.<byte[]>getAs(0));
        return statistics == Statistics.COVARIANCE ? withProducts(pixels, values) : sumsAlone(pixels, values);
    }

    private static PictureSums sumsAlone(JavaRDD<byte[]> pixels, int values) {
        long[] sums = pixels.mapPartitions(pictures -> sum(pictures, values)).treeReduce(PicturePass::plus);
        return new PictureSums(sums, new long[0][0]);
    }

    private static Iterator<long[]> sum(Iterator<byte[]> pictures, int values) {
        long[] sums = new long[values];
        pictures.forEachRemaining(picture -> {
            for (int i = 0; i < values; i++) {
                sums[i] += picture[i] & 0xFF;
            }
        });
        return List.of(sums).iterator();
    }

    private static long[] plus(long[] a, long[] b) {
        long[] sums = a.clone();
        Arrays.setAll(sums, i -> Math.addExact(a[i], b[i]));
        return sums;
    }

    private static PictureSums withProducts(JavaRDD<byte[]> pixels, int values) {
        Matrix gramian = new RowMatrix(pixels.map(PicturePass::vector).rdd()).computeGramianMatrix();
        long[] sums = new long[values];
        long[][] products = new long[values][values];
        for (int row = 0; row < values; row++) {
            sums[row] = (long) gramian.apply(row, values);
            for (int column = 0; column < values; column++) {
                products[row][column] = (long) gramian.apply(row, column);
            }
        }
        return new PictureSums(sums, products);
    }

    /** With a one behind the picture: the products with it are the sums. */
    private static Vector vector(byte[] picture) {
        double[] values = new double[picture.length + 1];
        for (int i = 0; i < picture.length; i++) {
            values[i] = picture[i] & 0xFF;
        }
        values[picture.length] = 1;
        return Vectors.dense(values);
    }
}
