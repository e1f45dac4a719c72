package org.convoy.doctor;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.convoy.train.Rehearsal;

/**
 * What a training will cost, from its {@link Rehearsal}.
 *
 * @param epochs of the training
 * @param stepSeconds that a worker computes for one batch
 * @param vectorBytes that travel out and back in a round
 * @param configured as the configuration has it
 * @param recommended K and τ: the shortest epoch of which sync takes a tenth at most, where that leaves four averagings an epoch
 * @param others to compare with: the same K with other τ, and more workers than the cluster has slots for now
 */
public record Forecast(
        int epochs, double stepSeconds, long vectorBytes, Line configured, Line recommended, List<Line> others) {
    private static final String CHECK = "rounds";
    private static final double ALLOWED_SYNC = 0.1;
    private static final int LEAST_AVERAGINGS = 4;
    private static final List<Integer> PERIODS = List.of(1, 4, 16, 64);
    private static final List<Integer> TIMES_MORE = List.of(2, 4, 8);
    /** By how much more an epoch may take than the recommended one without a word. */
    private static final double TOLERATED = 1.15;

    /**
     * One choice.
     *
     * @param workers K
     * @param averagingPeriod τ, batches
     * @param roundSeconds of a whole round
     * @param epochSeconds of training, validation left out
     * @param syncShare of a round in which not all compute
     */
    public record Line(int workers, int averagingPeriod, double roundSeconds, double epochSeconds, double syncShare) {
        static Line of(Rehearsal rehearsal, int workers, int averagingPeriod) {
            return new Line(
                    workers,
                    averagingPeriod,
                    rehearsal.roundSeconds(workers, averagingPeriod),
                    rehearsal.epochSeconds(workers, averagingPeriod),
                    rehearsal.syncShare(workers, averagingPeriod));
        }
    }

    /**
     * Predicts.
     *
     * @param slots workers that the cluster has room for
     */
    static Forecast of(Rehearsal rehearsal, int epochs, int slots) {
        int workers = rehearsal.workers();
        Line configured = new Line(
                workers,
                rehearsal.averagingPeriod(),
                rehearsal.roundSeconds(workers, rehearsal.averagingPeriod()),
                rehearsal.epochSeconds(),
                rehearsal.syncShare(workers, rehearsal.averagingPeriod()));
        // What is configured wins where nothing is shorter: a small dataset leaves no choice.
        Line recommended = Stream.concat(
                        Stream.of(configured),
                        candidates(slots).stream()
                                .map(candidate -> Line.of(rehearsal, candidate, period(rehearsal, candidate))))
                .min(Comparator.comparingDouble(Line::epochSeconds))
                .orElseThrow();
        List<Line> others = new ArrayList<>();
        for (int period : PERIODS) {
            if (period <= rehearsal.batchesPerEpoch(workers)) {
                others.add(Line.of(rehearsal, workers, period));
            }
        }
        for (int times : TIMES_MORE) {
            if (rehearsal.batchesPerEpoch(times * slots) >= LEAST_AVERAGINGS) {
                others.add(Line.of(rehearsal, times * slots, period(rehearsal, times * slots)));
            }
        }
        return new Forecast(epochs, rehearsal.stepSeconds(), rehearsal.vectorBytes(), configured, recommended, others);
    }

    /** Powers of two, and all slots. */
    private static TreeSet<Integer> candidates(int slots) {
        TreeSet<Integer> candidates = new TreeSet<>();
        for (int workers = 1; workers <= slots; workers *= 2) {
            candidates.add(workers);
        }
        candidates.add(slots);
        return candidates;
    }

    /** The smallest power of two at which sync takes no more than is allowed, or the largest that leaves enough averagings. */
    private static int period(Rehearsal rehearsal, int workers) {
        int largest = Math.max(1, (int) Math.min(1 << 20, rehearsal.batchesPerEpoch(workers) / LEAST_AVERAGINGS));
        return IntStream.iterate(1, period -> period <= largest, period -> 2 * period)
                .filter(period -> rehearsal.syncShare(workers, period) <= ALLOWED_SYNC)
                .findFirst()
                .orElse(Integer.highestOneBit(largest));
    }

    Finding finding() {
        String what = String.format(
                Locale.ROOT,
                "a round of τ = %d takes %s on K = %d workers, %s of it in sync; an epoch %s, the training %s, without"
                        + " validation",
                configured.averagingPeriod(),
                Sizes.seconds(configured.roundSeconds()),
                configured.workers(),
                Sizes.percent(configured.syncShare()),
                Sizes.seconds(configured.epochSeconds()),
                Sizes.seconds(epochs * configured.epochSeconds()));
        if (configured.epochSeconds() <= TOLERATED * recommended.epochSeconds()) {
            return Finding.ok(CHECK, what);
        }
        return Finding.warning(
                CHECK,
                what,
                String.format(
                        Locale.ROOT,
                        "with τ = %d and K = %d an epoch would take %s, %s of it in sync",
                        recommended.averagingPeriod(),
                        recommended.workers(),
                        Sizes.seconds(recommended.epochSeconds()),
                        Sizes.percent(recommended.syncShare())),
                "train.averaging-period-batches = " + recommended.averagingPeriod() + ", train.workers = "
                        + recommended.workers()
                        + "; more steps between averagings are further from one machine's SGD, so"
                        + " look at the accuracy too");
    }

    /** Lines of text. */
    String table() {
        StringBuilder table = new StringBuilder();
        table.append(String.format(
                Locale.ROOT,
                "One batch computes in %s; %s go out and come back in a round.%n%n",
                Sizes.seconds(stepSeconds),
                Sizes.bytes(vectorBytes)));
        table.append(String.format(
                Locale.ROOT, "%-14s %5s %5s %10s %10s %8s%n", "prediction", "K", "τ", "round", "epoch", "in sync"));
        append(table, "configured", configured);
        append(table, "recommended", recommended);
        others.forEach(
                line -> append(table, line.workers() == configured.workers() ? "other τ" : "more workers", line));
        return table.toString();
    }

    private static void append(StringBuilder table, String name, Line line) {
        table.append(String.format(
                Locale.ROOT,
                "%-14s %5d %5d %10s %10s %8s%n",
                name,
                line.workers(),
                line.averagingPeriod(),
                Sizes.seconds(line.roundSeconds()),
                Sizes.seconds(line.epochSeconds()),
                Sizes.percent(line.syncShare())));
    }
}
