package org.convoy.model.augment;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.SplittableRandom;
import org.convoy.model.InputShape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.convoy.model.augment.Pictures.bytes;
import static org.convoy.model.augment.Pictures.changed;

class RandomCropTest {
    private static final InputShape THREE = new InputShape(1, 3, 3);
    private static final byte[] ONE_TO_NINE = bytes(1, 2, 3, 4, 5, 6, 7, 8, 9);
    private static final byte FILL = (byte) 200;

    @Test
    void shiftsThePictureAndFillsWhatComesIn() {
        RandomCrop crop = new RandomCrop(2, FILL);

        assertThat(changed(THREE, ONE_TO_NINE, picture -> crop.shift(picture, 1, 0)))
                .isEqualTo(bytes(200, 200, 200, 1, 2, 3, 4, 5, 6));
        assertThat(changed(THREE, ONE_TO_NINE, picture -> crop.shift(picture, -1, 2)))
                .isEqualTo(bytes(200, 200, 4, 200, 200, 7, 200, 200, 200));
        assertThat(changed(THREE, ONE_TO_NINE, picture -> crop.shift(picture, 0, -2)))
                .isEqualTo(bytes(3, 200, 200, 6, 200, 200, 9, 200, 200));
    }

    @Test
    void shiftsEachChannelTheSameWay() {
        InputShape colour = new InputShape(3, 2, 2);
        byte[] pixels = bytes(1, 2, 3, 4, 11, 12, 13, 14, 21, 22, 23, 24);

        assertThat(changed(colour, pixels, picture -> new RandomCrop(1, (byte) 0).shift(picture, -1, -1)))
                .isEqualTo(bytes(4, 0, 0, 0, 14, 0, 0, 0, 24, 0, 0, 0));
    }

    @Test
    void withOffsetZeroIsTheIdentity() {
        assertThat(changed(THREE, ONE_TO_NINE, picture -> new RandomCrop(1, FILL).shift(picture, 0, 0)))
                .isEqualTo(ONE_TO_NINE);
    }

    @Test
    void takesEveryOffsetUpToThePadding() {
        Set<String> seen = new HashSet<>();
        for (int seed = 0; seed < 1000; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            seen.add(Arrays.toString(
                    changed(THREE, ONE_TO_NINE, picture -> new RandomCrop(1, FILL).apply(picture, random))));
        }

        assertThat(seen).hasSize(9);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 257})
    void refusesAPaddingOutOfRange(int padding) {
        assertThatThrownBy(() -> new RandomCrop(padding, FILL))
                .hasMessage("train.transforms.random-crop.padding-pixels must be in [1, 256] but was " + padding);
    }

    @Test
    void refusesAPaddingThatCouldShiftThePictureAway() {
        assertThatThrownBy(() -> new RandomCrop(3, FILL).requireFits(THREE))
                .hasMessage("train.transforms.random-crop.padding-pixels must be below the pictures' height and width"
                        + " (1x3x3) but was 3");
        new RandomCrop(2, FILL).requireFits(THREE);
    }
}
