package org.convoy.data;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.function.Consumer;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.hadoop.ParquetReader;
import org.convoy.runtime.UserError;

/**
 * Reads rows of one split on an executor, straight from Parquet and one at a time. The order is that of the manifest's
 * files and of the rows inside each: content-hash order, so neighbours are unrelated pictures.
 */
public final class ExampleReader {
    private ExampleReader() {}

    /**
     * Passes rows {@code from} (inclusive) to {@code to} (exclusive) to {@code consumer}. Files outside of the range are not
     * opened.
     *
     * @param dataset the dataset's directory
     * @param files the split's files as the manifest lists them
     * @throws UserError (bad input) if a file is missing, shorter than the manifest says, or not Parquet
     */
    public static void read(
            Configuration hadoop,
            String dataset,
            List<Manifest.DataFile> files,
            long from,
            long to,
            Consumer<Example> consumer) {
        long rows = files.stream().mapToLong(Manifest.DataFile::rows).sum();
        if (from < 0 || from > to || to > rows) {
            throw new IllegalArgumentException(
                    "rows must be a range within [0, " + rows + ") but was [" + from + ", " + to + ")");
        }
        long first = 0;
        for (Manifest.DataFile file : files) {
            long begin = Math.max(from - first, 0);
            long end = Math.min(to - first, file.rows());
            if (begin < end) {
                readFile(hadoop, new Path(dataset, file.path()), file.rows(), begin, end, consumer);
            }
            first += file.rows();
        }
    }

    private static void readFile(
            Configuration hadoop, Path path, long rows, long begin, long end, Consumer<Example> consumer) {
        try (ParquetReader<Example> reader = open(hadoop, path)) {
            for (long row = 0; row < end; row++) {
                Example example = next(reader, path);
                if (example == null) {
                    throw UserError.badInput("[" + path + "] has " + row + " rows but the manifest says " + rows
                            + "; prepare the dataset again");
                }
                if (row >= begin) {
                    consumer.accept(example);
                }
            }
        } catch (FileNotFoundException e) {
            throw UserError.badInput(
                    "[" + path + "] is missing though the manifest lists it; prepare the dataset again", e);
        } catch (IOException e) {
            throw new UncheckedIOException("[" + path + "] Cannot read: " + e.getMessage(), e);
        }
    }

    private static ParquetReader<Example> open(Configuration hadoop, Path path) throws IOException {
        return ParquetReader.builder(new ExampleReadSupport(), path)
                .withConf(hadoop)
                .build();
    }

    /** The next row, or null at the end of the file. Parquet answers damage with many kinds of RuntimeException. */
    private static Example next(ParquetReader<Example> reader, Path path) throws IOException {
        try {
            return reader.read();
        } catch (RuntimeException e) {
            throw UserError.badInput("[" + path + "] is not readable Parquet: " + e.getMessage(), e);
        }
    }
}
