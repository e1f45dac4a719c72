package org.convoy.prepare;

import java.util.Arrays;

/**
 * Weighted sums of 8-bit samples that come four in an int. Two are weighed by one multiplication: 16 bits apart they do not reach into
 * each other, for the weights of a mean make 256 together.
 *
 * <p>A mean of more than {@link Axis#GROUP} samples is made of groups: their weights have {@link Axis#extraBits} bits more, so that
 * groups fill their 16 bits too, and groups are added up in 32 bits.
 *
 * <p>A loop for each sum, though one could make two: of larger loops Java makes no vector instructions.
 */
final class PackedSums {
    private static final int TWO_SAMPLES = 0x00FF00FF;
    private static final int TWO_HALVES = 0x00800080;

    /** 256 times the means of samples 0 and 2 of an int, 16 bits each; while a group is summed, its sums. */
    private final int[] even;
    /** Of samples 1 and 3. */
    private final int[] odd;
    /** Sums of the groups before, of samples 0, 2, 1 and 3; none where a mean is of one group. */
    private final int[][] wide;

    private final int extraBits;

    /**
     * @param ints that are summed up side by side
     * @param axis whose weights they are given
     */
    PackedSums(int ints, Axis axis) {
        this.even = new int[ints];
        this.odd = new int[ints];
        this.wide = new int[axis.taps() > Axis.GROUP ? Integer.BYTES : 0][ints];
        this.extraBits = axis.extraBits();
    }

    /** A whole group: four arrays, with four weights from {@code at} on. */
    void setGroup(int[][] four, int[] weights, int at) {
        int[] a = four[0];
        int[] b = four[1];
        int[] c = four[2];
        int[] d = four[3];
        int wa = weights[at];
        int wb = weights[at + 1];
        int wc = weights[at + 2];
        int wd = weights[at + 3];
        int[] sums = even;
        for (int i = 0; i < sums.length; i++) {
            sums[i] = wa * (a[i] & TWO_SAMPLES)
                    + wb * (b[i] & TWO_SAMPLES)
                    + wc * (c[i] & TWO_SAMPLES)
                    + wd * (d[i] & TWO_SAMPLES);
        }
        int[] others = odd;
        for (int i = 0; i < others.length; i++) {
            others[i] = wa * ((a[i] >>> 8) & TWO_SAMPLES)
                    + wb * ((b[i] >>> 8) & TWO_SAMPLES)
                    + wc * ((c[i] >>> 8) & TWO_SAMPLES)
                    + wd * ((d[i] >>> 8) & TWO_SAMPLES);
        }
    }

    /** The first two taps of a group, with weights for each int. */
    void set(int[] a, int[] b, int[] wa, int[] wb) {
        int[] sums = even;
        for (int i = 0; i < sums.length; i++) {
            sums[i] = wa[i] * (a[i] & TWO_SAMPLES) + wb[i] * (b[i] & TWO_SAMPLES);
        }
        int[] others = odd;
        for (int i = 0; i < others.length; i++) {
            others[i] = wa[i] * ((a[i] >>> 8) & TWO_SAMPLES) + wb[i] * ((b[i] >>> 8) & TWO_SAMPLES);
        }
    }

    /** Two more taps. */
    void add(int[] a, int[] b, int[] wa, int[] wb) {
        int[] sums = even;
        for (int i = 0; i < sums.length; i++) {
            sums[i] += wa[i] * (a[i] & TWO_SAMPLES) + wb[i] * (b[i] & TWO_SAMPLES);
        }
        int[] others = odd;
        for (int i = 0; i < others.length; i++) {
            others[i] += wa[i] * ((a[i] >>> 8) & TWO_SAMPLES) + wb[i] * ((b[i] >>> 8) & TWO_SAMPLES);
        }
    }

    void endGroup() {
        if (wide.length > 0) {
            widen(even, wide[0], wide[1]);
            widen(odd, wide[2], wide[3]);
        }
    }

    private static void widen(int[] sums, int[] low, int[] high) {
        for (int i = 0; i < sums.length; i++) {
            low[i] += sums[i] & 0xFFFF;
        }
        for (int i = 0; i < sums.length; i++) {
            high[i] += sums[i] >>> 16;
        }
    }

    void endMean() {
        if (wide.length > 0) {
            narrow(wide[0], wide[1], even);
            narrow(wide[2], wide[3], odd);
            for (int[] sums : wide) {
                Arrays.fill(sums, 0);
            }
        }
    }

    private void narrow(int[] low, int[] high, int[] sums) {
        int extra = extraBits;
        for (int i = 0; i < sums.length; i++) {
            sums[i] = (low[i] >>> extra) | ((high[i] >>> extra) << 16);
        }
    }

    /** The means, rounded: four in an int, as the samples were. */
    void means(int[] target) {
        int[] sums = even;
        int[] others = odd;
        for (int i = 0; i < target.length; i++) {
            target[i] = (((sums[i] + TWO_HALVES) >>> Axis.WEIGHT_BITS) & TWO_SAMPLES)
                    | ((others[i] + TWO_HALVES) & ~TWO_SAMPLES);
        }
    }

    /**
     * The means, rounded, of four: a byte for each of them, the first one lowest.
     *
     * @param sample which of each int's four
     */
    static void meansOfFour(PackedSums[] four, int sample, int[] target) {
        boolean isEven = sample % 2 == 0;
        int[] a = isEven ? four[0].even : four[0].odd;
        int[] b = isEven ? four[1].even : four[1].odd;
        int[] c = isEven ? four[2].even : four[2].odd;
        int[] d = isEven ? four[3].even : four[3].odd;
        if (sample < 2) {
            for (int i = 0; i < target.length; i++) {
                target[i] = (((a[i] + TWO_HALVES) >>> 8) & 0xFF)
                        | ((b[i] + TWO_HALVES) & 0xFF00)
                        | (((c[i] + TWO_HALVES) & 0xFF00) << 8)
                        | (((d[i] + TWO_HALVES) & 0xFF00) << 16);
            }
        } else {
            for (int i = 0; i < target.length; i++) {
                target[i] = ((a[i] + TWO_HALVES) >>> 24)
                        | (((b[i] + TWO_HALVES) >>> 16) & 0xFF00)
                        | (((c[i] + TWO_HALVES) >>> 8) & 0xFF0000)
                        | ((d[i] + TWO_HALVES) & 0xFF000000);
            }
        }
    }
}
