package org.convoy.train;

import java.util.ArrayList;
import java.util.List;
import org.convoy.evaluate.Metrics;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class EarlyStoppingTest {
    @Test
    void endsAfterAsManyEpochsWithoutAnImprovement() {
        EarlyStopping rule = new EarlyStopping(ValidationMetric.MACRO_F1, 2, 0);

        assertThat(endings(rule, 0.5, 0.4, 0.6, 0.6, 0.5)).containsExactly(false, false, false, false, true);
    }

    @Test
    void aLossImprovesWhereItFalls() {
        EarlyStopping rule = new EarlyStopping(ValidationMetric.LOSS, 1, 0);

        assertThat(endings(rule, 3, 2, 1, 1.5)).containsExactly(false, false, false, true);
    }

    @Test
    void aChangeUpToTheMinimumIsNoImprovementAndManySmallOnesAddUp() {
        EarlyStopping rule = new EarlyStopping(ValidationMetric.ACCURACY, 2, 0.25);

        assertThat(endings(rule, 0.25, 0.5, 0.5)).containsExactly(false, false, true);
        assertThat(endings(rule, 0.25, 0.4, 0.6, 0.7)).containsExactly(false, false, false, false);
    }

    @Test
    void aMetricThatIsNoNumberIsNoImprovement() {
        EarlyStopping rule = new EarlyStopping(ValidationMetric.ACCURACY, 2, 0);

        assertThat(endings(rule, Double.NaN, 0.1, Double.NaN, Double.NaN)).containsExactly(false, false, false, true);
        assertThat(endings(rule, Double.NaN, Double.NaN)).containsExactly(false, true);
    }

    @Test
    void withoutPatienceItNeverEnds() {
        EarlyStopping rule = new EarlyStopping(ValidationMetric.ACCURACY, 0, 0);

        assertThat(endings(rule, 0.5, 0.4, 0.3, 0.2)).containsOnly(false);
    }

    @Test
    void refusesNumbersOutOfRange() {
        assertThatThrownBy(() -> new EarlyStopping(ValidationMetric.ACCURACY, -1, 0))
                .hasMessage("train.early-stopping.patience-epochs must be at least 0 but was -1");
        assertThatThrownBy(() -> new EarlyStopping(ValidationMetric.ACCURACY, 1, Double.NaN))
                .hasMessage("train.early-stopping.minimum-change must be at least 0 but was NaN");
    }

    @Test
    void theMetricDecidesWhichEpochIsTheBest() {
        Metrics sure = metrics(0.8, 0.3, 0.5);
        Metrics accurate = metrics(0.9, 0.4, 0.4);

        assertThat(ValidationMetric.ACCURACY.better(accurate, sure)).isTrue();
        assertThat(ValidationMetric.LOSS.better(accurate, sure)).isFalse();
        assertThat(ValidationMetric.MACRO_F1.better(accurate, sure)).isFalse();
        assertThat(ValidationMetric.TOP_5_ACCURACY.better(accurate, sure)).isFalse();
    }

    @Test
    void ofEqualEpochsTheOneWithTheLowerLossIsTheBest() {
        assertThat(ValidationMetric.ACCURACY.better(metrics(0.8, 0.3, 0), metrics(0.8, 0.4, 0)))
                .isTrue();
        assertThat(ValidationMetric.ACCURACY.better(metrics(0.8, 0.4, 0), metrics(0.8, 0.4, 0)))
                .isFalse();
    }

    @Test
    void aNumberIsBetterThanNoNumber() {
        assertThat(ValidationMetric.ACCURACY.better(metrics(0.1, 9, 0), metrics(Double.NaN, 0, 0)))
                .isTrue();
        assertThat(ValidationMetric.ACCURACY.better(metrics(Double.NaN, 0, 0), metrics(0.1, 9, 0)))
                .isFalse();
    }

    /** Of equal macro F1 and top-5 accuracy. */
    private static Metrics metrics(double accuracy, double loss, double other) {
        return new Metrics(
                1, accuracy, other, loss, 0, List.of(new Metrics.ClassMetrics("cat", 1, 0, 0, other)), List.of());
    }

    /** Whether training ends after each epoch, given the metric's values so far. */
    private static List<Boolean> endings(EarlyStopping rule, double... values) {
        List<EpochReport> epochs = new ArrayList<>();
        List<Boolean> endings = new ArrayList<>();
        for (double value : values) {
            epochs.add(new EpochReport(epochs.size() + 1, 8, 8, 1, 1, 0, 0, 0, value));
            endings.add(rule.endsAfter(epochs));
        }
        return endings;
    }
}
