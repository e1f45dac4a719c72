package org.convoy.train;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;

/**
 * Who trains what and when, as a pure function of the numbers below: the same on driver and executors, today and after a
 * restart.
 *
 * <p>The train split's rows, in the manifest's order, are cut into K ranges that differ by one row at most. In each epoch a
 * worker goes through its range once, or more often where classes are oversampled, in an order of its own
 * ({@link ExampleOrder}), in batches of B (the last one shorter), τ batches a round (the last round of an epoch shorter).
 *
 * @param rows of the train split
 * @param oversampling how often they come
 * @param epochs passes over the train split
 * @param workers K
 * @param batchSize B, examples
 * @param averagingPeriod τ, batches, as it goes with the progress
 * @param seed of the order of examples
 */
record EpochPlan(
        long rows,
        Oversampling oversampling,
        int epochs,
        int workers,
        int batchSize,
        AveragingPeriod averagingPeriod,
        long seed)
        implements Serializable {

    /** Every row once an epoch. */
    EpochPlan(long rows, int epochs, int workers, int batchSize, AveragingPeriod averagingPeriod, long seed) {
        this(rows, Oversampling.none(rows), epochs, workers, batchSize, averagingPeriod, seed);
    }

    /**
     * Local steps between two averagings.
     *
     * @param epoch from 0
     * @param index in the epoch, from 0
     * @param from first batch of the epoch, from 0
     * @param to batch of the epoch before which the round ends
     */
    record Round(int epoch, int index, int from, int to) implements Serializable {}

    /** First row of a worker's range; the range ends where the next worker's begins. */
    long firstRow(int worker) {
        return Math.multiplyExact(rows, (long) worker) / workers;
    }

    int rows(int worker) {
        return Math.toIntExact(firstRow(worker + 1) - firstRow(worker));
    }

    /** Examples of an epoch, all workers together. */
    long examples() {
        return oversampling.examples();
    }

    /** Examples of a worker's epoch; those of two workers differ by one at most. */
    int examples(int worker) {
        long end = Math.multiplyExact(examples(), worker + 1L) / workers;
        return Math.toIntExact(end - examples() * worker / workers);
    }

    /** How many batches so many examples make. */
    int batches(int examples) {
        return Math.floorDiv(examples + batchSize - 1, batchSize);
    }

    /** Batches of the worker that has most; the others have as many or one less. */
    int longestBatches() {
        int longest = 0;
        for (int worker = 0; worker < workers; worker++) {
            longest = Math.max(longest, batches(examples(worker)));
        }
        return longest;
    }

    /** The averaging rounds of one epoch. */
    List<Round> rounds(int epoch) {
        List<Round> rounds = new ArrayList<>();
        int batches = longestBatches();
        for (int from = 0; from < batches; ) {
            double progress = (epoch + (double) from / batches) / epochs;
            int to = from + Math.min(averagingPeriod.batches(progress), batches - from);
            rounds.add(new Round(epoch, rounds.size(), from, to));
            from = to;
        }
        return rounds;
    }

    /** Examples that all workers together train in a round. */
    long examplesIn(Round round) {
        long sum = 0;
        for (int worker = 0; worker < workers; worker++) {
            sum += lastPosition(worker, round) - firstPosition(worker, round);
        }
        return sum;
    }

    /** Position in the worker's order at which a round begins. */
    int firstPosition(int worker, Round round) {
        return position(worker, round.from());
    }

    /** Position in the worker's order before which a round ends. */
    int lastPosition(int worker, Round round) {
        return position(worker, round.to());
    }

    private int position(int worker, int batch) {
        return (int) Math.min((long) batch * batchSize, examples(worker));
    }

    /** Share of all epochs, from 0 to 1, that lies behind a position in the worker's order. */
    double progress(int worker, int epoch, int position) {
        return (epoch + (double) position / examples(worker)) / epochs;
    }
}
