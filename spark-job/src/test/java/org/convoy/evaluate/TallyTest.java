package org.convoy.evaluate;

import java.util.List;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

class TallyTest {
    private static final List<String> NAMES = List.of("cat", "dog");

    @Test
    void countsByHandComputedFigures() {
        Tally tally = new Tally(2);
        tally.add(0, new float[] {0.9f, 0.1f}, 0);
        tally.add(0, new float[] {0.4f, 0.6f}, 0);
        tally.add(1, new float[] {0.2f, 0.8f}, 0);

        Metrics metrics = tally.metrics(NAMES);

        assertThat(metrics.accuracy()).isCloseTo(2.0 / 3, within(1e-12));
        assertThat(metrics.loss()).isCloseTo(-(Math.log(0.9) + Math.log(0.4) + Math.log(0.8)) / 3, within(1e-6));
        assertThat(metrics.confusion()).containsExactly(List.of(1L, 1L), List.of(0L, 1L));
        assertThat(metrics.perClass())
                .containsExactly(
                        new Metrics.ClassMetrics("cat", 2, 1.0, 0.5, 2.0 / 3),
                        new Metrics.ClassMetrics("dog", 1, 0.5, 1.0, 2.0 / 3));
        // One example in each of three bins: |1 - 0.9|, |0 - 0.6| and |1 - 0.8|, each with weight 1/3.
        assertThat(metrics.calibrationError()).isCloseTo((0.1 + 0.6 + 0.2) / 3, within(1e-6));
    }

    @Test
    void macroMeansCountEachClassThatHasExamplesTheSame() {
        Tally tally = new Tally(3);
        for (int i = 0; i < 8; i++) {
            tally.add(0, new float[] {0.9f, 0.1f, 0}, 0);
        }
        tally.add(1, new float[] {0.9f, 0.1f, 0}, 0);
        tally.add(1, new float[] {0.1f, 0.9f, 0}, 0);

        Metrics metrics = tally.metrics(List.of("cat", "dog", "none"));

        assertThat(metrics.macroRecall()).isCloseTo((1 + 0.5) / 2, within(1e-12));
        assertThat(metrics.macroF1()).isCloseTo((16.0 / 17 + 2.0 / 3) / 2, within(1e-12));
    }

    @Test
    void topFiveLooksAtTheFiveMostProbable() {
        float[] probabilities = {0.30f, 0.25f, 0.20f, 0.10f, 0.08f, 0.07f};
        Tally tally = new Tally(6);
        tally.add(4, probabilities, 0);
        tally.add(5, probabilities, 0);

        assertThat(tally.metrics(List.of("a", "b", "c", "d", "e", "f")).top5Accuracy())
                .isEqualTo(0.5);
    }

    @Test
    void partsAddUpToTheWhole() {
        Tally whole = new Tally(2);
        Tally left = new Tally(2);
        Tally right = new Tally(2);
        for (int i = 0; i < 20; i++) {
            float p = (i + 1) / 21f;
            whole.add(i % 2, new float[] {p, 1 - p}, 0);
            (i < 7 ? left : right).add(i % 2, new float[] {p, 1 - p}, 0);
        }
        left.add(right);

        assertThat(left.metrics(NAMES).confusion())
                .isEqualTo(whole.metrics(NAMES).confusion());
        assertThat(left.metrics(NAMES).loss()).isCloseTo(whole.metrics(NAMES).loss(), within(1e-12));
        assertThat(left.metrics(NAMES).calibrationError())
                .isCloseTo(whole.metrics(NAMES).calibrationError(), within(1e-12));
    }

    @Test
    void aCertainMistakeCostsMuchButNotInfinitelyMuch() {
        Tally tally = new Tally(2);
        tally.add(0, new float[] {0f, 1f}, 0);

        assertThat(tally.metrics(NAMES).loss()).isFinite().isGreaterThan(30);
    }
}
