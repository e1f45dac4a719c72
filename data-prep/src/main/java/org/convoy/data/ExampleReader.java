package org.convoy.data;

import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.function.Consumer;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.io.api.RecordMaterializer;
import org.apache.parquet.schema.MessageType;
import org.convoy.runtime.UserError;

/**
 * Reads rows of one split on an executor, straight from Parquet and one at a time. The order is that of the manifest's
 * files and of the rows inside each: content-hash order, so neighbours are unrelated pictures.
 */
public final class ExampleReader {
    private static final ParquetRows.Columns<Example> COLUMNS = new ParquetRows.Columns<>() {
        @Override
        public MessageType of(MessageType file) {
            return ExampleMaterializer.columns(file);
        }

        @Override
        public RecordMaterializer<Example> materializer(MessageType columns) {
            return new ExampleMaterializer();
        }
    };

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
        try (Rows rows = rows(hadoop, dataset, files, from, to)) {
            rows.forEachRemaining(consumer);
        }
    }

    /** The same rows for whoever asks for them; to be closed. */
    public static Rows rows(Configuration hadoop, String dataset, List<Manifest.DataFile> files, long from, long to) {
        long rows = files.stream().mapToLong(Manifest.DataFile::rows).sum();
        if (from < 0 || from > to || to > rows) {
            throw new IllegalArgumentException(
                    "rows must be a range within [0, " + rows + ") but was [" + from + ", " + to + ")");
        }
        return new Rows(hadoop, dataset, files.iterator(), from, to);
    }

    /** Rows of a split; one file is open at a time. */
    public static final class Rows implements Iterator<Example>, AutoCloseable {
        private final Configuration hadoop;
        private final String dataset;
        private final Iterator<Manifest.DataFile> files;
        private final long to;
        private long next; // the row that is read next
        private long fileEnd;
        private ParquetRows<Example> file; // null before the first

        private Rows(Configuration hadoop, String dataset, Iterator<Manifest.DataFile> files, long from, long to) {
            this.hadoop = hadoop;
            this.dataset = dataset;
            this.files = files;
            this.next = from;
            this.to = to;
        }

        /** The row that {@link #next} gives, counted from the split's first. */
        public long position() {
            return next;
        }

        @Override
        public boolean hasNext() {
            if (next < to) {
                return true;
            }
            close();
            return false;
        }

        @Override
        public Example next() {
            if (!hasNext()) {
                throw new NoSuchElementException();
            }
            while (next >= fileEnd) {
                openNext();
            }
            next++;
            return file.next();
        }

        /** Opens the next file, unless it ends before the range begins. */
        private void openNext() {
            close();
            Manifest.DataFile listed = files.next();
            long start = fileEnd;
            fileEnd += listed.rows();
            if (next < fileEnd) {
                file = new ParquetRows<>(
                        hadoop,
                        new ParquetRows.Source(
                                new Path(dataset, listed.path()),
                                listed.rows(),
                                "the manifest",
                                "prepare the dataset again"),
                        COLUMNS,
                        next - start,
                        Math.min(to, fileEnd) - start);
            }
        }

        @Override
        public void close() {
            if (file != null) {
                file.close();
                file = null;
            }
        }
    }
}
