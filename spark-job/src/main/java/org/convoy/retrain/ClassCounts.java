package org.convoy.retrain;

import java.util.List;
import java.util.function.ToIntFunction;
import org.convoy.evaluate.Comparison.Answers;

/** Examples by class: truly of it, said to be of it, and both. */
final class ClassCounts {
    private final long[] labelled;
    private final long[] answered;
    private final long[] right;

    ClassCounts(int classes) {
        labelled = new long[classes];
        answered = new long[classes];
        right = new long[classes];
    }

    /**
     * Counts answers.
     *
     * @param classes C
     * @param answer which of the two that each picture was given
     */
    static ClassCounts of(List<Answers> answers, int classes, ToIntFunction<Answers> answer) {
        ClassCounts counts = new ClassCounts(classes);
        answers.forEach(cell -> counts.add(cell.label(), answer.applyAsInt(cell), cell.examples()));
        return counts;
    }

    void add(int label, int answer, long examples) {
        labelled[label] += examples;
        answered[answer] += examples;
        right[label] += label == answer ? examples : 0;
    }

    double accuracy() {
        long all = 0;
        long hits = 0;
        for (int label = 0; label < labelled.length; label++) {
            all += labelled[label];
            hits += right[label];
        }
        return all == 0 ? 0 : (double) hits / all;
    }

    /** Mean recall of the classes that have examples. */
    double macroRecall() {
        double sum = 0;
        int classes = 0;
        for (int label = 0; label < labelled.length; label++) {
            if (labelled[label] > 0) {
                sum += (double) right[label] / labelled[label];
                classes++;
            }
        }
        return classes == 0 ? 0 : sum / classes;
    }

    /** Mean F1 of the classes that have examples. */
    double macroF1() {
        double sum = 0;
        int classes = 0;
        for (int label = 0; label < labelled.length; label++) {
            if (labelled[label] > 0) {
                sum += 2.0 * right[label] / (labelled[label] + answered[label]);
                classes++;
            }
        }
        return classes == 0 ? 0 : sum / classes;
    }
}
