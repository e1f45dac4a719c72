package org.convoy.model.augment;

import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.convoy.model.InputShape;
import org.convoy.model.Labels;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

class AugmentationTest {
    private static final InputShape SHAPE = new InputShape(3, 12, 10);
    private static final long SEED = 5;
    private static final Labels LABELS = Labels.of(7, 8, 9);
    private static final long[] EXAMPLES = {70, 3, 1_000_000_000_000L};

    private final byte[] pixels = Pictures.random(new InputShape(3, 3 * SHAPE.height(), SHAPE.width()), 1);

    @Test
    void anExampleBecomesTheSameInWhateverMinibatchItIs() {
        Augmentation augmentation = augmentation("random-crop", "mirror");
        byte[] together = pixels.clone();
        augmentation.apply(together, LABELS, EXAMPLES, SHAPE, SEED, 2);

        for (int i = 0; i < EXAMPLES.length; i++) {
            byte[] alone = Arrays.copyOfRange(pixels, i * SHAPE.size(), (i + 1) * SHAPE.size());
            assertThat(augmentation.picture(alone, SHAPE, SEED, 2, EXAMPLES[i]))
                    .isEqualTo(Arrays.copyOfRange(together, i * SHAPE.size(), (i + 1) * SHAPE.size()));
        }
        assertThat(together).isNotEqualTo(pixels);
    }

    @Test
    void anotherSeedEpochOrExampleChangesItOtherwise() {
        Augmentation augmentation = augmentation("random-crop", "mirror");
        byte[] picture = Arrays.copyOf(pixels, SHAPE.size());
        Set<String> bySeed = new HashSet<>();
        Set<String> byEpoch = new HashSet<>();
        Set<String> byExample = new HashSet<>();
        for (int i = 0; i < 50; i++) {
            bySeed.add(Arrays.toString(augmentation.picture(picture, SHAPE, i, 0, 0)));
            byEpoch.add(Arrays.toString(augmentation.picture(picture, SHAPE, SEED, i, 0)));
            byExample.add(Arrays.toString(augmentation.picture(picture, SHAPE, SEED, 0, i)));
        }

        // Of 162 outcomes, 50 draws see about 43.
        assertThat(List.of(bySeed.size(), byEpoch.size(), byExample.size())).allMatch(seen -> seen > 30);
    }

    /** Saturation leaves a grey picture as it is, so that brightness alone is seen, at the first place and at the second. */
    @Test
    void eachPlaceInTheListDrawsForItself() {
        byte[] grey = new byte[SHAPE.size()];
        Arrays.fill(grey, (byte) 100);
        double product = 0;
        double squares = 0;
        for (int example = 0; example < 400; example++) {
            int first = augmentation("brightness").picture(grey, SHAPE, SEED, 0, example)[0] & 0xFF;
            int second = augmentation("saturation", "brightness").picture(grey, SHAPE, SEED, 0, example)[0] & 0xFF;
            product += (first - 100) * (second - 100);
            squares += (first - 100) * (first - 100);
        }

        assertThat(product / squares).isBetween(-0.2, 0.2);
    }

    @Test
    void everyTransformIsReadByItsNameWithItsNumbers() {
        assertThat(augmentation(Augmentation.NAMES.toArray(String[]::new)))
                .hasToString(
                        "[Mirror[], RandomCrop[padding=4, fill=7], RandomResizedCrop[smallestArea=0.25,"
                                + " largestAspect=1.5], Rotation[degrees=15.0, fill=7], Shear[degrees=10.0, fill=7],"
                                + " ElasticDistortion[alpha=34.0, sigma=4.0, fill=7], Brightness[strength=0.4],"
                                + " Contrast[strength=0.3], Saturation[strength=0.2], Hue[turns=0.1], PcaColourNoise[standardDeviation=0.1, steps=[]], Cutout[size=5, fill=7], Mixup[alpha=0.2], CutMix[alpha=1.0]]");
    }

    @Test
    void everyTransformChangesPicturesAndIsTheSameAgain() {
        double[] colours = {6000, 5000, 4000, 5000, 6000, 5000, 4000, 5000, 6000};
        for (String name : Augmentation.NAMES) {
            byte[] once = pixels.clone();
            byte[] again = pixels.clone();
            augmentation(name).knowing(colours).apply(once, LABELS, EXAMPLES, SHAPE, SEED, 1);
            augmentation(name).knowing(colours).apply(again, LABELS, EXAMPLES, SHAPE, SEED, 1);

            assertThat(once).as(name).isNotEqualTo(pixels).isEqualTo(again);
        }
    }

    @Test
    void aPictureIsMixedWithTheNextOneAsItWasAndTheLastWithTheFirst() {
        for (String name : List.of("mixup", "cutmix")) {
            // Each picture has one level throughout, which is ten times its label.
            byte[] flat = new byte[pixels.length];
            for (int i = 0; i < flat.length; i++) {
                flat[i] = (byte) (70 + 10 * (i / SHAPE.size()));
            }

            Labels mixed = augmentation(name).apply(flat, LABELS, EXAMPLES, SHAPE, SEED, 0);

            assertThat(mixed.first()).containsExactly(7, 8, 9);
            assertThat(mixed.second()).containsExactly(8, 9, 7);
            for (int i = 0; i < 3; i++) {
                double meanLevel = 0;
                for (int at = i * SHAPE.size(); at < (i + 1) * SHAPE.size(); at++) {
                    meanLevel += (double) flat[at] / SHAPE.size();
                }
                double meanLabel = mixed.shares()[i] * mixed.first()[i] + (1 - mixed.shares()[i]) * mixed.second()[i];
                assertThat(meanLevel).as(name).isCloseTo(10 * meanLabel, within(0.51));
                assertThat(mixed.shares()[i]).isBetween(0f, 1f);
            }
        }
    }

    @Test
    void whereBothWaysToMixAreListedEachPictureTakesOne() {
        int[] cut = new int[1];
        Augmentation both = augmentation("cutmix", "mixup");
        for (int example = 0; example < 400; example++) {
            byte[] blackAndWhite = new byte[2 * SHAPE.size()];
            Arrays.fill(blackAndWhite, 0, SHAPE.size(), (byte) 255);
            Labels mixed = both.apply(blackAndWhite, Labels.of(0, 1), new long[] {example, 1}, SHAPE, SEED, 0);
            boolean onlyBlackAndWhite = IntStream.range(0, SHAPE.size())
                    .allMatch(i -> blackAndWhite[i] == 0 || blackAndWhite[i] == (byte) 255);
            cut[0] += onlyBlackAndWhite && mixed.shares()[0] > 0.01 && mixed.shares()[0] < 0.99 ? 1 : 0;
        }

        // Half of them, less the nearly whole ones.
        assertThat(cut[0]).isBetween(130, 230);
    }

    @Test
    void aPictureAloneIsMixedWithItself() {
        byte[] alone = Arrays.copyOf(pixels, SHAPE.size());

        assertThat(augmentation("mixup").picture(alone, SHAPE, SEED, 0, 4)).isEqualTo(alone);
        assertThat(augmentation("cutmix").picture(alone, SHAPE, SEED, 0, 4)).isEqualTo(alone);
    }

    @Test
    void noneLeavesThePicturesAsTheyAre() {
        byte[] same = pixels.clone();
        assertThat(Augmentation.NONE.apply(same, LABELS, EXAMPLES, SHAPE, SEED, 0))
                .isSameAs(LABELS);
        assertThat(same).isEqualTo(pixels);
        assertThat(Augmentation.NONE.isEmpty()).isTrue();
        assertThat(augmentation("mirror").isEmpty()).isFalse();
    }

    @Test
    void refusesATransformNamedTwiceAndANumberThatIsNotWhole() {
        assertThatThrownBy(() -> augmentation("mirror", "random-crop", "mirror"))
                .hasMessage("train.augmentation must name a transform once but was [mirror, random-crop, mirror]");
        assertThatThrownBy(() -> Augmentation.of(List.of("random-crop"), key -> 1.5))
                .hasMessage("train.transforms.random-crop.padding-pixels must be a whole number but was 1.5");
        assertThatThrownBy(() -> Augmentation.of(List.of("random-crop"), key -> key.equals("fill-level") ? 256 : 1))
                .hasMessage("train.transforms.fill-level must be in [0, 255] but was 256");
    }

    static Augmentation augmentation(String... names) {
        Map<String, Double> parameters = Map.ofEntries(
                Map.entry("fill-level", 7.0),
                Map.entry("random-crop.padding-pixels", 4.0),
                Map.entry("random-resized-crop.smallest-area", 0.25),
                Map.entry("random-resized-crop.largest-aspect", 1.5),
                Map.entry("rotation.degrees", 15.0),
                Map.entry("shear.degrees", 10.0),
                Map.entry("elastic-distortion.alpha-pixels", 34.0),
                Map.entry("elastic-distortion.sigma-pixels", 4.0),
                Map.entry("brightness.strength", 0.4),
                Map.entry("contrast.strength", 0.3),
                Map.entry("saturation.strength", 0.2),
                Map.entry("hue.turns", 0.1),
                Map.entry("pca-colour-noise.standard-deviation", 0.1),
                Map.entry("cutout.size-pixels", 5.0),
                Map.entry("mixup.alpha", 0.2),
                Map.entry("cutmix.alpha", 1.0));
        return Augmentation.of(List.of(names), parameters::get);
    }
}
