package org.convoy.model.augment;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;
import org.convoy.model.InputShape;
import org.convoy.model.Labels;

/**
 * A list of random transforms, one after another, for each picture of a minibatch, and of ways to mix it with another one
 * after them. Where the list has both ways, each picture takes one of them by chance.
 *
 * <p>What an example's transform draws is a pure function of (seed, epoch, example, the transform's place in the list). A
 * picture is mixed with the next one of the minibatch, whose order is random and a pure function as well.
 */
public final class Augmentation implements Serializable {
    private static final long serialVersionUID = 1L;

    /** Leaves pictures as they are. */
    public static final Augmentation NONE = new Augmentation(List.of(), List.of());

    /** The transforms that {@link #of} takes. */
    public static final List<String> NAMES = List.of(
            "mirror",
            "random-crop",
            "random-resized-crop",
            "rotation",
            "shear",
            "elastic-distortion",
            "brightness",
            "contrast",
            "saturation",
            "hue",
            PcaColourNoise.NAME,
            "cutout",
            "mixup",
            "cutmix");

    private final List<Transform> transforms;
    private final List<Mixing> mixings;

    private Augmentation(List<Transform> transforms, List<Mixing> mixings) {
        this.transforms = List.copyOf(transforms);
        this.mixings = List.copyOf(mixings);
    }

    /**
     * Transforms by name, in the order in which they are applied; the ways to mix come last wherever they stand.
     *
     * @param names each among {@link #NAMES}
     * @param parameters a transform's number by its key, such as {@code random-crop.padding-pixels}
     * @throws IllegalArgumentException if a name is unknown or given twice, or a number is out of its range
     */
    public static Augmentation of(List<String> names, ToDoubleFunction<String> parameters) {
        for (String name : names) {
            if (names.indexOf(name) != names.lastIndexOf(name)) {
                throw new IllegalArgumentException("train.augmentation must name a transform once but was " + names);
            }
        }
        Parameters numbers = new Parameters(parameters);
        List<Transform> transforms = new ArrayList<>();
        List<Mixing> mixings = new ArrayList<>();
        for (String name : names) {
            switch (name) {
                case "mixup" -> mixings.add(new Mixup(numbers.number("mixup.alpha")));
                case "cutmix" -> mixings.add(new CutMix(numbers.number("cutmix.alpha")));
                default -> transforms.add(transform(name, numbers));
            }
        }
        return new Augmentation(transforms, mixings);
    }

    private static Transform transform(String name, Parameters parameters) {
        return switch (name) {
            case "mirror" -> new Mirror();
            case "random-crop" ->
                new RandomCrop(parameters.whole("random-crop.padding-pixels"), parameters.level("fill-level"));
            case "random-resized-crop" ->
                new RandomResizedCrop(
                        parameters.number("random-resized-crop.smallest-area"),
                        parameters.number("random-resized-crop.largest-aspect"));
            case "rotation" -> new Rotation(parameters.number("rotation.degrees"), parameters.level("fill-level"));
            case "shear" -> new Shear(parameters.number("shear.degrees"), parameters.level("fill-level"));
            case "elastic-distortion" ->
                new ElasticDistortion(
                        parameters.number("elastic-distortion.alpha-pixels"),
                        parameters.number("elastic-distortion.sigma-pixels"),
                        parameters.level("fill-level"));
            case "brightness" -> new Brightness(parameters.number("brightness.strength"));
            case "contrast" -> new Contrast(parameters.number("contrast.strength"));
            case "saturation" -> new Saturation(parameters.number("saturation.strength"));
            case "hue" -> new Hue(parameters.number("hue.turns"));
            case PcaColourNoise.NAME ->
                new PcaColourNoise(parameters.number("pca-colour-noise.standard-deviation"), List.of());
            case "cutout" -> new Cutout(parameters.whole("cutout.size-pixels"), parameters.level("fill-level"));
            default ->
                throw new IllegalArgumentException(
                        "train.augmentation must be among " + NAMES + " but has '" + name + "'");
        };
    }

    public boolean isEmpty() {
        return transforms.isEmpty() && mixings.isEmpty();
    }

    /** Whether pictures are mixed with others. */
    public boolean mixes() {
        return !mixings.isEmpty();
    }

    /** Whether left may become right. */
    public boolean mirrors() {
        return transforms.contains(new Mirror());
    }

    /**
     * The same for a train split whose colours are distributed like this; what changes colours along their principal components
     * works from then on.
     *
     * @param covariance of its channels, in pixel units squared, C·C row by row
     */
    public Augmentation knowing(double[] covariance) {
        return new Augmentation(
                transforms.stream()
                        .map(transform -> transform.knowing(covariance))
                        .toList(),
                mixings);
    }

    /**
     * Checks what can only be checked against the pictures.
     *
     * @throws IllegalArgumentException if a transform is not for pictures of this shape
     */
    public void requireFits(InputShape shape) {
        transforms.forEach(transform -> transform.requireFits(shape));
    }

    /**
     * Changes the pictures of a minibatch in place.
     *
     * @param pixels uint8, N·C·H·W
     * @param labels of the N pictures, each of one class
     * @param examples which example each picture is, a number of its own; length N
     * @param epoch from 0
     * @return the labels of what has become of them
     */
    public Labels apply(byte[] pixels, Labels labels, long[] examples, InputShape shape, long seed, int epoch) {
        if (isEmpty()) {
            return labels;
        }
        Picture picture = new Picture(pixels, shape);
        for (int i = 0; i < examples.length; i++) {
            picture.moveTo(i);
            long stream = stream(seed, epoch, examples[i]);
            for (int place = 0; place < transforms.size(); place++) {
                transforms.get(place).apply(picture, random(stream, place));
            }
        }
        return mixings.isEmpty() ? labels : mix(picture, labels, examples, seed, epoch);
    }

    private Labels mix(Picture picture, Labels labels, long[] examples, long seed, int epoch) {
        picture.moveTo(0);
        // By the turn of the last picture, whose other one it is, the first one is mixed already.
        byte[] first = picture.copy();
        int[] others = new int[examples.length];
        float[] shares = new float[examples.length];
        float[] weights = new float[examples.length];
        for (int i = 0; i < examples.length; i++) {
            boolean last = i == examples.length - 1;
            picture.moveTo(i);
            SplittableRandom random = random(stream(seed, epoch, examples[i]), transforms.size());
            Mixing mixing = mixings.get(random.nextInt(mixings.size()));
            shares[i] = mixing.mix(picture, last ? first : picture.pixels(), last ? 0 : picture.end(), random);
            int other = last ? 0 : i + 1;
            others[i] = labels.first()[other];
            weights[i] = shares[i] * labels.weights()[i] + (1 - shares[i]) * labels.weights()[other];
        }
        return new Labels(labels.first(), others, shares, weights);
    }

    /**
     * One picture as training would see it, but for mixtures, which need another one.
     *
     * @param pixels uint8, C·H·W, left as they are
     * @param epoch from 0
     * @param example the picture's row in the train split
     * @return uint8, C·H·W
     */
    public byte[] picture(byte[] pixels, InputShape shape, long seed, int epoch, long example) {
        byte[] changed = Arrays.copyOf(pixels, pixels.length);
        apply(changed, Labels.of(0), new long[] {example}, shape, seed, epoch);
        return changed;
    }

    /** Neighbouring seeds, epochs and examples have nothing in common: each is mixed before the next is added. */
    private static long stream(long seed, int epoch, long example) {
        return mixed(mixed(mixed(seed) + epoch) + example);
    }

    private static SplittableRandom random(long stream, int place) {
        return new SplittableRandom(mixed(stream + place));
    }

    /** A permutation of all 64-bit numbers that scatters neighbours. */
    private static long mixed(long value) {
        return new SplittableRandom(value).nextLong();
    }

    @Override
    public String toString() {
        return Stream.concat(transforms.stream(), mixings.stream()).toList().toString();
    }
}
