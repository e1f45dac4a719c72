package org.convoy.model;

import java.io.Serializable;
import java.util.List;

/**
 * How unsigned 8-bit pixels become the numbers a network reads. A property of the model: it lies in the model's archive, and
 * these classes alone apply it, in training, evaluation and scoring.
 */
public sealed interface Normalisation extends Serializable permits PerChannel, MeanPicture, Whitening, StoredFeatures {
    /** The names {@link #of} takes. */
    List<String> NAMES =
            List.of("none", "scale", "mean", "standardise", MeanPicture.LABEL, Whitening.PCA, Whitening.ZCA);

    /**
     * Builds a normalisation by name from a train split's statistics.
     *
     * @param name {@code none} keeps 0 to 255; {@code scale} maps to [-1, 1]; {@code mean} subtracts the channel's mean and
     *     divides by 127.5; {@code mean-picture} subtracts each value's own mean and divides by 127.5; {@code standardise} gives
     *     each channel mean 0 and deviation 1; {@code pca} and {@code zca} give values that do not vary together
     *     ({@link Whitening})
     * @param whiteningEpsilon of the last two: share of the mean variance that is added to each component's
     * @throws IllegalArgumentException if the name is unknown, or made of statistics that are not there
     */
    static Normalisation of(String name, PixelStatistics statistics, double whiteningEpsilon) {
        return switch (name) {
            case MeanPicture.LABEL ->
                MeanPicture.around(
                        statistics.meanPicture().orElseThrow(() -> missing(name, "mean picture", "mean-picture")));
            case Whitening.PCA, Whitening.ZCA ->
                Whitening.of(
                        name,
                        statistics.meanPicture().orElseThrow(() -> missing(name, "covariance", "covariance")),
                        statistics.covariance().orElseThrow(() -> missing(name, "covariance", "covariance")),
                        whiteningEpsilon);
            default -> of(name, statistics.mean(), statistics.standardDeviation());
        };
    }

    /** One of those that know channels alone; as {@link #of(String, PixelStatistics, double)}. */
    static Normalisation of(String name, List<Double> mean, List<Double> standardDeviation) {
        int channels = mean.size();
        return switch (name) {
            case "none" -> PerChannel.same(name, 0, 1, channels);
            case "scale" -> PerChannel.same(name, 127.5, 1 / 127.5, channels);
            case "mean" ->
                new PerChannel(
                        name,
                        mean,
                        PerChannel.same(name, 0, 1 / 127.5, channels).factor());
            case "standardise" -> PerChannel.standardising(mean, standardDeviation);
            default ->
                throw new IllegalArgumentException(
                        "model.normalisation must be one of " + NAMES + " but was '" + name + "'");
        };
    }

    private static IllegalArgumentException missing(String name, String what, String statistics) {
        return new IllegalArgumentException("model.normalisation = " + name + " is made of the dataset's " + what
                + ", which it lacks: prepare it with prepare.statistics = " + statistics);
    }

    /** Whether a normalisation by this name is made of what is known of the channels alone. */
    static boolean ofChannels(String name) {
        return !List.of(MeanPicture.LABEL, Whitening.PCA, Whitening.ZCA).contains(name);
    }

    /** Its name among {@link #NAMES}. */
    String label();

    /** The shape of what a network reads of pictures of the shape {@code input}. */
    default InputShape read(InputShape input) {
        return input;
    }

    /**
     * Normalises whole pictures.
     *
     * @param pixels uint8, N·C·H·W
     * @param normalised float32, N·C·H·W of {@link #read}, overwritten from index 0
     * @param pictures N
     */
    void apply(byte[] pixels, float[] normalised, int pictures);

    /**
     * Checks that it is for pictures of this shape.
     *
     * @throws IllegalArgumentException if it is not
     */
    void requireFits(InputShape input);
}
