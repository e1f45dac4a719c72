package org.convoy.model;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

class ScheduleTest {
    @ParameterizedTest
    @CsvSource({
        "constant, 1, 1, 1, 1",
        "step, 1, 1, 0.1, 0.001", // every 0.3
        "cosine, 1, 0.853553390593, 0.5, 0",
        "one-cycle, 0.1, 0.6, 0.9, 0.001",
        "polynomial, 1, 0.5625, 0.25, 0", // squared
    })
    void goesFromStartOverAQuarterAndHalfToTheEnd(String name, double start, double quarter, double half, double end) {
        Schedule schedule = named(name, 0);

        assertThat(schedule.rate(0.2, 0)).isCloseTo(0.2 * start, within(1e-12));
        assertThat(schedule.rate(0.2, 0.25)).isCloseTo(0.2 * quarter, within(1e-12));
        assertThat(schedule.rate(0.2, 0.5)).isCloseTo(0.2 * half, within(1e-12));
        assertThat(schedule.rate(0.2, 1)).isCloseTo(0.2 * end, within(1e-12));
    }

    @ParameterizedTest
    @CsvSource({"constant, 1, 1", "step, 1, 0.001", "cosine, 1, 0", "one-cycle, 0.1, 0.001", "polynomial, 1, 0"})
    void warmsUpOnALineToWhereTheScheduleBegins(String name, double start, double end) {
        Schedule schedule = named(name, 0.2);

        assertThat(schedule.rate(2, 0)).isZero();
        assertThat(schedule.rate(2, 0.1)).isCloseTo(2 * start / 2, within(1e-12));
        assertThat(schedule.rate(2, 0.2)).isCloseTo(2 * start, within(1e-12));
        assertThat(schedule.rate(2, 0.6)).isCloseTo(named(name, 0).rate(2, 0.5), within(1e-12));
        assertThat(schedule.rate(2, 1)).isCloseTo(2 * end, within(1e-12));
    }

    @ParameterizedTest
    @CsvSource({"0.19, 1", "0.2, 0.5", "0.59, 0.25", "0.6, 0.125", "1, 0.03125"})
    void stepFallsAtEachShareOfTheTraining(double progress, double expected) {
        assertThat(new Schedule.Step(0.2, 0.5).share(progress)).isEqualTo(expected);
    }

    @Test
    void oneCycleIsHighestBeforeTheMiddleAndKeepsATenthForTheEnd() {
        Schedule schedule = new Schedule.OneCycle();

        assertThat(schedule.share(0.45)).isEqualTo(1);
        assertThat(schedule.share(0.9)).isCloseTo(0.1, within(1e-12));
    }

    @Test
    void namesWhatIsOutOfRange() {
        assertThatThrownBy(() -> named("linear", 0))
                .hasMessage(
                        "train.optimiser.schedule.name must be one of [constant, step, cosine, one-cycle, polynomial]"
                                + " but was 'linear'");
        assertThatThrownBy(() -> named("cosine", 1))
                .hasMessage("train.optimiser.schedule.warm-up must be in [0, 1) but was 1.0");
        assertThatThrownBy(() -> new Schedule.Step(0, 0.1))
                .hasMessage("train.optimiser.schedule.step-every must be in (0, 1] but was 0.0");
        assertThatThrownBy(() -> new Schedule.Step(0.3, 1.5))
                .hasMessage("train.optimiser.schedule.step-factor must be in (0, 1] but was 1.5");
        assertThatThrownBy(() -> new Schedule.Polynomial(Double.NaN))
                .hasMessage("train.optimiser.schedule.power must be above 0 but was NaN");
    }

    private static Schedule named(String name, double warmUp) {
        return Schedule.named(name, warmUp, 0.3, 0.1, 2);
    }
}
