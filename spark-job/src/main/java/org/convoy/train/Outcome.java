package org.convoy.train;

import java.util.ArrayList;
import java.util.List;
import org.convoy.evaluate.Metrics;

/**
 * What the epochs of a run gave so far, and the best of them. Immutable.
 *
 * @param figures everything but the parameters
 * @param bestState what the best epoch reached; null before the first
 */
record Outcome(Figures figures, State bestState) {

    /**
     * The part without parameters.
     *
     * @param epochs finished ones
     * @param rounds of all of them
     * @param bestEpoch from 1; 0 before the first
     * @param bestValidation its figures; null if there is no validation split
     */
    record Figures(List<EpochReport> epochs, List<RoundReport> rounds, int bestEpoch, Metrics bestValidation) {}

    /** Before the first epoch. */
    static Outcome none() {
        return new Outcome(new Figures(List.of(), List.of(), 0, null), null);
    }

    static Outcome of(Figures figures, State bestState) {
        return new Outcome(figures, figures.bestEpoch() == 0 ? null : bestState);
    }

    /**
     * With one more epoch. Without validation the last epoch counts as the best.
     *
     * @param seconds it took to train
     * @param validation null if there is no validation split
     */
    Outcome with(EpochTrainer.Epoch trained, double seconds, State reached, Metrics validation) {
        double computing = trained.rounds().stream()
                .mapToDouble(RoundReport::computeSeconds)
                .sum();
        EpochReport epoch = new EpochReport(
                figures.epochs().size() + 1,
                trained.planned(),
                trained.trained(),
                trained.loss(),
                seconds,
                trained.rounds().isEmpty() ? Double.NaN : 1 - computing / seconds,
                validation == null ? Double.NaN : validation.accuracy(),
                validation == null ? Double.NaN : validation.loss());
        boolean best = !hasBest() || validation == null || better(validation, figures.bestValidation());
        return new Outcome(
                new Figures(
                        joined(figures.epochs(), List.of(epoch)),
                        joined(figures.rounds(), trained.rounds()),
                        best ? epoch.epoch() : figures.bestEpoch(),
                        best ? validation : figures.bestValidation()),
                best ? reached : bestState);
    }

    boolean hasBest() {
        return bestState != null;
    }

    EpochReport best() {
        return figures.epochs().get(figures.bestEpoch() - 1);
    }

    private static boolean better(Metrics a, Metrics b) {
        return a.accuracy() > b.accuracy() || (a.accuracy() == b.accuracy() && a.loss() < b.loss());
    }

    private static <T> List<T> joined(List<T> first, List<T> second) {
        List<T> all = new ArrayList<>(first);
        all.addAll(second);
        return List.copyOf(all);
    }
}
