package org.convoy.train;

import java.util.List;

/**
 * Which epoch is the best, and when there is no use in waiting for a better one.
 *
 * @param metric of the validation split
 * @param patienceEpochs epochs without an improvement after which training ends; 0 for never
 * @param minimumChange what the metric must change by, and more, to count as an improvement; 0 or more
 */
record EarlyStopping(ValidationMetric metric, int patienceEpochs, double minimumChange) {
    EarlyStopping {
        TrainConfig.requireAtLeast("train.early-stopping.patience-epochs", 0, patienceEpochs);
        if (!(minimumChange >= 0) || Double.isInfinite(minimumChange)) {
            throw new IllegalArgumentException(
                    "train.early-stopping.minimum-change must be at least 0 but was " + minimumChange);
        }
    }

    /**
     * Whether training ends after these epochs. Nothing but their figures decides, so a run that is taken up decides as it
     * would have without the stop.
     */
    boolean endsAfter(List<EpochReport> epochs) {
        return patienceEpochs > 0 && epochsWithoutImprovement(epochs) >= patienceEpochs;
    }

    private int epochsWithoutImprovement(List<EpochReport> epochs) {
        double last = Double.NaN;
        int waited = 0;
        for (EpochReport epoch : epochs) {
            if (metric.gain(epoch.validationMetric(), last) > minimumChange) {
                last = epoch.validationMetric();
                waited = 0;
            } else {
                waited++;
            }
        }
        return waited;
    }
}
