package org.convoy.train;

import java.util.List;
import org.convoy.runtime.Phases;

/** One way to train epoch after epoch on the cluster: Convoy's own loop, or DL4J Spark's master as reference and peer. */
interface EpochTrainer extends AutoCloseable {
    /**
     * Trains one epoch, or what is left of it.
     *
     * @param epoch from 0
     * @param done rounds of it that were trained before
     * @param afterRound told of each round that does not end the epoch
     */
    Epoch train(int epoch, List<RoundReport> done, AfterRound afterRound, Phases.Progress progress);

    /** Where a run could be taken up again, in mid-epoch. */
    @FunctionalInterface
    interface AfterRound {
        /**
         * Called on the driver between two rounds.
         *
         * @param rounds of the epoch that are done
         * @param reached after them
         */
        void reached(List<RoundReport> rounds, State reached);
    }

    /** What training has reached; valid between epochs. */
    State state();

    @Override
    void close();

    /**
     * One epoch of training.
     *
     * @param planned examples that were to be trained
     * @param trained examples that were trained; -1 where the trainer does not say
     * @param loss mean over the epoch; NaN where the trainer does not say
     * @param rounds one report per averaging round; empty where the trainer does not say
     */
    record Epoch(long planned, long trained, double loss, List<RoundReport> rounds) {}
}
