package org.convoy.model;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/**
 * A normalisation as a model's card shows it. What has a number or more per value of a picture is too large for a card: it lies
 * beside it in the archive, as little-endian float32: the mean picture, and for a whitening its matrix, row by row.
 *
 * @param name among {@link Normalisation#NAMES}
 * @param shift per channel, in pixel units; empty for mean-picture, pca and zca
 * @param factor per channel, per pixel unit; likewise
 */
public record NormalisationCard(String name, List<Double> shift, List<Double> factor) {
    public NormalisationCard {
        shift = List.copyOf(shift);
        factor = List.copyOf(factor);
    }

    public static NormalisationCard of(Normalisation normalisation) {
        return normalisation instanceof PerChannel perChannel
                ? new NormalisationCard(perChannel.label(), perChannel.shift(), perChannel.factor())
                : new NormalisationCard(normalisation.label(), List.of(), List.of());
    }

    /** The shape of what a network reads of pictures of the shape {@code input}. */
    InputShape read(InputShape input) {
        return name.equals(StoredFeatures.LABEL) ? new StoredFeatures().read(input) : input;
    }

    /** What does not stand in the card; no byte if all does. */
    static byte[] beside(Normalisation normalisation) {
        if (normalisation instanceof MeanPicture meanPicture) {
            return bytes(meanPicture.mean(), new float[0]);
        }
        return normalisation instanceof Whitening whitening ? bytes(whitening.mean(), whitening.matrix()) : new byte[0];
    }

    private static byte[] bytes(float[] mean, float[] matrix) {
        ByteBuffer bytes = ByteBuffer.allocate(Math.multiplyExact(mean.length + matrix.length, Float.BYTES))
                .order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(mean).put(matrix);
        return bytes.array();
    }

    /**
     * The normalisation itself.
     *
     * @param beside what {@link #beside} gave
     * @throws IllegalArgumentException if card, what lies beside it and the pictures do not fit together
     */
    Normalisation normalisation(byte[] beside, InputShape input) {
        int size = input.size();
        Normalisation normalisation =
                switch (name) {
                    case MeanPicture.LABEL -> new MeanPicture(floats(beside, 0, size, size));
                    case Whitening.PCA, Whitening.ZCA -> {
                        int all = Math.addExact(size, Math.multiplyExact(size, size));
                        yield new Whitening(name, floats(beside, 0, size, all), floats(beside, size, all, all));
                    }
                    case StoredFeatures.LABEL -> new StoredFeatures();
                    default -> new PerChannel(name, shift, factor);
                };
        normalisation.requireFits(input);
        return normalisation;
    }

    private float[] floats(byte[] beside, int from, int to, int all) {
        if (beside.length != (long) all * Float.BYTES) {
            throw new IllegalArgumentException("normalisation " + name + " must have " + all
                    + " values beside the card but has " + beside.length + " bytes");
        }
        float[] floats = new float[to - from];
        ByteBuffer.wrap(beside).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(from, floats);
        return floats;
    }
}
