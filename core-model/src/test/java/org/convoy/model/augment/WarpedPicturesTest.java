package org.convoy.model.augment;

import java.util.SplittableRandom;
import org.convoy.model.InputShape;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.convoy.model.augment.Pictures.bytes;
import static org.convoy.model.augment.Pictures.changed;
import static org.convoy.model.augment.Pictures.levels;

/** The transforms that interpolate. */
class WarpedPicturesTest {
    private static final InputShape THREE = new InputShape(1, 3, 3);
    private static final byte[] ONE_TO_NINE = bytes(1, 2, 3, 4, 5, 6, 7, 8, 9);
    private static final byte FILL = 100;
    /** Odd and even sides, three channels. */
    private static final InputShape COLOUR = new InputShape(3, 7, 10);

    @Test
    void aQuarterTurnIsCounterClockwise() {
        assertThat(changed(THREE, ONE_TO_NINE, picture -> new Rotation(90, FILL).turn(picture, 90)))
                .isEqualTo(bytes(3, 6, 9, 2, 5, 8, 1, 4, 7));
    }

    @Test
    void halfATurnReversesEachChannel() {
        InputShape colour = new InputShape(3, 1, 2);

        assertThat(changed(colour, bytes(1, 2, 11, 12, 21, 22), picture -> new Rotation(180, FILL).turn(picture, 180)))
                .isEqualTo(bytes(2, 1, 12, 11, 22, 21));
    }

    @Test
    void anEighthOfATurnInterpolatesBetweenFourPixels() {
        byte[] turned = changed(THREE, ONE_TO_NINE, picture -> new Rotation(90, FILL).turn(picture, 45));

        // Top left comes from (1, -0.414): 0.414 of the fill and 0.586 of 2. Top middle comes from (1.707, 0.293): 2 +
        // 0.707
        // to the right + 3 * 0.293 down = 3.59. The centre stays.
        assertThat(turned[0]).isEqualTo((byte) 43);
        assertThat(turned[1]).isEqualTo((byte) 4);
        assertThat(turned[4]).isEqualTo((byte) 5);
    }

    @Test
    void shearMovesRowsSidewaysAroundTheMiddleOne() {
        assertThat(changed(THREE, ONE_TO_NINE, picture -> new Shear(45, FILL).lean(picture, 45)))
                .isEqualTo(bytes(100, 1, 2, 4, 5, 6, 8, 9, 100));
    }

    @Test
    void anglesGoBothWaysAndNoFurtherThanTheyMay() {
        InputShape nine = new InputShape(1, 9, 9);
        byte[] dotAtTheRight = new byte[81];
        dotAtTheRight[4 * 9 + 8] = (byte) 255;
        byte[] dotAtTheTop = new byte[81];
        dotAtTheTop[4] = (byte) 255;
        int up = 0;
        int leftward = 0;
        for (int seed = 0; seed < 400; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            int turned = brightest(
                    changed(nine, dotAtTheRight, picture -> new Rotation(90, (byte) 0).apply(picture, random)));
            int leant =
                    brightest(changed(nine, dotAtTheTop, picture -> new Shear(45, (byte) 0).apply(picture, random)));
            assertThat(turned % 9).isGreaterThanOrEqualTo(4);
            assertThat(leant / 9).isZero();
            up += turned / 9 < 4 ? 1 : 0;
            leftward += leant % 9 < 4 ? 1 : 0;
        }

        assertThat(up).isBetween(120, 240);
        assertThat(leftward).isBetween(120, 240);
    }

    @Test
    void aPartIsStretchedToTheWholeAndShowsNothingAroundIt() {
        InputShape twoByFour = new InputShape(1, 2, 4);
        byte[] pixels = bytes(1, 2, 3, 4, 200, 10, 50, 200);

        // The part is 10, 50. Pixel centres lie at -0.25, 0.25, 0.75 and 1.25 in it; the ends are held.
        assertThat(changed(twoByFour, pixels, picture -> RandomResizedCrop.stretch(picture, 1, 1, 2, 1)))
                .isEqualTo(bytes(10, 20, 40, 50, 10, 20, 40, 50));
    }

    @Test
    void thePartsHaveTheSizesAndShapesThatTheyMayHave() {
        InputShape shape = new InputShape(3, 60, 60);
        // Red is four times x, green four times y.
        byte[] pixels = new byte[shape.size()];
        for (int i = 0; i < 3600; i++) {
            pixels[i] = (byte) (4 * (i % 60));
            pixels[3600 + i] = (byte) (4 * (i / 60));
        }
        double smallest = 1;
        double widest = 1;
        double largest = 0;
        for (int seed = 0; seed < 300; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            int[] seen =
                    levels(changed(shape, pixels, picture -> new RandomResizedCrop(0.25, 1.5).apply(picture, random)));
            double width = (seen[59] - seen[0]) / 4.0 + 1;
            double height = (seen[3600 + 59 * 60] - seen[3600]) / 4.0 + 1;
            double area = width * height / 3600;
            assertThat(area).isBetween(0.24, 1.0);
            assertThat(width / height).isBetween(1 / 1.55, 1.55);
            smallest = Math.min(smallest, area);
            largest = Math.max(largest, area);
            widest = Math.max(widest, width / height);
        }
        assertThat(smallest).isLessThan(0.3);
        assertThat(largest).isGreaterThan(0.9);
        assertThat(widest).isGreaterThan(1.4);
    }

    @Test
    void angleZeroTheWholeAndAFlatFieldAreTheIdentity() {
        byte[] pixels = Pictures.random(COLOUR, 3);
        float[] flat = new float[70];

        assertThat(changed(COLOUR, pixels, picture -> new Rotation(90, FILL).turn(picture, 0)))
                .isEqualTo(pixels);
        assertThat(changed(COLOUR, pixels, picture -> new Shear(45, FILL).lean(picture, 0)))
                .isEqualTo(pixels);
        assertThat(changed(COLOUR, pixels, picture -> RandomResizedCrop.stretch(picture, 0, 0, 10, 7)))
                .isEqualTo(pixels);
        assertThat(changed(COLOUR, pixels, picture -> new ElasticDistortion(34, 4, FILL).displace(picture, flat, flat)))
                .isEqualTo(pixels);
    }

    @Test
    void elasticDistortionTakesPixelsFromAlongTheSmoothedField() {
        ElasticDistortion elastic = new ElasticDistortion(1, 0.5, (byte) 0);
        byte[] tens = bytes(10, 20, 30, 40, 50, 60, 70, 80, 90);
        float[] centre = {0, 0, 0, 0, 1, 0, 0, 0, 0};
        float[] flat = new float[9];

        // The Gaussian of deviation 0.5 is 0.7866 at 0 and 0.1065 at 1. So the centre is displaced by 0.7866^2 = 0.619,
        // its
        // neighbours by 0.7866 * 0.1065 = 0.084, the corners by 0.011. A step to the right is 10 levels, beyond it is
        // 0.
        assertThat(changed(THREE, tens, picture -> elastic.displace(picture, centre, flat)))
                .isEqualTo(bytes(10, 21, 30, 41, 56, 55, 70, 81, 89));
        // Downwards a step is 30 levels: 30 * 0.619 = 18.6.
        assertThat(levels(changed(THREE, tens, picture -> elastic.displace(picture, flat, centre)))[4])
                .isEqualTo(69);
    }

    @Test
    void theDeviationOfADisplacementIsAboutASixthOfAlphaBySigma() {
        InputShape shape = new InputShape(1, 64, 64);
        byte[] ramp = new byte[64 * 64];
        for (int i = 0; i < ramp.length; i++) {
            ramp[i] = (byte) (4 * (i % 64));
        }
        double squares = 0;
        int count = 0;
        for (int seed = 0; seed < 30; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            int[] seen =
                    levels(changed(shape, ramp, picture -> new ElasticDistortion(34, 4, FILL).apply(picture, random)));
            for (int y = 16; y < 48; y++) {
                for (int x = 16; x < 48; x++) {
                    double displacement = seen[y * 64 + x] / 4.0 - x;
                    squares += displacement * displacement;
                    count++;
                }
            }
        }

        // Uniform noise has the deviation 0.577, a Gaussian of deviation 4 leaves 0.577 / (2 * 4 * sqrt(pi)) = 0.0407
        // of it.
        assertThat(Math.sqrt(squares / count)).isBetween(1.2, 1.6);
    }

    @Test
    void refusesNumbersOutOfRange() {
        assertThatThrownBy(() -> new Rotation(181, FILL))
                .hasMessage("train.transforms.rotation.degrees must be in [0, 180] but was 181");
        assertThatThrownBy(() -> new Shear(-1, FILL))
                .hasMessage("train.transforms.shear.degrees must be in [0, 60] but was -1");
        assertThatThrownBy(() -> new RandomResizedCrop(0.001, 1))
                .hasMessage("train.transforms.random-resized-crop.smallest-area must be in [0.01, 1] but was 0.001");
        assertThatThrownBy(() -> new RandomResizedCrop(0.5, Double.NaN))
                .hasMessage("train.transforms.random-resized-crop.largest-aspect must be in [1, 4] but was NaN");
        assertThatThrownBy(() -> new ElasticDistortion(1001, 4, FILL))
                .hasMessage("train.transforms.elastic-distortion.alpha-pixels must be in [0, 1000] but was 1001");
        assertThatThrownBy(() -> new ElasticDistortion(34, 0, FILL))
                .hasMessage("train.transforms.elastic-distortion.sigma-pixels must be in [0.5, 100] but was 0");
    }

    private static int brightest(byte[] pixels) {
        int brightest = 0;
        for (int i = 0; i < pixels.length; i++) {
            brightest = (pixels[i] & 0xFF) > (pixels[brightest] & 0xFF) ? i : brightest;
        }
        return brightest;
    }
}
