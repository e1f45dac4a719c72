package org.convoy.model.augment;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.convoy.model.InputShape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.convoy.model.augment.Pictures.bytes;
import static org.convoy.model.augment.Pictures.changed;

class MixingTest {
    private static final InputShape THREE = new InputShape(1, 3, 3);
    private static final byte[] TENS = bytes(10, 20, 30, 40, 50, 60, 70, 80, 90);
    /** The other picture begins at 1. */
    private static final byte[] OTHER = bytes(77, 200, 200, 200, 201, 201, 201, 202, 202, 255);

    private float share;

    @Test
    void mixupTakesTheShareOfEachPixel() {
        byte[] mixed = changed(THREE, TENS, picture -> share = Mixup.blend(picture, OTHER, 1, 0.75));

        // 0.75 * 10 + 0.25 * 200 = 57.5, which rounds up; the last is 0.75 * 90 + 0.25 * 255 = 131.25.
        assertThat(mixed).isEqualTo(bytes(58, 65, 73, 80, 88, 95, 103, 111, 131));
        assertThat(share).isEqualTo(0.75f);
    }

    @Test
    void mixupOfAllAndOfNothingIsOneOfTheTwo() {
        assertThat(changed(THREE, TENS, picture -> share = Mixup.blend(picture, OTHER, 1, 1)))
                .isEqualTo(TENS);
        assertThat(share).isOne();
        assertThat(changed(THREE, TENS, picture -> share = Mixup.blend(picture, OTHER, 1, 0)))
                .isEqualTo(bytes(200, 200, 200, 201, 201, 201, 202, 202, 255));
        assertThat(share).isZero();
    }

    @Test
    void cutMixPastesTheSamePlaceAndTheLabelsShareIsTheArea() {
        byte[] mixed =
                changed(THREE, TENS, picture -> share = CutMix.paste(picture, OTHER, 1, new CutMix.Box(1, 1, 2, 1)));

        assertThat(mixed).isEqualTo(bytes(10, 20, 30, 40, 201, 60, 70, 202, 90));
        assertThat(share).isCloseTo(7 / 9f, within(1e-6f));
    }

    @Test
    void whatOfCutMixsRectangleLiesOutsideDoesNotCount() {
        byte[] mixed =
                changed(THREE, TENS, picture -> share = CutMix.paste(picture, OTHER, 1, new CutMix.Box(-1, 1, 2, 4)));

        assertThat(mixed).isEqualTo(bytes(10, 200, 200, 40, 50, 60, 70, 80, 90));
        assertThat(share).isCloseTo(7 / 9f, within(1e-6f));
    }

    @Test
    void cutMixsShareIsTheAreaForEveryPictureAndEveryChannelIsPasted() {
        InputShape colour = new InputShape(3, 9, 7);
        byte[] white = new byte[colour.size()];
        Arrays.fill(white, (byte) 255);
        double sum = 0;
        for (int seed = 0; seed < 500; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            byte[] mixed = changed(
                    colour, new byte[colour.size()], picture -> share = new CutMix(1).mix(picture, white, 0, random));
            int pasted = 0;
            for (byte level : mixed) {
                pasted += level == 0 ? 0 : 1;
            }
            assertThat(share).isCloseTo(1 - (float) pasted / colour.size(), within(1e-6f));
            sum += share;
        }

        // Half would be pasted, did not some of it lie outside.
        assertThat(sum / 500).isBetween(0.55, 0.75);
    }

    /** Variance of Beta(α, α): 1 / (4 (2 α + 1)). */
    @ParameterizedTest
    @CsvSource({"0.1", "0.2", "1", "2"})
    void sharesAreBetaDistributed(double alpha) {
        SplittableRandom random = new SplittableRandom(3);
        double sum = 0;
        double squares = 0;
        int count = 20_000;
        for (int i = 0; i < count; i++) {
            double drawn = Mixing.beta(alpha, random);
            assertThat(drawn).isBetween(0.0, 1.0);
            sum += drawn;
            squares += (drawn - 0.5) * (drawn - 0.5);
        }

        assertThat(sum / count).isCloseTo(0.5, within(0.015));
        assertThat(squares / count).isCloseTo(1 / (4 * (2 * alpha + 1)), within(0.005));
    }

    @Test
    void refuseAnAlphaOutOfRange() {
        assertThatThrownBy(() -> new Mixup(0)).hasMessage("train.transforms.mixup.alpha must be in [0.1, 2] but was 0");
        assertThatThrownBy(() -> new CutMix(3))
                .hasMessage("train.transforms.cutmix.alpha must be in [0.1, 2] but was 3");
    }
}
