package org.convoy.data;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Iterator;
import java.util.NoSuchElementException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.util.HadoopInputFile;
import org.apache.parquet.io.ColumnIOFactory;
import org.apache.parquet.io.RecordReader;
import org.apache.parquet.io.api.RecordMaterializer;
import org.apache.parquet.schema.MessageType;
import org.convoy.runtime.UserError;

/**
 * A range of the rows of one Parquet file, one at a time. Row groups outside of it are not read; of the others one is in memory.
 */
public final class ParquetRows<T> implements Iterator<T>, AutoCloseable {
    private final Source source;
    private final Columns<T> columns;
    private final long end;
    private final ParquetFileReader reader;
    private RecordReader<T> group; // null before the first, and once closed
    private int groups; // begun, or passed over
    private long groupStart;
    private long groupEnd;
    private long row; // that is read next

    /**
     * A file, and how to speak of it.
     *
     * @param rows that it has
     * @param listedBy what says so: "the manifest"
     * @param advice where it does not hold
     */
    public record Source(Path path, long rows, String listedBy, String advice) {}

    /** What is read of a row. */
    public interface Columns<T> {
        /** The columns to read of a file with those of {@code file}. */
        MessageType of(MessageType file);

        /** Makes a value of each row of the columns {@code of(file)}. */
        RecordMaterializer<T> materializer(MessageType columns);
    }

    /**
     * Opens the file.
     *
     * @param begin the first row
     * @param end the row behind the last one
     * @throws UserError (bad input) if the file is missing, has fewer rows than it should, or is not Parquet
     */
    public ParquetRows(Configuration hadoop, Source source, Columns<T> columns, long begin, long end) {
        this.source = source;
        this.columns = columns;
        this.end = end;
        this.row = begin;
        try {
            this.reader = readable(() -> ParquetFileReader.open(HadoopInputFile.fromPath(source.path(), hadoop)));
            if (reader.getRecordCount() < end) {
                long found = reader.getRecordCount();
                reader.close();
                throw UserError.badInput("[" + source.path() + "] has " + found + " rows but " + source.listedBy()
                        + " says " + source.rows() + "; " + source.advice());
            }
        } catch (FileNotFoundException e) {
            throw UserError.badInput(
                    "[" + source.path() + "] is missing though " + source.listedBy() + " lists it; " + source.advice(),
                    e);
        } catch (IOException e) {
            throw failed(e);
        }
    }

    @Override
    public boolean hasNext() {
        if (row < end) {
            return true;
        }
        close(); // a task that goes on to other rows holds nothing of these
        return false;
    }

    @Override
    public T next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        try {
            while (row >= groupEnd) {
                beginGroup();
            }
            row++;
            return readable(group::read);
        } catch (IOException e) {
            throw failed(e);
        }
    }

    /** The next row group, read if it has a row of the range, up to the first one. */
    private void beginGroup() throws IOException {
        groupStart = groupEnd;
        groupEnd += reader.getRowGroups().get(groups).getRowCount();
        int number = groups++;
        if (row >= groupEnd) {
            return;
        }
        group = readable(() -> {
            MessageType file = reader.getFileMetaData().getSchema();
            MessageType chosen = columns.of(file);
            reader.setRequestedSchema(chosen);
            return new ColumnIOFactory()
                    .getColumnIO(chosen, file)
                    .getRecordReader(reader.readRowGroup(number), columns.materializer(chosen));
        });
        for (long before = groupStart; before < row; before++) {
            readable(group::read);
        }
    }

    /** A step of reading. */
    @FunctionalInterface
    private interface Step<V> {
        V take() throws IOException;
    }

    /** Parquet answers damage with many kinds of RuntimeException. */
    private <V> V readable(Step<V> step) throws IOException {
        try {
            return step.take();
        } catch (UserError e) {
            throw e; // what the columns say of the file
        } catch (RuntimeException e) {
            throw UserError.badInput("[" + source.path() + "] is not readable Parquet: " + e.getMessage(), e);
        }
    }

    private UncheckedIOException failed(IOException e) {
        return new UncheckedIOException("[" + source.path() + "] Cannot read: " + e.getMessage(), e);
    }

    @Override
    public void close() {
        group = null;
        try {
            reader.close();
        } catch (IOException e) {
            throw failed(e);
        }
    }
}
