package org.convoy.train;

import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import org.convoy.evaluate.Metrics;

/**
 * What a training run did.
 *
 * @param run Spark's application id, which its log lines carry
 * @param model name of the model
 * @param path of the archive it wrote
 * @param trainedParameters those that are not frozen: what travels in a round, with the optimiser's state
 * @param workers K
 * @param planned examples that were to be trained, over the epochs that were run
 * @param trained examples that were
 * @param dropped {@code planned - trained}
 * @param bestEpoch the epoch whose parameters were kept, from 1
 * @param imagesPerSecond trained examples by seconds of training, validation left out
 * @param validation figures of the best epoch; null if the dataset has no validation split
 * @param course why the run went as it did
 * @param secondsByPhase wall-clock
 */
public record TrainReport(
        String run,
        String model,
        int version,
        boolean published,
        String path,
        String architecture,
        long parameters,
        long trainedParameters,
        int workers,
        long planned,
        long trained,
        long dropped,
        int bestEpoch,
        double imagesPerSecond,
        List<EpochReport> epochs,
        List<RoundReport> rounds,
        Metrics validation,
        Course course,
        Map<String, Double> secondsByPhase,
        String configuration) {

    /**
     * What chose the epochs, and what else than the plan decided how training went.
     *
     * @param metric of the validation split by which the best epoch was chosen
     * @param stoppedEarly when and why training ended before its last epoch; null if it did not
     * @param rollbacks after divergences; the rounds between are in no count of this report
     */
    public record Course(String metric, String stoppedEarly, List<Rollback> rollbacks) {}

    /** A short table for the terminal. */
    public String table() {
        StringBuilder table = new StringBuilder();
        line(table, "epoch   examples      loss   validation accuracy%s   images/s   sync share", metricHeading());
        for (EpochReport epoch : epochs) {
            line(
                    table,
                    "%5d %10d %9.4f %21s%s %10.0f %12s%s",
                    epoch.epoch(),
                    epoch.trained(),
                    epoch.loss(),
                    percent(epoch.validationAccuracy()),
                    metric(epoch),
                    epoch.trained() / epoch.seconds(),
                    percent(epoch.syncShare()),
                    epoch.epoch() == bestEpoch ? "  kept" : "");
        }
        line(table, "");
        course.rollbacks().forEach(rollback -> line(table, "%s", rollback.sentence()));
        if (course.stoppedEarly() != null) {
            line(table, "stopped early %s", course.stoppedEarly());
        }
        if (!rounds.isEmpty()) {
            line(table, "%s", timeOfRounds());
        }
        line(
                table,
                "planned %d examples, trained %d, dropped %d; %d workers, %d parameters%s",
                planned,
                trained,
                dropped,
                workers,
                parameters,
                trainedParameters == parameters
                        ? ""
                        : ", of which " + trainedParameters + " are trained and travel in a round");
        line(
                table,
                "%s@%d %s",
                model,
                version,
                published ? "is published" : "is not published: `convoy models publish " + model + "@" + version + "`");
        line(table, "%s", path);
        return table.toString();
    }

    /** Where the rounds' time went, and who was waited for. */
    private String timeOfRounds() {
        Map<String, Long> slowest = rounds.stream()
                .collect(Collectors.groupingBy(RoundReport::slowest, TreeMap::new, Collectors.counting()));
        Map.Entry<String, Long> mostOften = Collections.max(slowest.entrySet(), Map.Entry.comparingByValue());
        return String.format(
                Locale.ROOT,
                "of the rounds' time %s computing, %s of it waiting for the slowest worker (%s in %d of %d rounds),"
                        + " %s for parameters to arrive, %s in reduction",
                percent(share(RoundReport::computeSeconds)),
                percent(share(RoundReport::waitSeconds)),
                mostOften.getKey(),
                mostOften.getValue(),
                rounds.size(),
                percent(share(RoundReport::broadcastSeconds)),
                percent(share(RoundReport::reductionSeconds)));
    }

    private double share(ToDoubleFunction<RoundReport> part) {
        return rounds.stream().mapToDouble(part).sum()
                / rounds.stream().mapToDouble(RoundReport::seconds).sum();
    }

    /** Another metric than accuracy has a column of its own. */
    boolean showsMetric() {
        return validation != null && !course.metric().equals(TrainConfig.label(ValidationMetric.ACCURACY));
    }

    private String metricHeading() {
        return showsMetric() ? String.format(Locale.ROOT, "%17s", course.metric()) : "";
    }

    private String metric(EpochReport epoch) {
        return showsMetric() ? String.format(Locale.ROOT, "%17.4f", epoch.validationMetric()) : "";
    }

    private static String percent(double share) {
        return Double.isNaN(share) ? "-" : String.format(Locale.ROOT, "%.2f %%", 100 * share);
    }

    private static void line(StringBuilder table, String format, Object... values) {
        table.append(String.format(Locale.ROOT, format, values)).append(System.lineSeparator());
    }
}
