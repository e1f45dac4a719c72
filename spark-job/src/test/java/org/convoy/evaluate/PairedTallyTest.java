package org.convoy.evaluate;

import java.util.List;
import org.convoy.evaluate.Comparison.Answers;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

class PairedTallyTest {
    private static final List<String> NAMES = List.of("cat", "dog", "emu");
    private static final float[] CAT = {0.8f, 0.1f, 0.1f};
    private static final float[] DOG = {0.1f, 0.8f, 0.1f};
    private static final float[] EMU = {0.1f, 0.1f, 0.8f};
    private static final int[] ALL = {0, 1, 2};

    @Test
    void countsPictureByPictureWhoIsRight() {
        PairedTally tally = new PairedTally(3, ALL, ALL);
        tally.add(0, true, CAT, CAT, 0);
        tally.add(0, true, CAT, DOG, 0);
        tally.add(0, false, DOG, CAT, 0);
        tally.add(1, false, CAT, DOG, 0);
        tally.add(2, false, CAT, DOG, 0);

        Comparison comparison = tally.comparison(NAMES);

        assertThat(comparison.answers().stream().filter(Answers::currentAloneRight))
                .containsExactly(new Answers(0, 0, 1, true, 1));
        assertThat(comparison.answers().stream().filter(Answers::candidateAloneRight))
                .containsExactly(new Answers(0, 1, 0, false, 1), new Answers(1, 0, 1, false, 1));
        assertThat(comparison.earlierAnswers())
                .containsExactly(new Answers(0, 0, 0, true, 1), new Answers(0, 0, 1, true, 1));
        assertThat(comparison.current().accuracy()).isCloseTo(2.0 / 5, within(1e-12));
        assertThat(comparison.candidate().accuracy()).isCloseTo(3.0 / 5, within(1e-12));
        assertThat(comparison.answers())
                .containsExactly(
                        new Answers(0, 0, 0, true, 1),
                        new Answers(0, 0, 1, true, 1),
                        new Answers(0, 1, 0, false, 1),
                        new Answers(1, 0, 1, false, 1),
                        new Answers(2, 0, 1, false, 1));
        assertThat(comparison.currentBefore()).containsExactly(2L, 0L, 0L);
        assertThat(comparison.currentNow()).containsExactly(4L, 1L, 0L);
        assertThat(comparison.candidateNow()).containsExactly(2L, 3L, 0L);
    }

    @Test
    void comparesOnClassesThatBothKnowAndJudgesTheCandidateOnAll() {
        PairedTally tally = new PairedTally(3, new int[] {0, 1}, ALL);
        tally.add(0, true, CAT, CAT, 0);
        tally.add(2, false, CAT, EMU, 0);
        tally.add(2, false, DOG, CAT, 0);

        Comparison comparison = tally.comparison(NAMES);

        assertThat(comparison.current().examples()).isEqualTo(1);
        assertThat(comparison.candidate().examples()).isEqualTo(1);
        assertThat(comparison.answers()).containsExactly(new Answers(0, 0, 0, true, 1));
        assertThat(comparison.candidateOnAll().examples()).isEqualTo(3);
        assertThat(comparison.candidateOnAll().perClass().get(2).recall()).isEqualTo(0.5);
    }

    @Test
    void partsAddUpToTheWhole() {
        PairedTally whole = new PairedTally(3, ALL, ALL);
        PairedTally part = new PairedTally(3, ALL, ALL);
        whole.add(0, true, CAT, CAT, 0);
        whole.addTime(10, 1_000_000_000L, 2_000_000_000L);
        part.add(0, true, CAT, CAT, 0);
        part.add(1, false, DOG, EMU, 0);
        part.addTime(20, 2_000_000_000L, 1_000_000_000L);

        whole.add(part);

        Comparison comparison = whole.comparison(NAMES);
        assertThat(comparison.answers()).containsExactly(new Answers(0, 0, 0, true, 2), new Answers(1, 1, 2, false, 1));
        assertThat(comparison.currentBefore()).containsExactly(2L, 0L, 0L);
        assertThat(comparison.candidateNow()).containsExactly(2L, 0L, 1L);
        assertThat(comparison.currentPerSecond()).isCloseTo(10, within(1e-9));
        assertThat(comparison.candidatePerSecond()).isCloseTo(10, within(1e-9));
        assertThat(comparison.candidateOnAll().examples()).isEqualTo(3);
    }
}
