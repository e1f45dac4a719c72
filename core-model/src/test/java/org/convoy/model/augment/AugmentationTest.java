package org.convoy.model.augment;

import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.convoy.model.InputShape;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class AugmentationTest {
    private static final InputShape SHAPE = new InputShape(3, 12, 10);
    private static final long SEED = 5;
    private static final long[] EXAMPLES = {70, 3, 1_000_000_000_000L};

    private final byte[] pixels = Pictures.random(new InputShape(3, 3 * SHAPE.height(), SHAPE.width()), 1);

    @Test
    void anExampleBecomesTheSameInWhateverMinibatchItIs() {
        Augmentation augmentation = augmentation("random-crop", "mirror");
        byte[] together = pixels.clone();
        augmentation.apply(together, EXAMPLES, SHAPE, SEED, 2);

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

    @Test
    void twoTransformsDrawIndependently() {
        Augmentation both = augmentation("mirror", "random-crop");
        Augmentation crop = augmentation("random-crop");
        byte[] picture = Arrays.copyOf(pixels, SHAPE.size());
        Set<String> shifts = new HashSet<>();
        for (int example = 0; example < 400; example++) {
            byte[] mirrored = augmentation("mirror").picture(picture, SHAPE, SEED, 0, example);
            // Shifts of the pictures that were mirrored: all 81 of them come up, not one half.
            if (mirrored[0] != picture[0]) {
                shifts.add(Arrays.toString(both.picture(picture, SHAPE, SEED, 0, example)));
            }
        }

        assertThat(shifts).hasSizeGreaterThan(60);
        assertThat(crop.picture(picture, SHAPE, SEED, 0, 1)).isNotEqualTo(both.picture(picture, SHAPE, SEED, 0, 1));
    }

    @Test
    void noneLeavesThePicturesAsTheyAre() {
        byte[] same = pixels.clone();
        Augmentation.NONE.apply(same, EXAMPLES, SHAPE, SEED, 0);

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
        Map<String, Double> parameters = Map.of("random-crop.padding-pixels", 4.0, "fill-level", 0.0);
        return Augmentation.of(List.of(names), parameters::get);
    }
}
