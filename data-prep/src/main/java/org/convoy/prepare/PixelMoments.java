package org.convoy.prepare;

import java.io.Serializable;
import java.util.Arrays;
import org.convoy.data.Manifest;

/** Exact integer sums over pixels, for mean and covariance of the channels; the order of adding does not matter. */
final class PixelMoments implements Serializable {
    private static final long serialVersionUID = 1L;

    private final long[] sums; // [C]
    private final long[] products; // [C, C]
    private long count; // pixels per channel

    PixelMoments(int channels) {
        sums = new long[channels];
        products = new long[channels * channels];
    }

    /** Goes on from sums that a manifest holds. */
    static PixelMoments of(Manifest.PixelSums sums) {
        PixelMoments moments = new PixelMoments(sums.sums().size());
        Arrays.setAll(moments.sums, sums.sums()::get);
        Arrays.setAll(moments.products, sums.products()::get);
        moments.count = sums.count();
        return moments;
    }

    Manifest.PixelSums sums() {
        return new Manifest.PixelSums(
                count,
                Arrays.stream(sums).boxed().toList(),
                Arrays.stream(products).boxed().toList());
    }

    /** Adds one picture: unsigned bytes, C·H·W. */
    void add(byte[] pixels) {
        int channels = sums.length;
        int plane = pixels.length / channels;
        for (int a = 0; a < channels; a++) {
            sums[a] = Math.addExact(sums[a], sum(pixels, a * plane, plane));
            for (int b = 0; b <= a; b++) {
                long product = Math.addExact(products[a * channels + b], product(pixels, a * plane, b * plane, plane));
                products[a * channels + b] = product;
                products[b * channels + a] = product;
            }
        }
        count += plane;
    }

    private static long sum(byte[] pixels, int from, int length) {
        long sum = 0;
        for (int i = from; i < from + length; i++) {
            sum += pixels[i] & 0xFF;
        }
        return sum;
    }

    private static long product(byte[] pixels, int a, int b, int length) {
        long product = 0;
        for (int i = 0; i < length; i++) {
            product += (long) (pixels[a + i] & 0xFF) * (pixels[b + i] & 0xFF);
        }
        return product;
    }

    void add(PixelMoments other) {
        Arrays.setAll(sums, i -> Math.addExact(sums[i], other.sums[i]));
        Arrays.setAll(products, i -> Math.addExact(products[i], other.products[i]));
        count += other.count;
    }
}
