package org.convoy.train;

import org.convoy.model.Schedule;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class AveragingPeriodTest {
    private static final Schedule COSINE = new Schedule.Cosine();

    @Test
    void fixedStays() {
        AveragingPeriod period = AveragingPeriod.named("fixed", 8, 0.5, COSINE);

        assertThat(period.batches(0)).isEqualTo(8);
        assertThat(period.batches(1)).isEqualTo(8);
    }

    @Test
    void postLocalAveragesEachBatchFirst() {
        AveragingPeriod period = AveragingPeriod.named("post-local", 8, 0.25, COSINE);

        assertThat(period.batches(0.2)).isEqualTo(1);
        assertThat(period.batches(0.25)).isEqualTo(8);
    }

    @Test
    void inverseSquareGrowsAsTheRateFalls() {
        AveragingPeriod period = AveragingPeriod.named("inverse-square", 8, 0.5, COSINE);

        assertThat(period.batches(0)).isEqualTo(8);
        // A cosine is at its half in the middle, and 1 / 0.5² = 4.
        assertThat(period.batches(0.5)).isBetween(31, 33);
        assertThat(period.batches(1)).isEqualTo(Integer.MAX_VALUE);
    }

    @Test
    void inverseSquareTakesNoWarmUpForAFall() {
        AveragingPeriod warmed = AveragingPeriod.named("inverse-square", 8, 0.5, new Schedule.WarmUp(0.2, COSINE));
        AveragingPeriod cycle = AveragingPeriod.named("inverse-square", 8, 0.5, new Schedule.OneCycle());

        assertThat(warmed.batches(0)).isEqualTo(8);
        assertThat(warmed.batches(0.1)).isEqualTo(8);
        assertThat(warmed.batches(0.6)).isBetween(31, 33);
        assertThat(cycle.batches(0)).isEqualTo(8);
        assertThat(cycle.batches(0.9)).isBetween(799, 800);
    }

    @Test
    void refusesWhatIsNoPeriod() {
        assertThatThrownBy(() -> AveragingPeriod.named("often", 8, 0.5, COSINE))
                .hasMessage(
                        "train.averaging-period-rule must be one of [fixed, post-local, inverse-square] but was 'often'");
        assertThatThrownBy(() -> AveragingPeriod.named("fixed", 0, 0.5, COSINE))
                .hasMessage("train.averaging-period-batches must be at least 1 but was 0");
        assertThatThrownBy(() -> AveragingPeriod.named("post-local", 8, 1, COSINE))
                .hasMessage("train.averaging-period-post-local-from must be above 0 and below 1 but was 1.0");
    }
}
