package org.convoy.evaluate;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;

/** What two models make of the same pictures; the counts of parts of a split add up to those of the whole. */
final class PairedTally implements Serializable {
    private static final long serialVersionUID = 1L;

    private final int classes;
    /** Labels that both models know. */
    private final boolean[] common;

    private final Tally current;
    private final Tally candidate;
    private final Tally candidateOnAll;
    private final TreeMap<Long, Long> answers = new TreeMap<>(); // examples by label, both answers, and whether known
    private final long[] currentBefore;
    private final long[] currentNow;
    private final long[] candidateNow;
    private long timed;
    private long currentNanos;
    private long candidateNanos;

    /**
     * Counts nothing yet.
     *
     * @param classes of the dataset
     * @param currentLabels the dataset's labels of the classes that the current model knows, -1 for none
     * @param candidateLabels likewise
     */
    PairedTally(int classes, int[] currentLabels, int[] candidateLabels) {
        this.classes = classes;
        this.common = new boolean[classes];
        for (int label = 0; label < classes; label++) {
            common[label] = contains(currentLabels, label) && contains(candidateLabels, label);
        }
        this.current = new Tally(classes);
        this.candidate = new Tally(classes);
        this.candidateOnAll = new Tally(classes);
        this.currentBefore = new long[classes];
        this.currentNow = new long[classes];
        this.candidateNow = new long[classes];
    }

    private static boolean contains(int[] labels, int label) {
        return Arrays.stream(labels).anyMatch(known -> known == label);
    }

    /**
     * Counts one picture.
     *
     * @param label the true class
     * @param known whether the picture was there when the current model was trained
     * @param ofCurrent probabilities of many pictures, N·classes
     * @param ofCandidate likewise
     * @param picture whose probabilities to take
     */
    void add(int label, boolean known, float[] ofCurrent, float[] ofCandidate, int picture) {
        int currentAnswer = Tally.answer(ofCurrent, picture, classes);
        int candidateAnswer = Tally.answer(ofCandidate, picture, classes);
        candidateOnAll.add(label, ofCandidate, picture);
        currentNow[currentAnswer]++;
        candidateNow[candidateAnswer]++;
        if (known) {
            currentBefore[currentAnswer]++;
        }
        if (common[label]) {
            current.add(label, ofCurrent, picture);
            candidate.add(label, ofCandidate, picture);
            long cell = ((long) label * classes + currentAnswer) * classes + candidateAnswer;
            answers.merge(2 * cell + (known ? 1 : 0), 1L, Long::sum);
        }
    }

    void addTime(int pictures, long nanosOfCurrent, long nanosOfCandidate) {
        timed += pictures;
        currentNanos += nanosOfCurrent;
        candidateNanos += nanosOfCandidate;
    }

    void add(PairedTally other) {
        current.add(other.current);
        candidate.add(other.candidate);
        candidateOnAll.add(other.candidateOnAll);
        other.answers.forEach((cell, n) -> answers.merge(cell, n, Long::sum));
        for (int label = 0; label < classes; label++) {
            currentBefore[label] += other.currentBefore[label];
            currentNow[label] += other.currentNow[label];
            candidateNow[label] += other.candidateNow[label];
        }
        timed += other.timed;
        currentNanos += other.currentNanos;
        candidateNanos += other.candidateNanos;
    }

    Comparison comparison(List<String> classNames) {
        List<Comparison.Answers> cells = new ArrayList<>();
        answers.forEach((key, n) -> {
            long cell = key / 2;
            cells.add(new Comparison.Answers(
                    (int) (cell / classes / classes),
                    (int) (cell / classes % classes),
                    (int) (cell % classes),
                    key % 2 == 1,
                    n));
        });
        return new Comparison(
                current.metrics(classNames),
                candidate.metrics(classNames),
                candidateOnAll.metrics(classNames),
                cells,
                Arrays.stream(currentBefore).boxed().toList(),
                Arrays.stream(currentNow).boxed().toList(),
                Arrays.stream(candidateNow).boxed().toList(),
                timed == 0 ? Double.NaN : 1e9 * timed / currentNanos,
                timed == 0 ? Double.NaN : 1e9 * timed / candidateNanos);
    }
}
