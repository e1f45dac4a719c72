package org.convoy.score;

import java.io.IOException;
import java.util.Iterator;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.io.IOUtils;
import org.apache.spark.api.java.function.Function2;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.LongAccumulator;
import org.apache.spark.util.SerializableConfiguration;
import org.convoy.inspect.Thumbnail;
import org.convoy.prepare.DecodingMarks;
import org.convoy.prepare.Encoded;
import org.convoy.runtime.UserError;

/**
 * Scores one unit, on an executor: streams its pictures through the model into a file beside the output's, and makes that the unit's.
 *
 * <p>On the wire: this object, with the model and the Hadoop configuration as broadcasts; the unit's number comes back.
 *
 * @param units the number of each partition's unit
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
        implements Function2<Integer, Iterator<Encoded>, Iterator<Integer>> {

    @Override
    public Iterator<Integer> call(Integer partition, Iterator<Encoded> pictures) throws IOException {
        Configuration configuration = hadoop.value().value();
        int unit = units[partition];
        if (files.isTriedAgain(configuration, unit)) {
            DecodingMarks.keep(files.marks(unit));
        }
        Path attempt = files.attempt(unit);
        UnitSummary summary = new UnitSummary(columns.classes().size());
        try {
            write(configuration, attempt, pictures, summary);
            if (summary.pictures() != expected[partition]) {
                throw UserError.badInput("[" + files.file(unit) + "] unit " + unit + " had " + expected[partition]
                        + " pictures when they were counted and " + summary.pictures()
                        + " when they were scored: the input must not change meanwhile");
            }
            files.commit(configuration, unit, attempt, summary.toJson());
        } catch (IOException | RuntimeException e) {
            deleteAfter(e, configuration, attempt);
            throw e;
        }
        scored.add(summary.pictures());
        return List.of(unit).iterator();
    }

    private void write(Configuration configuration, Path attempt, Iterator<Encoded> pictures, UnitSummary summary)
            throws IOException {
        try (Answers answers = scorer.answers(asAsked(pictures))) {
            AnswerFile file = files.format().create(configuration, attempt, columns);
            try {
                while (answers.hasNext()) {
                    Answer answer = answers.next();
                    file.write(columns.row(answer));
                    summary.add(answer, thumbnail);
                }
                file.close();
            } finally {
                // After a failure HDFS throws the same exception object from close again, which must not hide it.
                IOUtils.closeStream(file);
            }
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

    /** A full disk gets room for the next attempt; {@code failure} stays the error that is reported. */
    private static void deleteAfter(Exception failure, Configuration hadoop, Path attempt) {
        try {
            attempt.getFileSystem(hadoop).delete(attempt, false);
        } catch (IOException e) {
            failure.addSuppressed(e);
        }
    }
}
