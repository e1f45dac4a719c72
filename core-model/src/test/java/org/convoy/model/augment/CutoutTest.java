package org.convoy.model.augment;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.SplittableRandom;
import org.convoy.model.InputShape;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.convoy.model.augment.Pictures.bytes;
import static org.convoy.model.augment.Pictures.changed;

class CutoutTest {
    private static final InputShape THREE = new InputShape(1, 3, 3);
    private static final byte[] ONE_TO_NINE = bytes(1, 2, 3, 4, 5, 6, 7, 8, 9);

    @Test
    void paintsTheSquareAndLeavesTheRest() {
        assertThat(changed(THREE, ONE_TO_NINE, picture -> new Cutout(2, (byte) 50).paint(picture, 1, 1)))
                .isEqualTo(bytes(50, 50, 3, 50, 50, 6, 7, 8, 9));
        assertThat(changed(THREE, ONE_TO_NINE, picture -> new Cutout(1, (byte) 50).paint(picture, 0, 2)))
                .isEqualTo(bytes(1, 2, 50, 4, 5, 6, 7, 8, 9));
    }

    @Test
    void whatOfTheSquareLiesOutsideIsLost() {
        assertThat(changed(THREE, ONE_TO_NINE, picture -> new Cutout(2, (byte) 50).paint(picture, 0, 0)))
                .isEqualTo(bytes(50, 2, 3, 4, 5, 6, 7, 8, 9));
        assertThat(changed(THREE, ONE_TO_NINE, picture -> new Cutout(3, (byte) 50).paint(picture, 2, 1)))
                .isEqualTo(bytes(1, 2, 3, 50, 50, 50, 50, 50, 50));
    }

    @Test
    void paintsEveryChannel() {
        InputShape colour = new InputShape(3, 1, 2);

        assertThat(changed(
                        colour, bytes(1, 2, 11, 12, 21, 22), picture -> new Cutout(1, (byte) 0).paint(picture, 0, 1)))
                .isEqualTo(bytes(1, 0, 11, 0, 21, 0));
    }

    @Test
    void itsCentreIsAnyPixel() {
        Set<String> seen = new HashSet<>();
        for (int seed = 0; seed < 300; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            seen.add(Arrays.toString(
                    changed(THREE, ONE_TO_NINE, picture -> new Cutout(1, (byte) 50).apply(picture, random))));
        }

        assertThat(seen).hasSize(9);
    }

    @Test
    void refusesASquareThatCouldHideThePicture() {
        assertThatThrownBy(() -> new Cutout(3, (byte) 0).requireFits(THREE))
                .hasMessage(
                        "train.transforms.cutout.size-pixels must be below the pictures' height and width (1x3x3) but"
                                + " was 3");
        assertThatThrownBy(() -> new Cutout(0, (byte) 0))
                .hasMessage("train.transforms.cutout.size-pixels must be in [1, 1024] but was 0");
    }
}
