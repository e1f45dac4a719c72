package org.convoy.retrain;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.convoy.data.Manifest;
import org.convoy.data.Split;
import org.convoy.evaluate.Comparison;
import org.convoy.evaluate.Comparison.Answers;
import org.convoy.evaluate.Metrics;
import org.convoy.retrain.Gate.Verdict;

/** Asks a candidate for everything that the configuration asks for. Each gate is judged, also when one before it has failed. */
final class Gates {
    private static final String NO_CURRENT = "there is no current version";
    private static final String NO_RECORD = "it is not known what the current version was trained on";

    private final GateLimits limits;
    private final long seed;
    private final List<Gate> gates = new ArrayList<>();

    /**
     * What is known of a candidate and of what it would replace.
     *
     * @param candidate its figures on all pictures of the held-out split
     * @param candidateBytes size of its archive
     * @param comparison with the current version; empty if there is none
     * @param currentBytes size of the current version's archive; 0 if there is none
     * @param before what the current version was trained on, if that is known
     * @param now what the candidate was trained on
     */
    record Case(
            Metrics candidate,
            long candidateBytes,
            Optional<Comparison> comparison,
            long currentBytes,
            Optional<Manifest> before,
            Manifest now) {}

    private Gates(GateLimits limits, long seed) {
        this.limits = limits;
        this.seed = seed;
    }

    /**
     * Judges a candidate.
     *
     * @param seed of samples that are drawn
     */
    static List<Gate> judge(GateLimits limits, long seed, Case of) {
        Gates gates = new Gates(limits, seed);
        gates.metric(of);
        gates.labels(of);
        gates.classes(of);
        gates.calibration(of);
        gates.predictions(of);
        gates.inputs(of);
        gates.size(of);
        gates.time(of);
        return gates.gates;
    }

    /**
     * On all pictures, and on those alone that the current version could have been judged on: new pictures that are labelled wrongly
     * are in the held-out split as well, and a candidate that has learned their labels looks good there.
     */
    private void metric(Case of) {
        String name = limits.metric().label();
        if (of.comparison().isEmpty()) {
            notJudged(name, limits.metric().of(of.candidate()), "", NO_CURRENT);
            return;
        }
        Comparison comparison = of.comparison().get();
        metric(name, comparison.answers(), comparison);
        List<Answers> earlier = comparison.earlierAnswers();
        if (earlier.isEmpty()) {
            notJudged(name + " on earlier ones", null, "", NO_RECORD);
        } else {
            metric(name + " on earlier ones", earlier, comparison);
        }
    }

    /** Not much worse, and not surely worse: the tolerance is for what may be chance. */
    private void metric(String name, List<Answers> answers, Comparison comparison) {
        GateMetric metric = limits.metric();
        int classes = comparison.current().perClass().size();
        double current = metric.of(ClassCounts.of(answers, classes, Answers::current));
        double candidate = metric.of(ClassCounts.of(answers, classes, Answers::candidate));
        double chance = metric.worse(answers, classes, seed);
        boolean surelyWorse = candidate < current && chance < limits.significance();
        gates.add(new Gate(
                name,
                current,
                candidate,
                String.format(
                        Locale.ROOT,
                        ">= %.4f, and no loss with p < %s",
                        current - limits.tolerance(),
                        limits.significance()),
                verdict(candidate >= current - limits.tolerance() && !surelyWorse),
                String.format(
                        Locale.ROOT,
                        "%s p %s; of %d pictures %d only the current one names rightly, %d only the candidate",
                        metric.test(),
                        chance < 1e-4 ? "< 0.0001" : String.format(Locale.ROOT, "= %.2g", chance),
                        GateMetric.sum(answers, cell -> true),
                        GateMetric.sum(answers, Answers::currentAloneRight),
                        GateMetric.sum(answers, Answers::candidateAloneRight))));
    }

    /**
     * How the current version does on the new pictures, beside those of its time. Labels at random teach a candidate hardly anything, so
     * it may well be as good as before on earlier pictures; but who knows the classes sees that such labels are wrong.
     */
    private void labels(Case of) {
        String name = "drift of labels";
        if (of.comparison().isEmpty()) {
            notJudged(name, null, "", NO_CURRENT);
            return;
        }
        Comparison comparison = of.comparison().get();
        List<Answers> earlier = comparison.earlierAnswers();
        List<Answers> added = comparison.newAnswers();
        if (earlier.isEmpty() || added.isEmpty()) {
            notJudged(name, null, "", earlier.isEmpty() ? NO_RECORD : "the held-out split has no new pictures");
            return;
        }
        int classes = comparison.current().perClass().size();
        double before = limits.metric().of(ClassCounts.of(earlier, classes, Answers::current));
        double now = limits.metric().of(ClassCounts.of(added, classes, Answers::current));
        gates.add(new Gate(
                name,
                before,
                now,
                atLeast(before - limits.labelDrift()),
                verdict(now >= before - limits.labelDrift()),
                limits.metric().label() + " of the current version on the new pictures, beside those of its time"));
    }

    private void classes(Case of) {
        for (int label = 0; label < of.candidate().perClass().size(); label++) {
            Metrics.ClassMetrics row = of.candidate().perClass().get(label);
            String name = "recall of " + row.name();
            double least = limits.recallOf(row.name());
            Double before = recallBefore(of, label);
            if (row.examples() == 0) {
                gates.add(new Gate(
                        name, before, null, atLeast(least), Verdict.NOT_JUDGED, "the held-out split has none of it"));
            } else {
                gates.add(new Gate(name, before, row.recall(), atLeast(least), verdict(row.recall() >= least), ""));
            }
        }
    }

    private static Double recallBefore(Case of, int label) {
        return of.comparison()
                .map(comparison -> comparison.current().perClass().get(label))
                .filter(row -> row.examples() > 0)
                .map(Metrics.ClassMetrics::recall)
                .orElse(null);
    }

    private void calibration(Case of) {
        double error = of.candidate().calibrationError();
        gates.add(new Gate(
                "calibration error",
                of.comparison().map(both -> both.current().calibrationError()).orElse(null),
                error,
                atMost(limits.calibrationError()),
                verdict(error <= limits.calibrationError()),
                ""));
    }

    /** What the candidate answers on the held-out pictures, beside what the current one does on those of its own time. */
    private void predictions(Case of) {
        String name = "drift of predictions";
        if (of.comparison().isEmpty()) {
            notJudged(name, null, atMost(limits.predictionDrift()), NO_CURRENT);
            return;
        }
        Comparison comparison = of.comparison().get();
        List<Long> before = comparison.currentBefore();
        if (of.before().isEmpty() || before.stream().allMatch(n -> n == 0)) {
            notJudged(name, null, atMost(limits.predictionDrift()), NO_RECORD);
            return;
        }
        double candidate = PopulationStability.index(before, comparison.candidateNow());
        gates.add(new Gate(
                name,
                PopulationStability.index(before, comparison.currentNow()),
                candidate,
                atMost(limits.predictionDrift()),
                verdict(candidate <= limits.predictionDrift()),
                "population stability index; " + mostChanged(of.now().classes(), before, comparison.candidateNow())));
    }

    private void inputs(Case of) {
        if (of.before().isEmpty()) {
            String why = of.comparison().isEmpty() ? NO_CURRENT : NO_RECORD;
            notJudged("drift of classes", null, atMost(limits.classMixDrift()), why);
            notJudged("drift of channels", null, atMost(limits.channelDrift()), why);
            return;
        }
        Optional<NewPictures> added = NewPictures.between(of.before().get(), of.now());
        if (added.isEmpty()) {
            String why = "the train split has no new pictures";
            notJudged("drift of classes", null, atMost(limits.classMixDrift()), why);
            notJudged("drift of channels", null, atMost(limits.channelDrift()), why);
            return;
        }
        List<Long> classes = of.before().get().split(Split.TRAIN).rowsPerClass();
        drift(
                "drift of classes",
                PopulationStability.index(classes, added.get().rowsPerClass()),
                limits.classMixDrift(),
                "population stability index; "
                        + mostChanged(of.now().classes(), classes, added.get().rowsPerClass()));
        drift(
                "drift of channels",
                added.get().channelDrift(of.before().get()),
                limits.channelDrift(),
                String.format(
                        Locale.ROOT,
                        "standard deviations; mean %s was %s",
                        inWords(added.get().pixels().mean()),
                        inWords(of.before().get().mean())));
    }

    /** The class whose share is another one most. */
    private static String mostChanged(List<String> classes, List<Long> before, List<Long> now) {
        int most = 0;
        for (int c = 1; c < classes.size(); c++) {
            most = Math.abs(change(before, now, c)) > Math.abs(change(before, now, most)) ? c : most;
        }
        return String.format(
                Locale.ROOT,
                "'%s' was %.1f %% and is %.1f %%",
                classes.get(most),
                100 * share(before, most),
                100 * share(now, most));
    }

    private static double change(List<Long> before, List<Long> now, int c) {
        return share(now, c) - share(before, c);
    }

    private static double share(List<Long> counts, int c) {
        long all = counts.stream().mapToLong(n -> n).sum();
        return c < counts.size() && all > 0 ? (double) counts.get(c) / all : 0;
    }

    private static String inWords(List<Double> values) {
        return values.stream()
                .map(value -> String.format(Locale.ROOT, "%.1f", value))
                .toList()
                .toString();
    }

    private void drift(String name, double value, double limit, String detail) {
        gates.add(new Gate(name, null, value, atMost(limit), verdict(value <= limit), detail));
    }

    private void size(Case of) {
        double mebibytes = of.candidateBytes() / 1048576.0;
        if (of.comparison().isEmpty()) {
            notJudged("archive, MiB", mebibytes, "", NO_CURRENT);
            return;
        }
        double most = limits.sizeRatio() * of.currentBytes() / 1048576.0;
        gates.add(new Gate(
                "archive, MiB",
                of.currentBytes() / 1048576.0,
                mebibytes,
                atMost(most),
                verdict(mebibytes <= most),
                ""));
    }

    private void time(Case of) {
        String name = "scoring, microseconds";
        if (of.comparison().isEmpty()) {
            notJudged(name, null, "", NO_CURRENT);
            return;
        }
        double current = 1e6 / of.comparison().get().currentPerSecond();
        double candidate = 1e6 / of.comparison().get().candidatePerSecond();
        if (Double.isNaN(current)) {
            notJudged(name, null, "", "the held-out split is too small to time");
            return;
        }
        double most = limits.timeRatio() * current;
        gates.add(new Gate(name, current, candidate, atMost(most), verdict(candidate <= most), "per picture and task"));
    }

    private void notJudged(String name, Double candidate, String rule, String why) {
        gates.add(new Gate(name, null, candidate, rule, Verdict.NOT_JUDGED, why));
    }

    private static Verdict verdict(boolean passed) {
        return passed ? Verdict.PASSED : Verdict.FAILED;
    }

    private static String atLeast(double limit) {
        return String.format(Locale.ROOT, ">= %.4g", limit);
    }

    private static String atMost(double limit) {
        return String.format(Locale.ROOT, "<= %.4g", limit);
    }
}
