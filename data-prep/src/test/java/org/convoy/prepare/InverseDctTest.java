package org.convoy.prepare;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

class InverseDctTest {
    private static final int LANES = 37;

    /** ITU-T T.81, A.3.3, in floating point. */
    @Test
    void isTheTransformOfTheStandard() {
        int[][] blocks = coefficients(8);
        double[][] expected = new double[64][LANES];
        for (int place = 0; place < 64; place++) {
            for (int lane = 0; lane < LANES; lane++) {
                expected[place][lane] = Math.max(0, Math.min(255, 128 + sample(blocks, lane, place / 8, place % 8)));
            }
        }

        new InverseDct(8, 0, LANES).transform(blocks);

        for (int place = 0; place < 64; place++) {
            for (int lane = 0; lane < LANES; lane++) {
                assertThat((double) blocks[place][lane]).isCloseTo(expected[place][lane], within(0.6));
            }
        }
    }

    /** Of slow waves alone fewer samples are nearly the means of those they stand for. */
    @ParameterizedTest
    @ValueSource(ints = {4, 2, 1})
    void fewerSamplesAreMeans(int side) {
        int[][] reduced = coefficients(2);
        int[][] whole = coefficients(2);
        new InverseDct(8, 0, LANES).transform(whole);

        new InverseDct(side, 0, LANES).transform(reduced);

        int of = 8 / side;
        for (int lane = 0; lane < LANES; lane++) {
            for (int y = 0; y < side; y++) {
                for (int x = 0; x < side; x++) {
                    double mean = 0;
                    for (int i = 0; i < of * of; i++) {
                        mean += (double) whole[8 * (of * y + i / of) + of * x + i % of][lane] / (of * of);
                    }
                    assertThat((double) reduced[8 * y + x][lane]).isCloseTo(mean, within(1.5));
                }
            }
        }
    }

    @Test
    void leavesOtherLanesAlone() {
        int[][] blocks = coefficients(8);
        int[][] before = coefficients(8);

        new InverseDct(8, 5, 20).transform(blocks);

        for (int place = 0; place < 64; place++) {
            assertThat(blocks[place][4]).isEqualTo(before[place][4]);
            assertThat(blocks[place][20]).isEqualTo(before[place][20]);
        }
        assertThat(blocks[0][5]).isNotEqualTo(before[0][5]);
    }

    /** The same ones at each call, in the first rows and columns. */
    private static int[][] coefficients(int side) {
        Random random = new Random(1);
        int[][] coefficients = new int[64][LANES];
        for (int row = 0; row < side; row++) {
            for (int column = 0; column < side; column++) {
                for (int lane = 0; lane < LANES; lane++) {
                    coefficients[8 * row + column][lane] = random.nextInt(241) - 120;
                }
            }
        }
        return coefficients;
    }

    private static double sample(int[][] blocks, int lane, int y, int x) {
        double sum = 0;
        for (int v = 0; v < 8; v++) {
            for (int u = 0; u < 8; u++) {
                sum += factor(u)
                        * factor(v)
                        * blocks[8 * v + u][lane]
                        * Math.cos((2 * x + 1) * u * Math.PI / 16)
                        * Math.cos((2 * y + 1) * v * Math.PI / 16);
            }
        }
        return sum / 4;
    }

    private static double factor(int frequency) {
        return frequency == 0 ? Math.sqrt(0.5) : 1;
    }
}
