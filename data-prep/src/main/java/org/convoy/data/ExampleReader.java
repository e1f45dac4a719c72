package org.convoy.data;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.function.Consumer;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.util.HadoopInputFile;
import org.apache.parquet.io.ColumnIOFactory;
import org.apache.parquet.io.RecordReader;
import org.apache.parquet.schema.MessageType;
import org.convoy.runtime.UserError;

/**
 * Reads rows of one split on an executor, straight from Parquet and one at a time. The order is that of the manifest's
 * files and of the rows inside each: content-hash order, so neighbours are unrelated pictures.
 */
public final class ExampleReader {
    private ExampleReader() {}

    /**
     * Passes rows {@code from} (inclusive) to {@code to} (exclusive) to {@code consumer}. Files outside of the range are not
     * opened, row groups outside of it not read.
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
        try (ParquetFileReader reader =
                readable(path, () -> ParquetFileReader.open(HadoopInputFile.fromPath(path, hadoop)))) {
            if (reader.getRecordCount() < end) {
                throw UserError.badInput("[" + path + "] has " + reader.getRecordCount()
                        + " rows but the manifest says " + rows + "; prepare the dataset again");
            }
            long first = 0;
            for (int group = 0; first < end; group++) {
                long next = first + reader.getRowGroups().get(group).getRowCount();
                if (begin < next) {
                    readGroup(reader, path, group, begin - first, Math.min(end, next) - first, consumer);
                }
                first = next;
            }
        } catch (FileNotFoundException e) {
            throw UserError.badInput(
                    "[" + path + "] is missing though the manifest lists it; prepare the dataset again", e);
        } catch (IOException e) {
            throw new UncheckedIOException("[" + path + "] Cannot read: " + e.getMessage(), e);
        }
    }

    /** Reads rows of one row group, counted from its first one, which {@code begin} may lie before. */
    private static void readGroup(
            ParquetFileReader reader, Path path, int group, long begin, long end, Consumer<Example> consumer)
            throws IOException {
        RecordReader<Example> records = readable(path, () -> {
            MessageType file = reader.getFileMetaData().getSchema();
            MessageType columns = ExampleMaterializer.columns(file);
            reader.setRequestedSchema(columns);
            return new ColumnIOFactory()
                    .getColumnIO(columns, file)
                    .getRecordReader(reader.readRowGroup(group), new ExampleMaterializer());
        });
        for (long row = 0; row < end; row++) {
            Example example = readable(path, records::read);
            if (row >= begin) {
                consumer.accept(example);
            }
        }
    }

    /** A step of reading. */
    @FunctionalInterface
    private interface Step<T> {
        T take() throws IOException;
    }

    /** Parquet answers damage with many kinds of RuntimeException. */
    private static <T> T readable(Path path, Step<T> step) throws IOException {
        try {
            return step.take();
        } catch (RuntimeException e) {
            throw UserError.badInput("[" + path + "] is not readable Parquet: " + e.getMessage(), e);
        }
    }
}
