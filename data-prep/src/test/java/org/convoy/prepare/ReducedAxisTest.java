package org.convoy.prepare;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

class ReducedAxisTest {
    /** Found by the definition: least squares of steps, with a Lagrange multiplier for each block's mean. No block is too far away. */
    @ParameterizedTest
    @CsvSource({"24, 4, 3", "12, 2, 3", "56, 8, 2", "40, 8, 4"})
    void weighsTheSmoothestPixelsByTheTriangle(int sourceSize, int reduction, int size) {
        Resize.Box box = new Resize.Box(0, (double) sourceSize / size);
        double[] means = new Random(1).doubles(sourceSize / reduction, 0, 255).toArray();
        double[] pixels = smoothest(means, reduction);

        ReducedAxis axis = ReducedAxis.of(sourceSize, reduction, size, box);

        for (int i = 0; i < size; i++) {
            assertThat(weighed(axis, i, means)).isCloseTo(triangle(box, i, pixels), within(1e-3));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 4, 8})
    void hasWeightsThatMakeOne(int reduction) {
        for (int sourceSize = reduction; sourceSize < 200; sourceSize++) {
            double[] white = new double[(sourceSize + reduction - 1) / reduction];
            Arrays.fill(white, 255);
            for (int size = 1; size <= sourceSize / reduction; size += 3) {
                ReducedAxis axis =
                        ReducedAxis.of(sourceSize, reduction, size, new Resize.Box(0, (double) sourceSize / size));
                for (int i = 0; i < size; i++) {
                    assertThat(weighed(axis, i, white)).isCloseTo(255, within(1e-3));
                }
            }
        }
    }

    /** What it is for: to weigh the means themselves by the triangle would blur. */
    @Test
    void comesCloserToARandomWalkThanTheMeansAlone() {
        Resize.Box box = new Resize.Box(21.5, 10.5);
        Resize.Box reduced = new Resize.Box(21.5 / 8, 10.5 / 8);
        double own = 0;
        double ofMeansAlone = 0;
        Random random = new Random(1);
        for (int walk = 0; walk < 100; walk++) {
            double[] pixels = new double[379];
            for (int x = 1; x < pixels.length; x++) {
                pixels[x] = pixels[x - 1] + random.nextGaussian();
            }
            double[] means = means(pixels, 8);
            ReducedAxis axis = ReducedAxis.of(pixels.length, 8, 32, box);
            for (int i = 0; i < 32; i++) {
                own += Math.abs(weighed(axis, i, means) - triangle(box, i, pixels));
                ofMeansAlone += Math.abs(triangle(reduced, i, means) - triangle(box, i, pixels));
            }
        }
        assertThat(own).isLessThan(0.9 * ofMeansAlone);
    }

    private static double weighed(ReducedAxis axis, int target, double[] means) {
        double sum = 0;
        for (int k = 0; k < axis.weights()[target].length; k++) {
            sum += axis.weights()[target][k] * means[axis.first()[target] + k];
        }
        return sum;
    }

    private static double triangle(Resize.Box box, int target, double[] samples) {
        double centre = box.begin() + (target + 0.5) * box.scale();
        double sum = 0;
        double weights = 0;
        for (int i = 0; i < samples.length; i++) {
            double weight = Math.max(0, 1 - Math.abs(i + 0.5 - centre) / box.scale());
            sum += weight * samples[i];
            weights += weight;
        }
        return sum / weights;
    }

    private static double[] means(double[] pixels, int reduction) {
        double[] means = new double[(pixels.length + reduction - 1) / reduction];
        for (int block = 0; block < means.length; block++) {
            int end = Math.min(pixels.length, (block + 1) * reduction);
            for (int x = block * reduction; x < end; x++) {
                means[block] += pixels[x] / (end - block * reduction);
            }
        }
        return means;
    }

    private static double[] smoothest(double[] means, int reduction) {
        int pixels = means.length * reduction;
        int unknowns = pixels + means.length;
        double[][] equations = new double[unknowns][unknowns + 1];
        for (int x = 0; x < pixels; x++) {
            for (int neighbour : new int[] {x - 1, x + 1}) {
                if (neighbour >= 0 && neighbour < pixels) {
                    equations[x][x] += 1;
                    equations[x][neighbour] -= 1;
                }
            }
            int multiplier = pixels + x / reduction;
            equations[x][multiplier] = 1;
            equations[multiplier][x] = 1;
        }
        for (int block = 0; block < means.length; block++) {
            equations[pixels + block][unknowns] = means[block] * reduction;
        }
        return Arrays.copyOf(solved(equations), pixels);
    }

    /** By Gauss's elimination; the last column is the right side. */
    private static double[] solved(double[][] equations) {
        int unknowns = equations.length;
        for (int column = 0; column < unknowns; column++) {
            int pivot = column;
            for (int row = column; row < unknowns; row++) {
                if (Math.abs(equations[row][column]) > Math.abs(equations[pivot][column])) {
                    pivot = row;
                }
            }
            double[] swapped = equations[pivot];
            equations[pivot] = equations[column];
            equations[column] = swapped;
            for (int row = 0; row < unknowns; row++) {
                double factor = equations[row][column] / swapped[column];
                for (int k = column; k <= unknowns && row != column; k++) {
                    equations[row][k] -= factor * swapped[k];
                }
            }
        }
        double[] values = new double[unknowns];
        for (int i = 0; i < unknowns; i++) {
            values[i] = equations[i][unknowns] / equations[i][i];
        }
        return values;
    }
}
