package org.convoy.train;

import java.io.Serializable;
import java.util.SplittableRandom;

/**
 * Who trains what and when, as a pure function of the numbers below: the same on driver and executors, today and after a
 * restart.
 *
 * <p>The train split's rows, in the manifest's order, are cut into K ranges that differ by one row at most. In each epoch a
 * worker goes through its range once, in an order of its own, in batches of B (the last one shorter), τ batches a round
 * (the last round shorter).
 *
 * @param examples rows of the train split
 * @param epochs passes over the train split
 * @param workers K
 * @param batchSize B, examples
 * @param averagingPeriod τ, batches
 * @param seed of the order of examples
 */
record EpochPlan(long examples, int epochs, int workers, int batchSize, int averagingPeriod, long seed)
        implements Serializable {
    /** First row of a worker's range; the range ends where the next worker's begins. */
    long firstRow(int worker) {
        return Math.multiplyExact(examples, (long) worker) / workers;
    }

    int rows(int worker) {
        return Math.toIntExact(firstRow(worker + 1) - firstRow(worker));
    }

    int batches(int worker) {
        return ceilDiv(rows(worker), batchSize);
    }

    /** Batches of the worker that has most; the others have as many or one less. */
    int longestBatches() {
        int longest = 0;
        for (int worker = 0; worker < workers; worker++) {
            longest = Math.max(longest, batches(worker));
        }
        return longest;
    }

    /** Averaging rounds of one epoch. */
    int rounds() {
        return ceilDiv(longestBatches(), averagingPeriod);
    }

    /** Examples that all workers together train in a round. */
    long examplesInRound(int round) {
        long sum = 0;
        for (int worker = 0; worker < workers; worker++) {
            sum += lastRowInRound(worker, round) - firstRowInRound(worker, round);
        }
        return sum;
    }

    /** Position in the worker's order at which a round begins. */
    int firstRowInRound(int worker, int round) {
        return (int) Math.min((long) round * averagingPeriod * batchSize, rows(worker));
    }

    /** Position in the worker's order before which a round ends. */
    int lastRowInRound(int worker, int round) {
        return firstRowInRound(worker, round + 1);
    }

    /** Share of all epochs, from 0 to 1, that lies behind a position in the worker's order. */
    double progress(int worker, int epoch, int position) {
        return (epoch + (double) position / rows(worker)) / epochs;
    }

    /** The order in which a worker goes through its range in an epoch: a permutation of 0 to rows - 1. */
    int[] order(int worker, int epoch) {
        int[] order = new int[rows(worker)];
        // Independent streams for neighbouring epochs and workers: SplittableRandom mixes its seed.
        SplittableRandom random = new SplittableRandom(seed * 1_000_003L + epoch * 8_191L + worker);
        for (int i = 0; i < order.length; i++) {
            int j = random.nextInt(i + 1);
            order[i] = order[j];
            order[j] = i;
        }
        return order;
    }

    private static int ceilDiv(int dividend, int divisor) {
        return Math.floorDiv(dividend + divisor - 1, divisor);
    }
}
