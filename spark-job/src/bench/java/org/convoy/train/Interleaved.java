package org.convoy.train;

import java.util.List;
import java.util.stream.IntStream;

/** Measurements that took turns: a figure of each per round. */
final class Interleaved {
    private Interleaved() {}

    /** Median of the ratios within each round, for the machine's speed moves between rounds. */
    static double ratio(List<Double> of, List<Double> to) {
        return Spread.median(IntStream.range(0, of.size())
                .mapToObj(round -> of.get(round) / to.get(round))
                .toList());
    }
}
