package org.convoy.prepare;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.convoy.data.Manifest;
import org.convoy.data.Split;
import org.convoy.prepare.Outcome.Duplicate;
import org.convoy.prepare.Outcome.Picture;
import org.convoy.prepare.Outcome.Rejected;

/** Counts of outcomes. Made per partition on executors, added up on the driver in partition order. */
final class Tally implements Serializable {
    private static final long serialVersionUID = 1L;

    private static final int SAMPLES = 3;

    private final EnumMap<Split, long[]> rows = new EnumMap<>(Split.class); // rows by label
    private final EnumMap<Reason, Long> rejected = new EnumMap<>(Reason.class);
    private final long[] rejectedByClass;
    private final List<String> samples = new ArrayList<>();
    private long read;
    private long duplicates;
    private long acrossSplits;

    Tally(int classes) {
        for (Split split : Split.values()) {
            rows.put(split, new long[classes]);
        }
        rejectedByClass = new long[classes];
    }

    void add(Outcome outcome) {
        read++;
        int label = outcome.origin().label();
        if (outcome instanceof Picture) {
            rows.get(outcome.origin().split())[label]++;
        } else if (outcome instanceof Rejected refused) {
            rejected.merge(refused.reason(), 1L, Long::sum);
            rejectedByClass[label]++;
            addSample(refused.origin().id() + " (" + refused.detail() + ")");
        } else if (outcome instanceof Duplicate duplicate) {
            duplicates++;
            acrossSplits += duplicate.keptIn() == outcome.origin().split() ? 0 : 1;
        }
    }

    void add(Tally other) {
        read += other.read;
        duplicates += other.duplicates;
        acrossSplits += other.acrossSplits;
        rows.forEach((split, sums) -> addAll(sums, other.rows.get(split)));
        other.rejected.forEach((reason, n) -> rejected.merge(reason, n, Long::sum));
        addAll(rejectedByClass, other.rejectedByClass);
        other.samples.forEach(this::addSample);
    }

    private static void addAll(long[] sums, long[] values) {
        for (int i = 0; i < sums.length; i++) {
            sums[i] += values[i];
        }
    }

    private void addSample(String sample) {
        if (samples.size() < SAMPLES) {
            samples.add(sample);
        }
    }

    long read() {
        return read;
    }

    /** Where every picture has gone. */
    Manifest.Counts counts() {
        long written = Arrays.stream(Split.values()).mapToLong(this::rows).sum();
        return new Manifest.Counts(read, written, rejectedByReason(), duplicates, acrossSplits);
    }

    long rejected() {
        return rejected.values().stream().mapToLong(n -> n).sum();
    }

    long rejectedOfClass(int label) {
        return rejectedByClass[label];
    }

    long rows(Split split, int label) {
        return rows.get(split)[label];
    }

    long rows(Split split) {
        return Arrays.stream(rows.get(split)).sum();
    }

    /** Rows of {@code split} in label order. */
    List<Long> rowsPerClass(Split split) {
        return Arrays.stream(rows.get(split)).boxed().toList();
    }

    /** Rejected pictures by code of their reason; reasons that did not occur are left out. */
    Map<String, Long> rejectedByReason() {
        Map<String, Long> byReason = new LinkedHashMap<>();
        rejected.forEach((reason, n) -> byReason.put(reason.code(), n));
        return byReason;
    }

    /** Counts by reason and the first few, for an error message. */
    String rejectedInWords() {
        String reasons = rejectedByReason().entrySet().stream()
                .map(entry -> entry.getKey() + " " + entry.getValue())
                .collect(Collectors.joining(", "));
        return reasons + "; for example " + String.join(", ", samples);
    }
}
