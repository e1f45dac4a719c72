package org.convoy.score;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.convoy.prepare.PictureUnits.Unit;
import org.convoy.runtime.ExitCode;
import org.convoy.runtime.UserError;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class ScorePlanTest {
    private static final List<Unit> UNITS = List.of(new Unit("part 0", 10), new Unit("part 1", 7));

    private final ScorePlan plan = new ScorePlan(Map.of("score.model", "pets@4"), UNITS);

    @Test
    void isReadAsItWasWritten() {
        ScorePlan read = ScorePlan.fromJson(plan.toJson(), "out");

        assertThat(read).isEqualTo(plan);
        assertThat(read.pictures()).isEqualTo(17);
        plan.requireSame(read, "out");
    }

    @Test
    void namesBothValuesOfASettingThatChanged() {
        ScorePlan recorded = new ScorePlan(Map.of("score.model", "pets@3"), UNITS);

        assertThatThrownBy(() -> plan.requireSame(recorded, "out"))
                .isInstanceOfSatisfying(
                        UserError.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.USAGE))
                .hasMessage("[out] belongs to another run: score.model was 'pets@3' and is 'pets@4'; give another"
                        + " score.output, or the same setting to go on with it");
    }

    @Test
    void refusesAnInputThatChanged() {
        ScorePlan fewer = new ScorePlan(plan.settings(), UNITS.subList(0, 1));
        ScorePlan other = new ScorePlan(plan.settings(), List.of(UNITS.get(0), new Unit("part 1", 8)));

        assertThatThrownBy(() -> plan.requireSame(fewer, "out"))
                .isInstanceOfSatisfying(
                        UserError.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.BAD_INPUT))
                .hasMessage("[out] belongs to an input of 10 pictures that has changed since and has 17: it had 1 units"
                        + " and has 2; score it as it is now into another score.output");
        assertThatThrownBy(() -> plan.requireSame(other, "out"))
                .hasMessageContaining("unit 1 was part 1 (8 pictures) and is part 1 (7 pictures)");
    }

    @Test
    void refusesWhatIsNoPlan() {
        for (String json : List.of("", "{", "{}", "[]", "{\"formatVersion\":2,\"settings\":{},\"units\":[]}")) {
            assertThatThrownBy(() -> ScorePlan.fromJson(json.getBytes(StandardCharsets.UTF_8), "out"))
                    .as(json)
                    .isInstanceOf(UserError.class)
                    .hasMessageStartingWith("[out/_plan.json] ");
        }
    }
}
