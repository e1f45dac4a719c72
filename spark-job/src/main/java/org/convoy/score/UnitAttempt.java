package org.convoy.score;

import java.io.IOException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.io.IOUtils;
import org.convoy.inspect.Thumbnail;
import org.convoy.runtime.UserError;

/** Writes a unit's answers into a file of its own, which becomes the unit's when all are there. */
final class UnitAttempt {
    private final Configuration hadoop;
    private final OutputFiles files;
    private final AnswerRow.Columns columns;
    private final Thumbnail thumbnail;
    private final int unit;
    private final long expected;
    private final Path path;
    private final AnswerFile file;
    private final UnitSummary summary;

    /**
     * Creates the file.
     *
     * @param expected the pictures that the plan has of the unit
     */
    UnitAttempt(
            Configuration hadoop,
            OutputFiles files,
            AnswerRow.Columns columns,
            Thumbnail thumbnail,
            int unit,
            long expected)
            throws IOException {
        this.hadoop = hadoop;
        this.files = files;
        this.columns = columns;
        this.thumbnail = thumbnail;
        this.unit = unit;
        this.expected = expected;
        this.path = files.attempt(unit);
        this.file = files.format().create(hadoop, path, columns);
        this.summary = new UnitSummary(columns.classes().size());
    }

    void write(Answer answer) throws IOException {
        file.write(columns.row(answer));
        summary.add(answer, thumbnail);
    }

    /**
     * Makes the file the unit's.
     *
     * @throws UserError (bad input) if the unit had not the pictures that were counted
     */
    void commit() throws IOException {
        file.close();
        if (summary.pictures() != expected) {
            throw UserError.badInput("[" + files.file(unit) + "] unit " + unit + " had " + expected
                    + " pictures when they were counted and " + summary.pictures()
                    + " when they were scored: the input must not change meanwhile");
        }
        files.commit(hadoop, unit, path, summary.toJson());
    }

    /** Gives a full disk room for the next attempt; {@code failure} stays the error that is reported. */
    void abandon(Exception failure) {
        // After a failure HDFS throws the same exception object from close again, which must not hide it.
        IOUtils.closeStream(file);
        try {
            path.getFileSystem(hadoop).delete(path, false);
        } catch (IOException e) {
            failure.addSuppressed(e);
        }
    }
}
