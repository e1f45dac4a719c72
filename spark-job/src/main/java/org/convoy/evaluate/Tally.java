package org.convoy.evaluate;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;

/** Counts that predictions add up to; the counts of parts of a split add up to those of the whole. */
public final class Tally implements Serializable {
    private static final long serialVersionUID = 1L;

    /** Equal-width bins of confidence, as in Guo et al. 2017, "On Calibration of Modern Neural Networks". */
    private static final int CONFIDENCE_BINS = 15;

    private static final int TOP_K = 5;

    /** Keeps the loss finite where a probability underflowed to 0. */
    private static final double SMALLEST_PROBABILITY = 1e-15;

    private final int classes;
    private final long[][] confusion;
    private final long[] binExamples = new long[CONFIDENCE_BINS];
    private final long[] binCorrect = new long[CONFIDENCE_BINS];
    private final double[] binConfidence = new double[CONFIDENCE_BINS];
    private long examples;
    private long inTopK;
    private double lossSum;

    /**
     * The counts as they are stored; of the confusion matrix what is not 0.
     *
     * @param confusion true class, predicted class and count of each
     */
    @SuppressWarnings("ArrayRecordComponent") // carried, never compared
    public record Counts(
            long examples,
            long inTopK,
            double lossSum,
            List<long[]> confusion,
            long[] binExamples,
            long[] binCorrect,
            double[] binConfidence) {}

    public Tally(int classes) {
        this.classes = classes;
        this.confusion = new long[classes][classes];
    }

    /**
     * Counts one prediction.
     *
     * @param label the true class
     * @param probabilities of many pictures, N·classes
     * @param picture whose probabilities to take
     */
    public void add(int label, float[] probabilities, int picture) {
        int first = picture * classes;
        int predicted = answer(probabilities, picture, classes);
        int aboveLabel = 0;
        for (int c = 0; c < classes; c++) {
            if (probabilities[first + c] > probabilities[first + label]) {
                aboveLabel++;
            }
        }
        float confidence = probabilities[first + predicted];
        int bin = Math.min((int) (confidence * CONFIDENCE_BINS), CONFIDENCE_BINS - 1);

        examples++;
        confusion[label][predicted]++;
        inTopK += aboveLabel < TOP_K ? 1 : 0;
        lossSum -= Math.log(Math.max(probabilities[first + label], SMALLEST_PROBABILITY));
        binExamples[bin]++;
        binCorrect[bin] += predicted == label ? 1 : 0;
        binConfidence[bin] += confidence;
    }

    /** What {@link #counts} gave. */
    public static Tally of(int classes, Counts counts) {
        Tally tally = new Tally(classes);
        tally.examples = counts.examples();
        tally.inTopK = counts.inTopK();
        tally.lossSum = counts.lossSum();
        for (long[] cell : counts.confusion()) {
            tally.confusion[(int) cell[0]][(int) cell[1]] = cell[2];
        }
        System.arraycopy(counts.binExamples(), 0, tally.binExamples, 0, CONFIDENCE_BINS);
        System.arraycopy(counts.binCorrect(), 0, tally.binCorrect, 0, CONFIDENCE_BINS);
        System.arraycopy(counts.binConfidence(), 0, tally.binConfidence, 0, CONFIDENCE_BINS);
        return tally;
    }

    public Counts counts() {
        List<long[]> cells = new ArrayList<>();
        for (int actual = 0; actual < classes; actual++) {
            for (int predicted = 0; predicted < classes; predicted++) {
                if (confusion[actual][predicted] > 0) {
                    cells.add(new long[] {actual, predicted, confusion[actual][predicted]});
                }
            }
        }
        return new Counts(
                examples, inTopK, lossSum, cells, binExamples.clone(), binCorrect.clone(), binConfidence.clone());
    }

    /** The most probable class of a picture; of equals the first. */
    static int answer(float[] probabilities, int picture, int classes) {
        int first = picture * classes;
        int answer = 0;
        for (int c = 1; c < classes; c++) {
            answer = probabilities[first + c] > probabilities[first + answer] ? c : answer;
        }
        return answer;
    }

    public void add(Tally other) {
        examples += other.examples;
        inTopK += other.inTopK;
        lossSum += other.lossSum;
        for (int actual = 0; actual < classes; actual++) {
            for (int predicted = 0; predicted < classes; predicted++) {
                confusion[actual][predicted] += other.confusion[actual][predicted];
            }
        }
        for (int bin = 0; bin < CONFIDENCE_BINS; bin++) {
            binExamples[bin] += other.binExamples[bin];
            binCorrect[bin] += other.binCorrect[bin];
            binConfidence[bin] += other.binConfidence[bin];
        }
    }

    /** The figures, for at least one example. */
    public Metrics metrics(List<String> classNames) {
        long correct = 0;
        List<Metrics.ClassMetrics> perClass = new ArrayList<>();
        List<List<Long>> matrix = new ArrayList<>();
        for (int c = 0; c < classes; c++) {
            long predictedAsC = 0;
            long labelledC = 0;
            List<Long> row = new ArrayList<>();
            for (int other = 0; other < classes; other++) {
                predictedAsC += confusion[other][c];
                labelledC += confusion[c][other];
                row.add(confusion[c][other]);
            }
            long hits = confusion[c][c];
            correct += hits;
            matrix.add(row);
            perClass.add(new Metrics.ClassMetrics(
                    classNames.get(c),
                    labelledC,
                    ratio(hits, predictedAsC),
                    ratio(hits, labelledC),
                    ratio(2 * hits, predictedAsC + labelledC)));
        }
        return new Metrics(
                examples,
                ratio(correct, examples),
                ratio(inTopK, examples),
                lossSum / examples,
                calibrationError(),
                perClass,
                matrix);
    }

    /** Expected calibration error: Σ_bins (n_bin / n) · |accuracy - mean confidence| (Guo et al. 2017, equation 5). */
    private double calibrationError() {
        double error = 0;
        for (int bin = 0; bin < CONFIDENCE_BINS; bin++) {
            error += Math.abs(binCorrect[bin] - binConfidence[bin]) / examples;
        }
        return error;
    }

    private static double ratio(long part, long whole) {
        return whole == 0 ? 0 : (double) part / whole;
    }
}
