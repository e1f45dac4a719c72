package org.convoy.data;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.HadoopReadOptions;
import org.apache.parquet.column.page.PageReadStore;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.convert.GroupRecordConverter;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.util.HadoopInputFile;
import org.apache.parquet.io.ColumnIOFactory;
import org.apache.parquet.io.RecordReader;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.Type;
import org.convoy.runtime.UserError;

/**
 * Reads chosen columns of a whole Parquet file, one row at a time; {@link ExampleReader} reads what training needs. Parquet's own
 * settings in the configuration hold.
 */
public final class ParquetColumns {
    private ParquetColumns() {}

    /**
     * Passes every row's {@code columns} to {@code consumer}, in the file's order.
     *
     * @throws UserError (bad input) if the file is missing, not Parquet, or lacks a column
     */
    public static void read(Configuration hadoop, Path path, List<String> columns, Consumer<Group> consumer) {
        open(hadoop, path, reader -> {
            MessageType file = reader.getFileMetaData().getSchema();
            MessageType chosen = new MessageType(
                    file.getName(), columns.stream().map(file::getType).toArray(Type[]::new));
            reader.setRequestedSchema(chosen);
            for (PageReadStore group = reader.readNextRowGroup(); group != null; group = reader.readNextRowGroup()) {
                RecordReader<Group> rows = new ColumnIOFactory()
                        .getColumnIO(chosen, file)
                        .getRecordReader(group, new GroupRecordConverter(chosen));
                for (long row = 0; row < group.getRowCount(); row++) {
                    consumer.accept(rows.read());
                }
            }
            return null;
        });
    }

    /** The columns of a file in their order, each as {@code name type}. */
    public static List<String> schema(Configuration hadoop, Path path) {
        return open(hadoop, path, reader -> reader.getFileMetaData().getSchema().getFields().stream()
                .map(ParquetColumns::inWords)
                .toList());
    }

    /** What is done with an open file. */
    @FunctionalInterface
    private interface Reading<T> {
        T of(ParquetFileReader reader) throws IOException;
    }

    /** Parquet answers damage with many kinds of RuntimeException. */
    private static <T> T open(Configuration hadoop, Path path, Reading<T> reading) {
        try (ParquetFileReader reader = ParquetFileReader.open(
                HadoopInputFile.fromPath(path, hadoop),
                HadoopReadOptions.builder(hadoop).build())) {
            return reading.of(reader);
        } catch (FileNotFoundException e) {
            throw UserError.badInput("[" + path + "] is missing though the manifest lists it", e);
        } catch (IOException e) {
            throw new UncheckedIOException("[" + path + "] Cannot read: " + e.getMessage(), e);
        } catch (RuntimeException e) {
            throw UserError.badInput("[" + path + "] is not readable Parquet: " + e.getMessage(), e);
        }
    }

    private static String inWords(Type column) {
        String logical =
                column.getLogicalTypeAnnotation() == null ? "" : " (" + column.getLogicalTypeAnnotation() + ")";
        return column.getName() + " "
                + column.asPrimitiveType().getPrimitiveTypeName().name().toLowerCase(Locale.ROOT) + logical;
    }
}
