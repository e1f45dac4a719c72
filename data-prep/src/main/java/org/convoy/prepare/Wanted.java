package org.convoy.prepare;

import java.util.Arrays;
import java.util.List;

/** Which units are read. */
final class Wanted {
    private Wanted() {}

    /** The partition of each unit: its place among {@code numbers}, or -1. */
    static int[] partitions(List<Integer> numbers, int units) {
        int[] partitions = new int[units];
        Arrays.fill(partitions, -1);
        for (int i = 0; i < numbers.size(); i++) {
            partitions[numbers.get(i)] = i;
        }
        return partitions;
    }
}
