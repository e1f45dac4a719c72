package org.convoy.train;

import java.util.List;

/**
 * What a round costs beside computing, as a law in K, in the vector's bytes and in the network's bandwidth B:
 *
 * <pre>seconds = fixed + 2 K perTask + (perByte + 3 / B) bytes</pre>
 *
 * A round has 2 K tasks. The vector crosses the network three times in a row: out to the executors, in slices between
 * them, and back to the driver; each executor sends and receives about one vector in each step, whatever K is, and the
 * driver one. Left out: waiting for the slowest worker.
 *
 * @param fixedSeconds per round
 * @param secondsPerTask that the driver takes for a task, one after another
 * @param secondsPerByte of handling the vector: copies, sums, and this machine's loopback
 */
record RoundCost(double fixedSeconds, double secondsPerTask, double secondsPerByte) {
    /**
     * What was measured of a network's rounds.
     *
     * @param workers K
     * @param bytes of the vector
     * @param overheadSeconds of a round, computing left out
     * @param stepSeconds of computing one batch
     */
    record Measured(String network, int workers, long bytes, double overheadSeconds, double stepSeconds) {}

    /**
     * Fits the law.
     *
     * @param empty rounds without computing and vector, by K ascending: the driver's time per worker is the slope of a line
     *     through all of them by least squares; what the first takes above it is fixed
     * @param measured what lies above that is the vector's
     */
    static RoundCost fit(List<EmptyRounds.Measured> empty, List<Measured> measured) {
        double meanWorkers = Spread.mean(
                empty.stream().map(round -> (double) round.workers()).toList());
        double meanSeconds = Spread.mean(
                empty.stream().map(EmptyRounds.Measured::driverSeconds).toList());
        double covariance = 0;
        double variance = 0;
        for (EmptyRounds.Measured round : empty) {
            double workers = round.workers() - meanWorkers;
            covariance += workers * (round.driverSeconds() - meanSeconds);
            variance += workers * workers;
        }
        double perWorker = covariance / variance;
        double fixed =
                Math.max(0, empty.get(0).seconds() - perWorker * empty.get(0).workers());

        double seconds = 0;
        double bytes = 0;
        for (Measured rounds : measured) {
            seconds += rounds.overheadSeconds() - fixed - perWorker * rounds.workers();
            bytes += rounds.bytes();
        }
        return new RoundCost(fixed, perWorker / 2, Math.max(0, seconds / bytes));
    }

    /** Seconds of a round beside its computing. */
    double overheadSeconds(int workers, long bytes, double bytesPerSecond) {
        return fixedSeconds + 2 * workers * secondsPerTask + (secondsPerByte + 3 / bytesPerSecond) * bytes;
    }
}
