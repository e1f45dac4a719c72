package org.convoy.train;

import java.util.List;
import java.util.Locale;

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
    private static final List<Integer> WORKERS = List.of(8, 16, 32, 64, 128, 256, 512);
    private static final double GIGABIT = 1e9 / 8;
    private static final List<Integer> PERIODS = List.of(16, 64);

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
     * One line of the prediction.
     *
     * @param slow seconds beside computing at 1 Gbit/s
     * @param slowEfficiency share of a round that is computing, at 1 Gbit/s
     * @param fast seconds beside computing at 10 Gbit/s
     * @param fastEfficiency likewise
     */
    record Prediction(
            String network,
            int averagingPeriod,
            int workers,
            double slow,
            double slowEfficiency,
            double fast,
            double fastEfficiency) {}

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

    Prediction predict(Measured network, int averagingPeriod, int workers) {
        double computing = averagingPeriod * network.stepSeconds();
        double slow = overheadSeconds(workers, network.bytes(), GIGABIT);
        double fast = overheadSeconds(workers, network.bytes(), 10 * GIGABIT);
        return new Prediction(
                network.network(),
                averagingPeriod,
                workers,
                slow,
                computing / (computing + slow),
                fast,
                computing / (computing + fast));
    }

    /** Prints the law and what it says of networks. */
    void report(BenchReport report, List<Measured> networks) {
        report.figure("Cost of a round, fitted", this);
        String title = String.format(
                Locale.ROOT,
                "Cost of a round beside computing at larger K, predicted from parts measured at K = 2, without the wait for"
                        + " the slowest worker: %.1f ms fixed, %.3f ms per task, %.2f ns per byte, three times the vector"
                        + " through the network",
                1e3 * fixedSeconds,
                1e3 * secondsPerTask,
                1e9 * secondsPerByte);
        report.table(title, "network", "τ", "K", "1 Gbit/s", "efficiency", "10 Gbit/s", "efficiency");
        for (Measured network : networks) {
            for (int period : PERIODS) {
                for (int workers : WORKERS) {
                    Prediction prediction = predict(network, period, workers);
                    report.line(
                            title,
                            prediction,
                            network.network(),
                            Integer.toString(period),
                            Integer.toString(workers),
                            milliseconds(prediction.slow()),
                            percent(prediction.slowEfficiency()),
                            milliseconds(prediction.fast()),
                            percent(prediction.fastEfficiency()));
                }
            }
        }
    }

    private static String milliseconds(double seconds) {
        return String.format(Locale.ROOT, "%,.0f ms", 1e3 * seconds);
    }

    private static String percent(double share) {
        return String.format(Locale.ROOT, "%.0f %%", 100 * share);
    }
}
