package org.convoy.model;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

class WhiteningTest {
    private static final InputShape INPUT = new InputShape(3, 2, 2);
    private static final int D = 12;
    private static final int PICTURES = 500;
    private static final byte[] PIXELS = correlatedPixels();
    private static final PixelStatistics STATISTICS = statistics();

    /** Neighbouring values have much in common. */
    private static byte[] correlatedPixels() {
        SplittableRandom random = new SplittableRandom(3);
        byte[] pixels = new byte[PICTURES * D];
        for (int picture = 0; picture < PICTURES; picture++) {
            double walk = 128;
            for (int i = 0; i < D; i++) {
                walk = Math.min(255, Math.max(0, walk + 60 * (random.nextDouble() - 0.5)));
                pixels[picture * D + i] = (byte) Math.round(walk);
            }
        }
        return pixels;
    }

    private static PixelStatistics statistics() {
        double[] mean = new double[D];
        double[] covariance = new double[D * D];
        for (int i = 0; i < PIXELS.length; i++) {
            mean[i % D] += (PIXELS[i] & 0xFF) / (double) PICTURES;
        }
        for (int picture = 0; picture < PICTURES; picture++) {
            for (int i = 0; i < D * D; i++) {
                covariance[i] += ((PIXELS[picture * D + i / D] & 0xFF) - mean[i / D])
                        * ((PIXELS[picture * D + i % D] & 0xFF) - mean[i % D])
                        / PICTURES;
            }
        }
        return new PixelStatistics(
                List.of(0.0, 0.0, 0.0), List.of(1.0, 1.0, 1.0), Optional.of(mean), Optional.of(covariance));
    }

    @ParameterizedTest
    @ValueSource(strings = {"pca", "zca"})
    void valuesDoNotVaryTogetherAndHaveVarianceOne(String name) {
        double[] covariance = covariance(applied(name, 1e-9));

        for (int i = 0; i < D * D; i++) {
            assertThat(covariance[i]).as("%d, %d", i / D, i % D).isCloseTo(i / D == i % D ? 1 : 0, within(1e-3));
        }
    }

    @Test
    void epsilonKeepsComponentsThatHardlyVarySmall() {
        double[] variances =
                PrincipalComponents.of(STATISTICS.covariance().orElseThrow()).variances();
        double added = 0.5 * Arrays.stream(variances).average().orElseThrow();

        double[] covariance = covariance(applied("pca", 0.5));

        for (int i = 0; i < D; i++) {
            assertThat(covariance[i * D + i]).isCloseTo(variances[i] / (variances[i] + added), within(1e-4));
        }
        assertThat(covariance[0]).isGreaterThan(10 * covariance[D * D - 1]);
    }

    @Test
    void zcaIsTheWhiteningThatLeavesPicturesNearestToWhatTheyWere() {
        double[] variances =
                PrincipalComponents.of(STATISTICS.covariance().orElseThrow()).variances();
        double most = Arrays.stream(variances).map(Math::sqrt).sum();

        assertThat(likeness(applied("zca", 1e-9))).isCloseTo(most, within(1e-3 * most));
        assertThat(likeness(applied("pca", 1e-9))).isLessThan(0.5 * most);
    }

    /** How much values vary together with the pixels they stand for; no whitening has more than the sum of deviations. */
    private static double likeness(float[] whitened) {
        double sum = 0;
        for (int i = 0; i < whitened.length; i++) {
            sum += ((PIXELS[i] & 0xFF) - STATISTICS.meanPicture().orElseThrow()[i % D]) * whitened[i];
        }
        return sum / PICTURES;
    }

    @Test
    void componentsOfManyValuesAreAtRightAnglesAndMakeUpTheCovariance() {
        int size = 400;
        double[] covariance = new double[size * size];
        SplittableRandom random = new SplittableRandom(8);
        for (int rank = 0; rank < 60; rank++) {
            double[] direction = random.doubles(size).map(x -> 20 * (x - 0.5)).toArray();
            for (int i = 0; i < covariance.length; i++) {
                covariance[i] += direction[i / size] * direction[i % size];
            }
        }

        PrincipalComponents found = PrincipalComponents.of(covariance);

        double[] made = new double[covariance.length];
        for (int k = 0; k < size; k++) {
            for (int i = 0; i < made.length; i++) {
                made[i] += found.variances()[k]
                        * found.components()[k * size + i / size]
                        * found.components()[k * size + i % size];
            }
        }
        double farthest = IntStream.range(0, made.length)
                .mapToDouble(i -> Math.abs(made[i] - covariance[i]))
                .max()
                .orElseThrow();
        assertThat(farthest).isLessThan(1e-8);
        assertThat(found.variances()[60]).isCloseTo(0, within(1e-8));
    }

    @Test
    void meanPictureSubtractsEachValuesOwnMean() {
        float[] applied = applied("mean-picture", 1);

        double[] mean = STATISTICS.meanPicture().orElseThrow();
        for (int i = 0; i < applied.length; i++) {
            assertThat(applied[i]).isCloseTo((float) (((PIXELS[i] & 0xFF) - mean[i % D]) / 127.5), within(1e-6f));
        }
    }

    @Test
    void aBatchIsNormalisedLikeItsPicturesOneByOne() {
        float[] together = applied("zca", 0.1);
        Normalisation zca = Normalisation.of("zca", STATISTICS, 0.1);
        float[] alone = new float[D];

        for (int picture = 0; picture < 20; picture++) {
            zca.apply(Arrays.copyOfRange(PIXELS, picture * D, (picture + 1) * D), alone, 1);
            for (int i = 0; i < D; i++) {
                assertThat(alone[i]).isCloseTo(together[picture * D + i], within(1e-5f));
            }
        }
    }

    @Test
    void componentsFallInVarianceAndPointWhereTheirLargestEntryDoes() {
        PrincipalComponents found = PrincipalComponents.of(new double[] {2, -1, 0, -1, 2, 0, 0, 0, 5});

        assertThat(found.variances()).containsExactly(new double[] {5, 3, 1}, within(1e-12));
        assertThat(Arrays.copyOf(found.components(), 3)).containsExactly(new double[] {0, 0, 1}, within(1e-12));
        assertThat(Math.abs(found.components()[3])).isCloseTo(Math.sqrt(0.5), within(1e-12));
        assertThat(found.components()[3]).isCloseTo(-found.components()[4], within(1e-12));
        double[] third = Arrays.copyOfRange(found.components(), 6, 9);
        assertThat(third).containsExactly(new double[] {Math.sqrt(0.5), Math.sqrt(0.5), 0}, within(1e-12));
    }

    @Test
    void saysWhatTheDatasetLacks() {
        PixelStatistics channels = new PixelStatistics(List.of(0.0), List.of(1.0), Optional.empty(), Optional.empty());

        assertThatThrownBy(() -> Normalisation.of("zca", channels, 0.1))
                .hasMessage("model.normalisation = zca is made of the dataset's covariance, which it lacks: prepare it"
                        + " with prepare.statistics = covariance");
        assertThatThrownBy(() -> Normalisation.of("mean-picture", channels, 0.1))
                .hasMessage("model.normalisation = mean-picture is made of the dataset's mean picture, which it lacks:"
                        + " prepare it with prepare.statistics = mean-picture");
        assertThatThrownBy(() -> Normalisation.of("zca", STATISTICS, 0.1).requireFits(new InputShape(1, 2, 2)))
                .hasMessage("normalisation must be for pictures of 1x2x2 but has 12 values");
    }

    private static float[] applied(String name, double epsilon) {
        Normalisation normalisation = Normalisation.of(name, STATISTICS, epsilon);
        normalisation.requireFits(INPUT);
        float[] normalised = new float[PIXELS.length];
        normalisation.apply(PIXELS, normalised, PICTURES);
        return normalised;
    }

    private static double[] covariance(float[] values) {
        return IntStream.range(0, D * D)
                .mapToDouble(i -> IntStream.range(0, PICTURES)
                        .mapToDouble(n -> (double) values[n * D + i / D] * values[n * D + i % D])
                        .average()
                        .orElseThrow())
                .toArray();
    }
}
