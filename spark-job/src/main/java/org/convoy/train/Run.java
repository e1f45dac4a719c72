package org.convoy.train;

import java.io.Serializable;
import org.convoy.model.NetworkSpec;
import org.convoy.model.RunningStatistics;
import org.convoy.model.augment.Augmentation;

/**
 * What all rounds of a training have in common. Each executor receives it once: as a part of each round's tasks it would take
 * Java longer to write and read than all that changes.
 *
 * @param id identity of the training run
 * @param spec what to build where no replica is at hand
 * @param plan who trains what
 * @param augmentation what happens to pictures on their way into the network
 * @param averaging what workers send back, and how
 * @param statistics batch norm's, which travel as moments
 * @param parameterCount length of θ, with which each round's vector begins
 */
record Run(
        String id,
        NetworkSpec spec,
        EpochPlan plan,
        Augmentation augmentation,
        Averaging averaging,
        RunningStatistics statistics,
        int parameterCount)
        implements Serializable {

    /** S, into how many slices a vector is cut on its way back: one for each worker to sum. */
    int slices() {
        return plan.workers();
    }
}
