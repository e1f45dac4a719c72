package org.convoy.retrain;

import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import org.convoy.evaluate.Comparison.Answers;
import org.convoy.evaluate.Metrics;

/** What candidate and current version are compared by; more is better. */
enum GateMetric {
    /** Share of pictures that are named rightly. */
    ACCURACY,
    /** Mean share over the classes: a rare one counts as much as a common one. */
    MACRO_RECALL,
    /** Mean F1 over the classes. */
    MACRO_F1;

    double of(Metrics metrics) {
        return switch (this) {
            case ACCURACY -> metrics.accuracy();
            case MACRO_RECALL -> metrics.macroRecall();
            case MACRO_F1 -> metrics.macroF1();
        };
    }

    double of(ClassCounts counts) {
        return switch (this) {
            case ACCURACY -> counts.accuracy();
            case MACRO_RECALL -> counts.macroRecall();
            case MACRO_F1 -> counts.macroF1();
        };
    }

    /**
     * The probability that chance alone makes the candidate look so bad.
     *
     * @param answers of both models to the same pictures
     * @param classes C
     * @param seed of what is drawn at random
     */
    double worse(List<Answers> answers, int classes, long seed) {
        return this == ACCURACY
                ? McNemar.worse(sum(answers, Answers::currentAloneRight), sum(answers, Answers::candidateAloneRight))
                : PairedBootstrap.worse(this, answers, classes, seed);
    }

    static long sum(List<Answers> answers, Predicate<Answers> kind) {
        return answers.stream().filter(kind).mapToLong(Answers::examples).sum();
    }

    /** The test by which {@link #worse} tells. */
    String test() {
        return this == ACCURACY ? "McNemar" : "paired bootstrap";
    }

    /** Its name in configuration. */
    String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
