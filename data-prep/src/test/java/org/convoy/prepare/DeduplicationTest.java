package org.convoy.prepare;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.convoy.data.Split;
import org.convoy.prepare.Outcome.Duplicate;
import org.convoy.prepare.Outcome.Known;
import org.convoy.prepare.Outcome.Origin;
import org.convoy.prepare.Outcome.Picture;
import org.convoy.prepare.Outcome.Rejected;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class DeduplicationTest {
    @Test
    void keepsTheFirstOfEqualBytes() {
        assertThat(decide(
                        picture("b", 0, Split.TRAIN, 5),
                        picture("a", 0, Split.TRAIN, 5),
                        picture("c", 1, Split.TRAIN, 6)))
                .containsExactly("Picture a", "Duplicate b of one in train", "Picture c");
    }

    @Test
    void prefersTestToValidationToTrain() {
        assertThat(decide(
                        picture("a", 0, Split.TRAIN, 5),
                        picture("b", 0, Split.VALIDATION, 5),
                        picture("c", 0, Split.TEST, 5)))
                .containsExactly("Picture c", "Duplicate b of one in test", "Duplicate a of one in test");
    }

    @Test
    void rejectsAllOfTheSameBytesUnderTwoLabels() {
        assertThat(decide(
                        picture("a", 0, Split.TRAIN, 5),
                        picture("b", 0, Split.TRAIN, 5),
                        picture("c", 1, Split.TRAIN, 5),
                        picture("d", 1, Split.TRAIN, 6)))
                .containsExactly(
                        "Rejected a: the same bytes as c under another label",
                        "Rejected b: the same bytes as c under another label",
                        "Rejected c: the same bytes as a under another label",
                        "Picture d");
    }

    @Test
    void leavesWhatTheDatasetHoldsAndTakesNoSecondOne() {
        assertThat(decide(
                        picture("z", 0, Split.TEST, 5),
                        new Known(picture("known", 0, Split.TRAIN, 5).origin()),
                        picture("a", 0, Split.TRAIN, 5),
                        picture("b", 1, Split.TRAIN, 5),
                        new Known(picture("alone", 1, Split.TRAIN, 6).origin()),
                        picture("c", 1, Split.TRAIN, 7)))
                .containsExactly(
                        "Duplicate z of one in train",
                        "Duplicate a of one in train",
                        "Rejected b: the same bytes as known under another label",
                        "Picture c");
    }

    @Test
    void givesNothingOfADatasetWithoutNewPictures() {
        assertThat(decide(new Known(picture("a", 0, Split.TRAIN, 5).origin()))).isEmpty();
        assertThat(decide()).isEmpty();
    }

    @Test
    void passesEveryRejectionOn() {
        Rejected first = new Rejected(picture("a", 0, Split.TRAIN, 5).origin(), Reason.TRUNCATED, "cut");
        Rejected second = new Rejected(picture("b", 1, Split.TRAIN, 5).origin(), Reason.TRUNCATED, "cut");

        assertThat(decide(first, second)).containsExactly("Rejected a: cut", "Rejected b: cut");
    }

    private static List<String> decide(Outcome... outcomes) {
        List<String> decided = new ArrayList<>();
        new Deduplication(Stream.of(outcomes)
                        .sorted(Comparator.comparing(outcome -> ContentKey.of(outcome.origin())))
                        .iterator())
                .forEachRemaining(outcome -> decided.add(inWords(outcome)));
        return decided;
    }

    private static String inWords(Outcome outcome) {
        String id = outcome.origin().id();
        if (outcome instanceof Rejected rejected) {
            return "Rejected " + id + ": " + rejected.detail();
        }
        if (outcome instanceof Duplicate duplicate) {
            return "Duplicate " + id + " of one in " + duplicate.keptIn().label();
        }
        return "Picture " + id;
    }

    private static Picture picture(String id, int label, Split split, int content) {
        return new Picture(new Origin(id, label, split, 1, new byte[] {(byte) content}), 1, 1, new byte[] {0});
    }
}
