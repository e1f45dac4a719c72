package org.convoy.model;

import java.util.Collections;
import java.util.List;

/**
 * Per channel, {@code (pixel - shift) * factor}.
 *
 * @param label how it was made: {@code none}, {@code scale}, {@code mean} or {@code standardise}
 * @param shift per channel, in pixel units (0 to 255)
 * @param factor per channel, per pixel unit
 */
record PerChannel(String label, List<Double> shift, List<Double> factor) implements Normalisation {
    private static final int LEVELS = 256;

    PerChannel {
        shift = List.copyOf(shift);
        factor = List.copyOf(factor);
        if (shift.isEmpty() || shift.size() != factor.size()) {
            throw new IllegalArgumentException("shift and factor must have one value per channel but had "
                    + shift.size() + " and " + factor.size());
        }
    }

    /** The same for each of some channels. */
    static PerChannel same(String label, double shift, double factor, int channels) {
        return new PerChannel(label, Collections.nCopies(channels, shift), Collections.nCopies(channels, factor));
    }

    /** To mean 0 and deviation 1; a constant channel's deviation counts as 1. */
    static PerChannel standardising(List<Double> mean, List<Double> standardDeviation) {
        return new PerChannel(
                "standardise",
                mean,
                standardDeviation.stream().map(sd -> sd == 0 ? 1.0 : 1 / sd).toList());
    }

    @Override
    public void requireFits(InputShape input) {
        if (shift.size() != input.channels()) {
            throw new IllegalArgumentException(
                    "normalisation must have " + input.channels() + " channels but had " + shift.size());
        }
    }

    @Override
    public void apply(byte[] pixels, float[] normalised, int pictures) {
        int channels = shift.size();
        int plane = pixels.length / (pictures * channels);
        for (int channel = 0; channel < channels; channel++) {
            float[] byLevel = levels(channel);
            for (int picture = 0; picture < pictures; picture++) {
                int start = (picture * channels + channel) * plane;
                for (int i = start; i < start + plane; i++) {
                    normalised[i] = byLevel[pixels[i] & 0xFF];
                }
            }
        }
    }

    /** The normalised value of each of the 256 pixel levels. */
    private float[] levels(int channel) {
        double channelShift = shift.get(channel);
        double channelFactor = factor.get(channel);
        float[] byLevel = new float[LEVELS];
        for (int level = 0; level < LEVELS; level++) {
            byLevel[level] = (float) ((level - channelShift) * channelFactor);
        }
        return byLevel;
    }
}
