package org.convoy.train;

import java.util.List;
import java.util.Locale;

/** What {@link RoundCost} says of larger clusters than the one it was fitted on. */
final class RoundCostTable {
    private static final List<Integer> WORKERS = List.of(8, 16, 32, 64, 128, 256, 512);
    private static final double GIGABIT = 1e9 / 8;
    private static final List<Integer> PERIODS = List.of(16, 64);

    /**
     * One line.
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

    private RoundCostTable() {}

    private static Prediction predict(RoundCost cost, RoundCost.Measured network, int averagingPeriod, int workers) {
        double computing = averagingPeriod * network.stepSeconds();
        double slow = cost.overheadSeconds(workers, network.bytes(), GIGABIT);
        double fast = cost.overheadSeconds(workers, network.bytes(), 10 * GIGABIT);
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
    static void report(RoundCost cost, BenchReport report, List<RoundCost.Measured> networks) {
        report.figure("Cost of a round, fitted", cost);
        String title = String.format(
                Locale.ROOT,
                "Cost of a round beside computing at larger K, predicted from parts measured at K = 2, without the wait for"
                        + " the slowest worker: %.1f ms fixed, %.3f ms per task, %.2f ns per byte, three times the vector"
                        + " through the network",
                1e3 * cost.fixedSeconds(),
                1e3 * cost.secondsPerTask(),
                1e9 * cost.secondsPerByte());
        report.table(title, "network", "τ", "K", "1 Gbit/s", "efficiency", "10 Gbit/s", "efficiency");
        for (RoundCost.Measured network : networks) {
            for (int period : PERIODS) {
                for (int workers : WORKERS) {
                    Prediction prediction = predict(cost, network, period, workers);
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
