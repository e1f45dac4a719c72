package org.convoy.train;

/**
 * One epoch of training and its validation.
 *
 * @param epoch from 1
 * @param planned examples that were to be trained
 * @param trained examples that were trained
 * @param loss training loss, mean over the epoch
 * @param seconds of training, validation left out
 * @param syncShare share of those seconds in which not even the slowest worker computed; NaN where rounds are not known
 * @param validationAccuracy NaN if the dataset has no validation split
 * @param validationLoss likewise
 * @param validationMetric likewise: the metric that epochs are compared by
 */
public record EpochReport(
        int epoch,
        long planned,
        long trained,
        double loss,
        double seconds,
        double syncShare,
        double validationAccuracy,
        double validationLoss,
        double validationMetric) {}
