package org.convoy.retrain;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.convoy.retrain.Gate.Verdict;

/**
 * What a cycle did; {@code retrain.json} beside the candidate.
 *
 * @param cycle its name: when it began
 * @param model name of the model
 * @param current the version that was current before; 0 if there was none
 * @param version the candidate's number; 0 if there is none
 * @param why in words, what came of it
 * @param dataset path
 * @param datasetDigest SHA-256 of its manifest, with the new pictures
 * @param inputs what was new
 * @param candidates all that were trained
 * @param gates empty if there is no candidate
 * @param notes what else is to know
 * @param secondsByPhase wall-clock, of this process alone where a cycle was taken up
 */
public record RetrainReport(
        String cycle,
        String model,
        Outcome outcome,
        int current,
        int version,
        String why,
        String dataset,
        String datasetDigest,
        List<TakenInput> inputs,
        List<Candidate> candidates,
        List<Gate> gates,
        List<String> notes,
        Map<String, Double> secondsByPhase,
        String configuration) {

    static final String FILE_NAME = "retrain.json";

    /** How a cycle ends. */
    public enum Outcome {
        /** The candidate is the current version. */
        PUBLISHED,
        /** The current version is what it was. */
        KEPT_BACK,
        /** There was nothing to train on that was not there before. */
        NOTHING_NEW;

        /** In kebab case. */
        String label() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    /** What of an input went where: read = written + rejected + duplicates. */
    public record TakenInput(String path, long read, long written, long rejected, long duplicates) {}

    /**
     * One that was trained.
     *
     * @param kind what it started from
     * @param metric what it is compared by, on the pictures that it shares with the current version
     */
    public record Candidate(String kind, int version, double metric) {}

    /** With more notes. */
    RetrainReport with(List<String> more) {
        List<String> all = new ArrayList<>(notes);
        all.addAll(more);
        return new RetrainReport(
                cycle,
                model,
                outcome,
                current,
                version,
                why,
                dataset,
                datasetDigest,
                inputs,
                candidates,
                gates,
                all,
                secondsByPhase,
                configuration);
    }

    /** A short table for the terminal. */
    public String table() {
        StringBuilder table = new StringBuilder();
        for (TakenInput input : inputs) {
            line(
                    table,
                    "new: %s, read %,d = written %,d + rejected %,d + duplicates %,d",
                    input.path(),
                    input.read(),
                    input.written(),
                    input.rejected(),
                    input.duplicates());
        }
        for (Candidate candidate : candidates) {
            line(table, "%s@%d, %s: %.4f", model, candidate.version(), candidate.kind(), candidate.metric());
        }
        if (!gates.isEmpty()) {
            line(table, "");
            line(table, "%-24s %10s %10s  %-12s %s", "gate", "current", "candidate", "verdict", "rule");
            gates.forEach(gate -> line(
                    table,
                    "%-24s %10s %10s  %-12s %s%s",
                    gate.name(),
                    figure(gate.current()),
                    figure(gate.candidate()),
                    gate.verdict().name().toLowerCase(Locale.ROOT).replace('_', ' '),
                    gate.rule(),
                    gate.detail().isEmpty() ? "" : " (" + gate.detail() + ")"));
            line(table, "");
        }
        notes.forEach(note -> line(table, "%s", note));
        line(table, "%s", why);
        return table.toString();
    }

    /** Names of the gates that failed. */
    static List<String> failed(List<Gate> gates) {
        return gates.stream()
                .filter(gate -> gate.verdict() == Verdict.FAILED)
                .map(Gate::name)
                .toList();
    }

    private static String figure(Double value) {
        if (value == null) {
            return "-";
        }
        return String.format(Locale.ROOT, Math.abs(value) < 100 ? "%.4f" : "%.1f", value);
    }

    private static void line(StringBuilder table, String format, Object... values) {
        table.append(String.format(Locale.ROOT, format, values)).append(System.lineSeparator());
    }
}
