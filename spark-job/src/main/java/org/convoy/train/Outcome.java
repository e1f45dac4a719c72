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
     * @param rollbacks after divergences, in their order
     */
    record Figures(
            List<EpochReport> epochs,
            List<RoundReport> rounds,
            int bestEpoch,
            Metrics bestValidation,
            List<Rollback> rollbacks) {}

    /** Before the first epoch. */
    static Outcome none() {
        return new Outcome(new Figures(List.of(), List.of(), 0, null, List.of()), null);
    }

    static Outcome of(Figures figures, State bestState) {
        return new Outcome(figures, figures.bestEpoch() == 0 ? null : bestState);
    }

    /**
     * With these rollbacks in place of those it has.
     *
     * @param rollbacks of the whole training
     */
    Outcome with(List<Rollback> rollbacks) {
        return new Outcome(
                new Figures(
                        figures.epochs(),
                        figures.rounds(),
                        figures.bestEpoch(),
                        figures.bestValidation(),
                        List.copyOf(rollbacks)),
                bestState);
    }

    /**
     * With one more epoch. Without validation the last epoch counts as the best.
     *
     * @param seconds it took to train
     * @param validation null if there is no validation split
     * @param metric that decides which epoch is the best
     */
    Outcome with(
            EpochTrainer.Epoch trained, double seconds, State reached, Metrics validation, ValidationMetric metric) {
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
                validation == null ? Double.NaN : validation.loss(),
                validation == null ? Double.NaN : metric.of(validation));
        boolean best = !hasBest() || validation == null || metric.better(validation, figures.bestValidation());
        return new Outcome(
                new Figures(
                        joined(figures.epochs(), List.of(epoch)),
                        joined(figures.rounds(), trained.rounds()),
                        best ? epoch.epoch() : figures.bestEpoch(),
                        best ? validation : figures.bestValidation(),
                        figures.rollbacks()),
                best ? reached : bestState);
    }

    /** With other parameters of the best epoch, and what validation says of them; null where there is none. */
    Outcome withBest(State state, Metrics validation) {
        return new Outcome(
                new Figures(figures.epochs(), figures.rounds(), figures.bestEpoch(), validation, figures.rollbacks()),
                state);
    }

    boolean hasBest() {
        return bestState != null;
    }

    EpochReport best() {
        return figures.epochs().get(figures.bestEpoch() - 1);
    }

    /** What the configured learning rate is multiplied by after the rollbacks so far. */
    double rateFactor() {
        List<Rollback> rollbacks = figures.rollbacks();
        return rollbacks.isEmpty() ? 1 : rollbacks.get(rollbacks.size() - 1).rateFactor();
    }

    private static <T> List<T> joined(List<T> first, List<T> second) {
        List<T> all = new ArrayList<>(first);
        all.addAll(second);
        return List.copyOf(all);
    }
}
