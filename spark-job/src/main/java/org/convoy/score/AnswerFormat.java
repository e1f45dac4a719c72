package org.convoy.score;

import java.io.IOException;
import java.io.OutputStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.convoy.runtime.AtomicFiles;

/** How answers are written. */
public enum AnswerFormat {
    PARQUET("parquet", ".parquet"),
    CSV("csv", ".csv"),
    /** An object a line. */
    JSON("json", ".json");

    private final String label;
    private final String ending;

    AnswerFormat(String label, String ending) {
        this.label = label;
        this.ending = ending;
    }

    public String label() {
        return label;
    }

    /** Of a file's name. */
    String ending() {
        return ending;
    }

    /** Creates a file. */
    AnswerFile create(Configuration hadoop, Path file, AnswerRow.Columns columns) throws IOException {
        OutputStream out = AtomicFiles.at(hadoop, file).create(file);
        return switch (this) {
            case PARQUET -> new ParquetAnswers(hadoop, out, columns);
            case CSV -> new CsvAnswers(out, columns);
            case JSON -> new JsonAnswers(out, columns);
        };
    }

    /** Counts the rows of a whole file. */
    long rows(Configuration hadoop, Path file) throws IOException {
        return switch (this) {
            case PARQUET -> ParquetAnswers.rows(hadoop, file);
            case CSV -> CsvAnswers.rows(file.getFileSystem(hadoop).open(file));
            case JSON -> JsonAnswers.rows(file.getFileSystem(hadoop).open(file));
        };
    }
}
