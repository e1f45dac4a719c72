package org.convoy.retrain;

import java.util.List;
import org.apache.commons.math3.random.RandomDataGenerator;
import org.apache.commons.math3.random.Well19937c;
import org.convoy.evaluate.Comparison.Answers;

/**
 * Whether one of two classifiers that judged the same pictures is worse by a metric that is no mean over pictures. The pictures are
 * drawn anew many times, with replacement and for both at once. How often a picture is drawn is taken as Poisson distributed, so that
 * a sample costs as much as there are kinds of answers, not pictures.
 *
 * <p>P. Koehn, "Statistical significance tests for machine translation evaluation", EMNLP 2004, section 4.2; J. Hanley and
 * B. MacGibbon, "Creating non-parametric bootstrap samples using Poisson frequencies", 2006.
 */
final class PairedBootstrap {
    private static final int SAMPLES = 2_000;

    private final GateMetric metric;
    private final List<Answers> answers;
    private final int classes;
    private final RandomDataGenerator random;

    private PairedBootstrap(GateMetric metric, List<Answers> answers, int classes, long seed) {
        this.metric = metric;
        this.answers = answers;
        this.classes = classes;
        this.random = new RandomDataGenerator(new Well19937c(seed));
    }

    /**
     * The share of samples in which the candidate is not worse: small if it is worse by more than chance.
     *
     * @param answers of both models to the same pictures
     * @param classes C
     * @param seed of the samples
     * @return above 0 to 1
     */
    static double worse(GateMetric metric, List<Answers> answers, int classes, long seed) {
        return new PairedBootstrap(metric, answers, classes, seed).worse();
    }

    private double worse() {
        int notWorse = 0;
        for (int i = 0; i < SAMPLES; i++) {
            notWorse += sampledDifference() >= 0 ? 1 : 0;
        }
        return (1.0 + notWorse) / (1 + SAMPLES);
    }

    private double sampledDifference() {
        ClassCounts current = new ClassCounts(classes);
        ClassCounts candidate = new ClassCounts(classes);
        for (Answers cell : answers) {
            long drawn = random.nextPoisson((double) cell.examples());
            current.add(cell.label(), cell.current(), drawn);
            candidate.add(cell.label(), cell.candidate(), drawn);
        }
        return metric.of(candidate) - metric.of(current);
    }
}
