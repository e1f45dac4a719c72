package org.convoy.model;

import java.util.List;
import java.util.Optional;

/**
 * What the pixels of a train split are like: what normalisations are made of.
 *
 * @param mean per channel, in pixel units (0 to 255)
 * @param standardDeviation per channel, in pixel units; 0 for a constant channel
 * @param meanPicture of the D = C·H·W values, in pixel units, if it is known
 * @param covariance of the D values, in pixel units squared, D·D row by row, if it is known
 */
public record PixelStatistics(
        List<Double> mean,
        List<Double> standardDeviation,
        Optional<double[]> meanPicture,
        Optional<double[]> covariance) {
    public PixelStatistics {
        mean = List.copyOf(mean);
        standardDeviation = List.copyOf(standardDeviation);
    }
}
