package org.convoy.model.augment;

import java.util.List;
import java.util.SplittableRandom;
import org.convoy.model.InputShape;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.convoy.model.augment.Pictures.bytes;
import static org.convoy.model.augment.Pictures.changed;
import static org.convoy.model.augment.Pictures.levels;

class ColourTransformsTest {
    private static final InputShape GREY = new InputShape(1, 1, 3);
    private static final InputShape PIXEL = new InputShape(3, 1, 1);
    private static final InputShape COLOUR = new InputShape(3, 5, 4);

    @Test
    void brightnessMultipliesLevelsAndStopsAtWhite() {
        assertThat(changed(GREY, bytes(0, 101, 200), picture -> Brightness.multiply(picture, 1.5)))
                .isEqualTo(bytes(0, 152, 255));
        assertThat(changed(PIXEL, bytes(100, 50, 201), picture -> Brightness.multiply(picture, 0.5)))
                .isEqualTo(bytes(50, 25, 101));
    }

    @Test
    void contrastMovesLevelsAwayFromTheMeanAndTowardsIt() {
        // The mean is 30.
        assertThat(changed(GREY, bytes(10, 20, 60), picture -> Contrast.stretch(picture, 2)))
                .isEqualTo(bytes(0, 10, 90));
        assertThat(changed(GREY, bytes(10, 20, 60), picture -> Contrast.stretch(picture, 0.5)))
                .isEqualTo(bytes(20, 25, 45));
        // Of colours it is the brightness: (77 * 100 + 29 * 200) / 256 = 52.7.
        assertThat(changed(PIXEL, bytes(100, 0, 200), picture -> Contrast.stretch(picture, 0)))
                .isEqualTo(bytes(53, 53, 53));
    }

    @Test
    void saturationMovesColoursAwayFromGreyAndTowardsIt() {
        // The grey of the same brightness is 53.
        assertThat(changed(PIXEL, bytes(100, 0, 200), picture -> Saturation.stretch(picture, 0)))
                .isEqualTo(bytes(53, 53, 53));
        assertThat(changed(PIXEL, bytes(100, 0, 200), picture -> Saturation.stretch(picture, 2)))
                .isEqualTo(bytes(147, 0, 255));
        // Two pixels, the second one grey: it stays.
        assertThat(changed(
                        new InputShape(3, 1, 2),
                        bytes(100, 90, 0, 90, 200, 90),
                        picture -> Saturation.stretch(picture, 0.5)))
                .isEqualTo(bytes(77, 90, 27, 90, 127, 90));
    }

    @Test
    void hueTurnsColoursRoundTheCircle() {
        assertThat(turned(1 / 3.0, 255, 0, 0)).containsExactly(0, 255, 0);
        assertThat(turned(1 / 6.0, 255, 0, 0)).containsExactly(255, 255, 0);
        assertThat(turned(-1 / 6.0, 255, 0, 0)).containsExactly(255, 0, 255);
        // (200, 100, 50) lies a third of a sector beyond red: two sectors on, a third beyond green; two back, beyond
        // blue.
        assertThat(turned(1 / 3.0, 200, 100, 50)).containsExactly(50, 200, 100);
        assertThat(turned(-1 / 3.0, 200, 100, 50)).containsExactly(100, 50, 200);
        // Half a turn: a third of a sector beyond cyan, where green falls from 200 to 50.
        assertThat(turned(0.5, 200, 100, 50)).containsExactly(50, 150, 200);
        assertThat(turned(0.4, 77, 77, 77)).containsExactly(77, 77, 77);
    }

    @Test
    void pcaColourNoiseMovesAllPixelsAlongTheColoursPrincipalComponents() {
        // The first component is (1, 1, 0) / sqrt 2 with variance 0.5 in levels of 0 to 1, the second blue with 0.1.
        double[] covariance = {0.25, 0.25, 0, 0.25, 0.25, 0, 0, 0, 0.1};
        for (int i = 0; i < covariance.length; i++) {
            covariance[i] *= 255 * 255;
        }
        PcaColourNoise noise = (PcaColourNoise) new PcaColourNoise(0.1, List.of()).knowing(covariance);

        // 255 * 0.5 * 0.2 / sqrt 2 = 18.03; 255 * 0.1 * -0.4 = -10.2.
        assertThat(changed(
                        new InputShape(3, 1, 2),
                        bytes(100, 250, 90, 0, 200, 5),
                        picture -> noise.move(picture, 0.2, -0.4, 7)))
                .isEqualTo(bytes(118, 255, 108, 18, 190, 0));
        assertThat(changed(PIXEL, bytes(1, 2, 3), picture -> noise.move(picture, 0, 0, 0)))
                .isEqualTo(bytes(1, 2, 3));
    }

    @Test
    void pcaColourNoiseIsOfTheDeviationAskedFor() {
        double[] covariance = {255 * 255, 0, 0, 0, 0, 0, 0, 0, 0};
        PcaColourNoise noise = (PcaColourNoise) new PcaColourNoise(0.1, List.of()).knowing(covariance);
        SplittableRandom random = new SplittableRandom(4);
        double squares = 0;
        for (int i = 0; i < 2000; i++) {
            int red = levels(changed(PIXEL, bytes(128, 0, 0), picture -> noise.apply(picture, random)))[0];
            squares += (red - 128) * (red - 128);
        }

        // Of a normal variable, 2000 draws have the deviation within 5 %; it is 25.5 levels.
        assertThat(Math.sqrt(squares / 2000)).isBetween(24.2, 26.8);
        assertThatThrownBy(() -> new PcaColourNoise(0.1, List.of()).move(new Picture(new byte[3], PIXEL), 1, 1, 1))
                .hasMessage("pca-colour-noise must know the train split's colours");
        assertThatThrownBy(() -> new PcaColourNoise(1.1, List.of()))
                .hasMessage("train.transforms.pca-colour-noise.standard-deviation must be in [0, 1] but was 1.1");
        assertThatThrownBy(() -> noise.requireFits(GREY))
                .hasMessage("train.augmentation has pca-colour-noise, which is for colour pictures, but the dataset has"
                        + " 1x1x3");
    }

    @Test
    void aFactorOfOneAndAnAngleOfZeroAreTheIdentity() {
        byte[] pixels = Pictures.random(COLOUR, 7);

        assertThat(changed(COLOUR, pixels, picture -> Brightness.multiply(picture, 1)))
                .isEqualTo(pixels);
        assertThat(changed(COLOUR, pixels, picture -> Contrast.stretch(picture, 1)))
                .isEqualTo(pixels);
        assertThat(changed(COLOUR, pixels, picture -> Saturation.stretch(picture, 1)))
                .isEqualTo(pixels);
        assertThat(changed(COLOUR, pixels, picture -> Hue.turn(picture, 0))).isEqualTo(pixels);
    }

    @Test
    void drawsTheWholeOfTheirRanges() {
        InputShape twoPixels = new InputShape(3, 1, 2);
        // A grey pixel and a reddish one.
        byte[] pixels = bytes(100, 160, 100, 100, 100, 100);
        for (Transform transform :
                List.of(new Brightness(0.4), new Contrast(0.4), new Saturation(0.4), new Hue(0.25))) {
            double least = 2;
            double most = -2;
            for (int seed = 0; seed < 500; seed++) {
                SplittableRandom random = new SplittableRandom(seed);
                double drawn = drawn(
                        transform, levels(changed(twoPixels, pixels, picture -> transform.apply(picture, random))));
                least = Math.min(least, drawn);
                most = Math.max(most, drawn);
            }
            double range = transform instanceof Hue ? 0.25 : 0.4;
            assertThat(least).as(transform.toString()).isBetween(-range - 0.02, -range + 0.03);
            assertThat(most).as(transform.toString()).isBetween(range - 0.03, range + 0.02);
        }
    }

    /** By what share more, or how many turns, as seen in the reddish pixel's difference to grey. */
    private static double drawn(Transform transform, int[] seen) {
        int red = seen[1];
        int green = seen[3];
        int blue = seen[5];
        if (transform instanceof Hue) {
            return Math.atan2(Math.sqrt(3) * (green - blue), 2 * red - green - blue) / (2 * Math.PI);
        }
        return transform instanceof Brightness ? seen[0] / 100.0 - 1 : (red - green) / 60.0 - 1;
    }

    @Test
    void refuseNumbersOutOfRangeAndColoursOfGreyPictures() {
        assertThatThrownBy(() -> new Brightness(1.1))
                .hasMessage("train.transforms.brightness.strength must be in [0, 1] but was 1.1");
        assertThatThrownBy(() -> new Contrast(-0.1))
                .hasMessage("train.transforms.contrast.strength must be in [0, 1] but was -0.1");
        assertThatThrownBy(() -> new Saturation(2))
                .hasMessage("train.transforms.saturation.strength must be in [0, 1] but was 2");
        assertThatThrownBy(() -> new Hue(0.6)).hasMessage("train.transforms.hue.turns must be in [0, 0.5] but was 0.6");
        assertThatThrownBy(() -> new Hue(0.1).requireFits(GREY))
                .hasMessage("train.augmentation has hue, which is for colour pictures, but the dataset has 1x1x3");
        assertThatThrownBy(() -> new Saturation(0.1).requireFits(GREY))
                .hasMessage(
                        "train.augmentation has saturation, which is for colour pictures, but the dataset has 1x1x3");
    }

    private static int[] turned(double turns, int red, int green, int blue) {
        return levels(changed(PIXEL, bytes(red, green, blue), picture -> Hue.turn(picture, turns)));
    }
}
