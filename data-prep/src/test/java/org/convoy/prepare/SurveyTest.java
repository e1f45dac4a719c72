package org.convoy.prepare;

import java.util.List;
import org.convoy.data.Split;
import org.convoy.runtime.ExitCode;
import org.convoy.runtime.UserError;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class SurveyTest {
    @Test
    void sortsWholeNumbersByValueAndAllElseByName() {
        assertThat(train("10", "9", "-1", "09").classes("in")).containsExactly("-1", "09", "9", "10");
        assertThat(train("10", "9", "nine").classes("in")).containsExactly("10", "9", "nine");
    }

    @Test
    void addsUpByPartition() {
        Survey survey = train("cat", "dog");
        Survey other = train("cat", "emu");
        other.add(Split.TEST, "cat", 7);

        survey.add(other);

        assertThat(survey.pictures()).isEqualTo(15);
        assertThat(survey.classes("in")).containsExactly("cat", "dog", "emu");
        assertThat(survey.splits()).containsExactly(Split.TRAIN, Split.TEST);
    }

    @Test
    void refusesNothing() {
        assertRefused(new Survey(), "[in] has no picture to train on");
    }

    @Test
    void refusesAClassThatTrainLacks() {
        Survey survey = train("cat", "dog");
        survey.add(Split.VALIDATION, "emu", 1);

        assertRefused(survey, "[in] has class 'emu' in validation but not in train, which has [cat, dog]");
    }

    private static void assertRefused(Survey survey, String message) {
        assertThatThrownBy(() -> survey.classes("in"))
                .isInstanceOfSatisfying(
                        UserError.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.BAD_INPUT))
                .hasMessage(message);
    }

    private static Survey train(String... classes) {
        Survey survey = new Survey();
        List.of(classes).forEach(name -> survey.add(Split.TRAIN, name, 2));
        return survey;
    }
}
