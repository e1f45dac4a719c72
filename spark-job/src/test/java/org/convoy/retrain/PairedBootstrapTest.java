package org.convoy.retrain;

import java.util.List;
import org.convoy.evaluate.Comparison.Answers;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

class PairedBootstrapTest {
    /** Where classes are of one size, macro recall is accuracy, and the two tests ask the same. */
    @Test
    void agreesWithMcNemarOnClassesOfOneSize() {
        List<Answers> answers = List.of(
                new Answers(0, 0, 0, true, 960),
                new Answers(0, 0, 1, true, 25),
                new Answers(0, 1, 0, true, 15),
                new Answers(1, 1, 1, true, 960),
                new Answers(1, 1, 0, true, 25),
                new Answers(1, 0, 1, true, 15));

        assertThat(PairedBootstrap.worse(GateMetric.MACRO_RECALL, answers, 2, 1))
                .isCloseTo(McNemar.worse(50, 30), within(0.015));
    }

    @Test
    void equalAnswersAreNeverWorse() {
        List<Answers> answers =
                List.of(new Answers(0, 0, 0, true, 50), new Answers(1, 0, 0, true, 5), new Answers(1, 1, 1, true, 5));

        assertThat(PairedBootstrap.worse(GateMetric.MACRO_F1, answers, 2, 1)).isEqualTo(1);
    }

    /** Two of a hundred pictures are a fifth of the small class: accuracy hardly sees it. */
    @Test
    void seesARareClassThatIsLost() {
        List<Answers> answers =
                List.of(new Answers(0, 0, 0, true, 900), new Answers(1, 1, 1, true, 5), new Answers(1, 1, 0, true, 15));

        assertThat(PairedBootstrap.worse(GateMetric.MACRO_RECALL, answers, 2, 1))
                .isLessThan(0.01);
        assertThat(PairedBootstrap.worse(GateMetric.MACRO_F1, answers, 2, 1)).isLessThan(0.01);
    }

    @Test
    void theSameSeedGivesTheSame() {
        List<Answers> answers =
                List.of(new Answers(0, 0, 1, true, 20), new Answers(1, 0, 1, true, 18), new Answers(1, 1, 1, true, 70));

        assertThat(PairedBootstrap.worse(GateMetric.MACRO_F1, answers, 2, 3))
                .isEqualTo(PairedBootstrap.worse(GateMetric.MACRO_F1, answers, 2, 3));
    }
}
