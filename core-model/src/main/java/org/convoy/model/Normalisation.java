package org.convoy.model;

import java.io.Serializable;
import java.util.Collections;
import java.util.List;

/**
 * How unsigned 8-bit pixels become the numbers a network reads: per channel, {@code (pixel - shift) * factor}. A property
 * of the model: it lies in the model's archive, and this one class applies it in training, evaluation and scoring.
 *
 * @param name how it was made: {@code none}, {@code scale}, {@code mean} or {@code standardise}
 * @param shift per channel, in pixel units (0 to 255)
 * @param factor per channel, per pixel unit
 */
public record Normalisation(String name, List<Double> shift, List<Double> factor) implements Serializable {
    private static final int LEVELS = 256;

    /** The names {@link #of} takes. */
    public static final List<String> NAMES = List.of("none", "scale", "mean", "standardise");

    public Normalisation {
        shift = List.copyOf(shift);
        factor = List.copyOf(factor);
        if (shift.isEmpty() || shift.size() != factor.size()) {
            throw new IllegalArgumentException("shift and factor must have one value per channel but had "
                    + shift.size() + " and " + factor.size());
        }
    }

    /**
     * Builds a normalisation by name from a train split's statistics.
     *
     * @param name {@code none} keeps 0 to 255; {@code scale} maps to [-1, 1]; {@code mean} subtracts the channel's mean and
     *     divides by 127.5; {@code standardise} gives mean 0 and deviation 1
     * @param mean per channel, in pixel units
     * @param standardDeviation per channel, in pixel units; 0 (a constant channel) counts as 1
     */
    public static Normalisation of(String name, List<Double> mean, List<Double> standardDeviation) {
        int channels = mean.size();
        return switch (name) {
            case "none" -> new Normalisation(name, repeat(0, channels), repeat(1, channels));
            case "scale" -> new Normalisation(name, repeat(127.5, channels), repeat(1 / 127.5, channels));
            case "mean" -> new Normalisation(name, mean, repeat(1 / 127.5, channels));
            case "standardise" ->
                new Normalisation(
                        name,
                        mean,
                        standardDeviation.stream()
                                .map(sd -> sd == 0 ? 1.0 : 1 / sd)
                                .toList());
            default ->
                throw new IllegalArgumentException(
                        "model.normalisation must be one of " + NAMES + " but was '" + name + "'");
        };
    }

    private static List<Double> repeat(double value, int channels) {
        return Collections.nCopies(channels, value);
    }

    /**
     * Normalises whole pictures.
     *
     * @param pixels uint8, N·C·H·W
     * @param normalised float32, N·C·H·W, overwritten from index 0
     * @param pictures N
     */
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
