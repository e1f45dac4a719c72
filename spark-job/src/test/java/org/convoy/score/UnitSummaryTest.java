package org.convoy.score;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.convoy.data.ImageShape;
import org.convoy.inspect.Thumbnail;
import org.convoy.prepare.ImageDecoder.Refused;
import org.convoy.prepare.Reason;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class UnitSummaryTest {
    private static final Thumbnail THUMBNAIL = Thumbnail.of(new ImageShape(1, 2, 2));
    private static final List<String> CLASSES = List.of("a", "b", "c");

    @Test
    void isReadAsItWasWritten() throws IOException {
        UnitSummary summary = summary(answers(100));

        UnitSummary read = UnitSummary.fromJson(summary.toJson(), 3);

        assertThat(read.pictures()).isEqualTo(101);
        assertThat(read.labelled()).isEqualTo(99);
        assertThat(read.errors()).containsExactlyEntriesOf(java.util.Map.of("truncated", 1L));
        assertThat(read.tally().metrics(CLASSES)).isEqualTo(summary.tally().metrics(CLASSES));
        assertThat(ids(read)).isEqualTo(ids(summary)).hasSize(UnitSummary.WRONG_KEPT);
        assertThat(read.wrong().get(0).thumbnail())
                .isEqualTo(summary.wrong().get(0).thumbnail());
    }

    @Test
    void keepsTheSurestMistakesHoweverTheyAreSplitAmongUnits() {
        List<Answer> answers = answers(200);
        UnitSummary whole = summary(answers);
        Collections.shuffle(answers, new Random(2));

        UnitSummary added = new UnitSummary(3);
        for (int from = 0; from < answers.size(); from += 10) {
            added.add(summary(answers.subList(from, Math.min(from + 10, answers.size()))));
        }

        assertThat(ids(added)).isEqualTo(ids(whole));
        assertThat(added.wrong()).allMatch(wrong -> wrong.predicted() != wrong.label());
        assertThat(added.pictures()).isEqualTo(whole.pictures());
    }

    private static List<String> ids(UnitSummary summary) {
        return summary.wrong().stream().map(WrongPicture::id).toList();
    }

    private static UnitSummary summary(List<Answer> answers) {
        UnitSummary summary = new UnitSummary(3);
        answers.forEach(answer -> summary.add(answer, THUMBNAIL));
        return summary;
    }

    /** One without a label, and one more that could not be decoded. */
    private static List<Answer> answers(int count) {
        Random random = new Random(1);
        List<Answer> answers = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            float first = random.nextInt(11) / 10f;
            float second = (1 - first) * random.nextFloat();
            answers.add(new Answer(
                    new Picture("p" + i, i == 0 ? Picture.UNKNOWN : i % 3, 4, null),
                    new byte[] {1, 2, 3, (byte) i},
                    new float[] {first, second, 1 - first - second},
                    null,
                    null));
        }
        answers.add(Answer.refused(new Picture("bad", 1, 4, null), new Refused(Reason.TRUNCATED, "ends")));
        return answers;
    }
}
