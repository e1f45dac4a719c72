package org.convoy.score;

import java.io.Closeable;
import java.io.IOException;

/** A file of rows that is being written. */
sealed interface AnswerFile extends Closeable permits ParquetAnswers, CsvAnswers, JsonAnswers {
    void write(AnswerRow row) throws IOException;
}
