package org.convoy.score;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.convoy.data.ImageShape;
import org.convoy.model.Classifier;
import org.convoy.model.ModelArchive;
import org.convoy.prepare.ImageDecoder;
import org.convoy.prepare.Reason;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class AnswersTest {
    private static ModelArchive model;

    @BeforeAll
    static void makeModel() {
        model = SmallModel.of(10, 7, SmallModel.PREPARATION);
    }

    @Test
    void answersForEachPictureInTheirOrderWhateverTheBatches() {
        List<Picture> pictures =
                IntStream.range(0, 23).mapToObj(AnswersTest::pixels).toList();
        Classifier alone = model.classifier();

        for (int batchSize : new int[] {1, 5, 23, 64}) {
            List<Answer> answers = all(answers(pictures.iterator(), null, "", batchSize));

            assertThat(answers).extracting(answer -> answer.picture().id()).containsExactlyElementsOf(ids(pictures));
            for (int i = 0; i < answers.size(); i++) {
                float[] expected = alone.probabilities(pictures.get(i).content(), 1);
                assertThat(answers.get(i).probabilities()).containsExactly(expected, offset());
                assertThat(answers.get(i).pixels()).isEqualTo(pictures.get(i).content());
                assertThat(answers.get(i).embedding()).isNull();
            }
        }
    }

    @Test
    void pictureThatCannotBeDecodedIsAnAnswerWithItsReason() {
        ImageDecoder decoder = ImageDecoder.as(
                SmallModel.PREPARATION, new ImageShape(1, 28, 28), new ImageDecoder.Limits(1000, 1_000_000, 60));
        List<Picture> pictures = List.of(
                new Picture("empty", Picture.UNKNOWN, 0, new byte[0]),
                new Picture("unread", 3, 5000, null),
                new Picture("text", Picture.UNKNOWN, 4, new byte[] {1, 2, 3, 4}));

        List<Answer> answers = all(answers(pictures.iterator(), decoder, "", 2));

        assertThat(answers)
                .extracting(answer -> answer.error().reason())
                .containsExactly(Reason.EMPTY_FILE, Reason.TOO_LARGE, Reason.UNKNOWN_FORMAT);
        assertThat(answers).noneMatch(Answer::isPrediction);
        assertThat(answers.get(1).picture().label()).isEqualTo(3);
        assertThat(answers.get(1).error().detail()).isEqualTo("5000 bytes, more than 1000");
    }

    @Test
    void givesTheEmbeddingOfALayer() {
        List<Picture> pictures =
                IntStream.range(0, 7).mapToObj(AnswersTest::pixels).toList();
        String last = lastLayer();

        List<Answer> answers = all(answers(pictures.iterator(), null, last, 4));

        assertThat(answers).allSatisfy(answer -> assertThat(answer.embedding()).isEqualTo(answer.probabilities()));
    }

    @Test
    void holdsFiveBatchesAtMostHoweverManyPicturesThereAre() {
        AtomicInteger taken = new AtomicInteger();
        Iterator<Picture> endless = new Iterator<>() {
            @Override
            public boolean hasNext() {
                return true;
            }

            @Override
            public Picture next() {
                return pixels(taken.getAndIncrement());
            }
        };

        try (Answers answers = answers(endless, null, "", 5)) {
            for (int given = 1; given <= 100; given++) {
                answers.next();
                assertThat(taken.get() - given).isLessThan(5 * 5);
            }
        }
    }

    @Test
    void tasksSideBySideLoadTheModelOnceAndLeaveTheirSeatsToTheNext() {
        AtomicInteger loaded = new AtomicInteger();
        byte[] zip = SmallModel.of(3, 8, SmallModel.PREPARATION).zip();
        ResidentModel.Seat one = seat("one", loaded, zip);
        ResidentModel.Seat two = seat("one", loaded, zip);

        assertThat(two).isNotSameAs(one);
        one.close();
        assertThat(seat("one", loaded, zip)).isSameAs(one);
        assertThat(loaded).hasValue(1);
        one.close();
        two.close();
    }

    @Test
    void keepsTheModelsThatWereUsedLastAndAllThatAreInUse() {
        AtomicInteger loaded = new AtomicInteger();
        byte[] zip = SmallModel.of(3, 9, SmallModel.PREPARATION).zip();
        try (ResidentModel.Seat used = seat("used", loaded, zip)) {
            for (String digest : List.of("a", "b", "c")) {
                seat(digest, loaded, zip).close();
            }
            assertThat(loaded).hasValue(4);
            seat("used", loaded, zip).close();
            seat("c", loaded, zip).close();
            seat("b", loaded, zip).close();
            assertThat(loaded).hasValue(4);
            seat("a", loaded, zip).close();
            assertThat(loaded).hasValue(5);
            assertThat(used.card().classes()).hasSize(3);
        }
    }

    @Test
    void whatGoesWrongInTheNetworkIsThrownWhereTheAnswerIsTaken() {
        Picture tooSmall = new Picture("small", Picture.UNKNOWN, 3, new byte[3]);
        try (Answers answers = answers(List.of(tooSmall).iterator(), null, "", 4)) {
            assertThatThrownBy(answers::next).isInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void answersPartByPartAndReadsAheadIntoTheNext() {
        AtomicInteger taken = new AtomicInteger();
        List<Picture> first =
                IntStream.range(0, 3).mapToObj(AnswersTest::pixels).toList();
        List<Picture> last = IntStream.range(3, 9).mapToObj(AnswersTest::pixels).toList();
        Iterator<Picture> watched =
                last.stream().peek(picture -> taken.incrementAndGet()).iterator();
        Iterator<Iterator<Picture>> parts = Stream.of(
                        first.iterator(),
                        Collections.<Picture>emptyIterator(),
                        watched,
                        Collections.<Picture>emptyIterator())
                .iterator();

        try (Answers answers = inParts(parts, 4)) {
            List<List<String>> given = new ArrayList<>();
            while (answers.nextPart()) {
                given.add(ids(all(answers).stream().map(Answer::picture).toList()));
                assertThat(taken).as("taken with the first part's answers").hasValueGreaterThan(0);
            }
            assertThat(given).containsExactly(ids(first), List.of(), ids(last), List.of());
        }
    }

    @Test
    void batchIsOfOnePart() {
        Picture tooSmall = new Picture("small", Picture.UNKNOWN, 3, new byte[3]);
        Iterator<Iterator<Picture>> parts = List.of(
                        List.of(pixels(0)).iterator(), List.of(tooSmall).iterator())
                .iterator();

        try (Answers answers = inParts(parts, 4)) {
            answers.nextPart();
            assertThat(all(answers)).hasSize(1);
            answers.nextPart();
            assertThatThrownBy(answers::next).isInstanceOf(IllegalStateException.class);
        }
    }

    private static ResidentModel.Seat seat(String digest, AtomicInteger loaded, byte[] zip) {
        return ResidentModel.seat(digest, "", () -> {
            loaded.incrementAndGet();
            return zip;
        });
    }

    private static Answers answers(Iterator<Picture> pictures, ImageDecoder decoder, String layer, int batchSize) {
        Answers answers = new Answers(
                List.of(pictures).iterator(), decoder, layer, batchSize, ResidentModel.seat("answers", "", model::zip));
        answers.nextPart();
        return answers;
    }

    private static Answers inParts(Iterator<Iterator<Picture>> parts, int batchSize) {
        return new Answers(parts, null, "", batchSize, ResidentModel.seat("answers", "", model::zip));
    }

    private static String lastLayer() {
        var placements = model.classifier().plan().placements();
        return placements.get(placements.size() - 1).layer();
    }

    private static List<Answer> all(Answers answers) {
        List<Answer> all = new ArrayList<>();
        answers.forEachRemaining(all::add);
        return all;
    }

    private static List<String> ids(List<Picture> pictures) {
        return pictures.stream().map(Picture::id).toList();
    }

    private static org.assertj.core.data.Offset<Float> offset() {
        return org.assertj.core.data.Offset.offset(1e-5f);
    }

    private static Picture pixels(int number) {
        byte[] pixels = new byte[SmallModel.SHAPE.size()];
        new Random(number).nextBytes(pixels);
        return new Picture("picture-" + number, number % 10, pixels.length, Arrays.copyOf(pixels, pixels.length));
    }
}
