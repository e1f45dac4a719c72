package org.convoy.score;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.NoSuchElementException;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.VoidFunction;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.LongAccumulator;
import org.apache.spark.util.SerializableConfiguration;
import org.convoy.inspect.Thumbnail;
import org.convoy.prepare.DecodingMarks;
import org.convoy.prepare.Encoded;
import org.convoy.prepare.UnitPictures;

/**
 * Scores units one after another, on an executor: streams each one's pictures through the model into a file beside the output's, and
 * makes that the unit's. While a unit's last answers are written the network computes the next one's first.
 *
 * <p>On the wire: this object, with the model and the Hadoop configuration as broadcasts.
 *
 * @param units the number of each unit that is read
 * @param expected the pictures that the plan has of it
 * @param scored counts pictures for the progress
 */
@SuppressWarnings("ArrayRecordComponent") // carried, never compared
record UnitTask(
        Broadcast<SerializableConfiguration> hadoop,
        Scorer scorer,
        OutputFiles files,
        AnswerRow.Columns columns,
        Thumbnail thumbnail,
        int[] units,
        long[] expected,
        LongAccumulator scored)
        implements VoidFunction<Iterator<UnitPictures>> {

    @Override
    public void call(Iterator<UnitPictures> read) throws IOException {
        Configuration configuration = hadoop.value().value();
        Deque<UnitAttempt> begun = new ArrayDeque<>();
        try (Answers answers = scorer.answersInParts(new Parts(read, configuration, begun))) {
            while (answers.nextPart()) {
                UnitAttempt attempt = begun.element();
                while (answers.hasNext()) {
                    attempt.write(answers.next());
                    scored.add(1);
                }
                attempt.commit();
                begun.remove();
            }
        } catch (IOException | RuntimeException e) {
            begun.forEach(attempt -> attempt.abandon(e));
            throw e;
        }
    }

    /** The pictures of each unit that no earlier attempt of this task has finished; that one is asked for them begins an attempt at it. */
    private final class Parts implements Iterator<Iterator<Picture>> {
        private final Iterator<UnitPictures> read;
        private final Configuration configuration;
        private final Deque<UnitAttempt> begun;
        private UnitPictures next; // null: to be found

        Parts(Iterator<UnitPictures> read, Configuration configuration, Deque<UnitAttempt> begun) {
            this.read = read;
            this.configuration = configuration;
            this.begun = begun;
        }

        @Override
        public boolean hasNext() {
            try {
                while (next == null && read.hasNext()) {
                    UnitPictures unit = read.next();
                    if (files.isFinished(configuration, units[unit.place()])) {
                        scored.add(expected[unit.place()]); // by an attempt whose counts are lost
                    } else {
                        next = unit;
                    }
                }
                return next != null;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public Iterator<Picture> next() {
            if (!hasNext()) {
                throw new NoSuchElementException();
            }
            UnitPictures unit = next;
            int number = units[unit.place()];
            next = null;
            try {
                if (files.isTriedAgain(configuration, number)) {
                    DecodingMarks.keep(files.marks(TaskContext.getPartitionId()));
                }
                // Before a picture is decoded: whether a process died over the unit is told by this attempt's file.
                begun.add(new UnitAttempt(configuration, files, columns, thumbnail, number, expected[unit.place()]));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            return asAsked(unit.pictures());
        }
    }

    private static Iterator<Picture> asAsked(Iterator<Encoded> pictures) {
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                return pictures.hasNext();
            }

            @Override
            public Picture next() {
                Encoded encoded = pictures.next();
                return new Picture(encoded.id(), encoded.label(), encoded.bytes(), encoded.content());
            }
        };
    }
}
