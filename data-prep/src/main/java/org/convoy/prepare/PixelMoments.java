package org.convoy.prepare;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.convoy.data.Manifest;

/** Mean and standard deviation per channel from exact integer sums, so the order of adding does not matter. */
final class PixelMoments implements Serializable {
    private static final long serialVersionUID = 1L;

    private final long[] sums; // [C]
    private final long[] squares; // [C]
    private long count; // pixels per channel

    PixelMoments(int channels) {
        sums = new long[channels];
        squares = new long[channels];
    }

    /** Goes on from sums that a manifest holds. */
    static PixelMoments of(Manifest.PixelSums sums) {
        PixelMoments moments = new PixelMoments(sums.sums().size());
        Arrays.setAll(moments.sums, sums.sums()::get);
        Arrays.setAll(moments.squares, sums.squares()::get);
        moments.count = sums.count();
        return moments;
    }

    Manifest.PixelSums sums() {
        return new Manifest.PixelSums(
                count,
                Arrays.stream(sums).boxed().toList(),
                Arrays.stream(squares).boxed().toList());
    }

    /** Adds one picture: unsigned bytes, C·H·W. */
    void add(byte[] pixels) {
        int perChannel = pixels.length / sums.length;
        for (int c = 0; c < sums.length; c++) {
            long sum = 0;
            long square = 0;
            for (int i = c * perChannel; i < (c + 1) * perChannel; i++) {
                int value = pixels[i] & 0xFF;
                sum += value;
                square += (long) value * value;
            }
            sums[c] = Math.addExact(sums[c], sum);
            squares[c] = Math.addExact(squares[c], square);
        }
        count += perChannel;
    }

    void add(PixelMoments other) {
        for (int c = 0; c < sums.length; c++) {
            sums[c] = Math.addExact(sums[c], other.sums[c]);
            squares[c] = Math.addExact(squares[c], other.squares[c]);
        }
        count += other.count;
    }

    /** Per channel, in pixel units. */
    List<Double> mean() {
        List<Double> mean = new ArrayList<>();
        for (long sum : sums) {
            mean.add((double) sum / count);
        }
        return mean;
    }

    /** Per channel, of the population, in pixel units. */
    List<Double> standardDeviation() {
        List<Double> deviation = new ArrayList<>();
        for (int c = 0; c < sums.length; c++) {
            double mean = (double) sums[c] / count;
            deviation.add(Math.sqrt(Math.max(0, (double) squares[c] / count - mean * mean)));
        }
        return deviation;
    }
}
