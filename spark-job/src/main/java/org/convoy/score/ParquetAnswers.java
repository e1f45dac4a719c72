package org.convoy.score;

import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.IntConsumer;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.api.WriteSupport;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.hadoop.util.HadoopInputFile;
import org.apache.parquet.io.OutputFile;
import org.apache.parquet.io.PositionOutputStream;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.io.api.RecordConsumer;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Type;
import org.apache.parquet.schema.Types;

/** Parquet, with lists as Spark writes them. */
final class ParquetAnswers implements AnswerFile {
    private final ParquetWriter<AnswerRow> writer;

    ParquetAnswers(Configuration hadoop, OutputStream out, AnswerRow.Columns columns) throws IOException {
        MessageType schema = schema(columns);
        Builder builder = new Builder(new OpenFile(out), new Support(schema, columns))
                .withConf(hadoop) // a new one would read Hadoop's configuration files again
                .withCompressionCodec(CompressionCodecName.ZSTD);
        // Ids and probabilities hardly ever repeat: a dictionary of them is made in vain.
        schema.getColumns().stream()
                .filter(column -> column.getPrimitiveType().getPrimitiveTypeName() == PrimitiveTypeName.FLOAT
                        || column.getPath()[0].equals("id"))
                .forEach(column -> builder.withDictionaryEncoding(String.join(".", column.getPath()), false));
        this.writer = builder.build();
    }

    private static MessageType schema(AnswerRow.Columns columns) {
        List<Type> fields = new ArrayList<>(
                List.of(text("id", Type.Repetition.REQUIRED), text("label"), text("class"), real("probability")));
        if (columns.topK() > 0) {
            fields.add(list("top_classes", text("element", Type.Repetition.REQUIRED)));
            fields.add(reals("top_probabilities"));
        }
        if (columns.probabilities()) {
            fields.add(reals("probabilities"));
        }
        if (columns.embedding()) {
            fields.add(reals("embedding"));
        }
        fields.add(text("error"));
        fields.add(text("error_detail"));
        fields.add(text("model", Type.Repetition.REQUIRED));
        fields.add(Types.optional(PrimitiveTypeName.INT32).named("version"));
        return new MessageType("answer", fields);
    }

    private static Type text(String name) {
        return text(name, Type.Repetition.OPTIONAL);
    }

    private static Type text(String name, Type.Repetition repetition) {
        return Types.primitive(PrimitiveTypeName.BINARY, repetition)
                .as(LogicalTypeAnnotation.stringType())
                .named(name);
    }

    private static Type real(String name) {
        return Types.optional(PrimitiveTypeName.FLOAT).named(name);
    }

    private static Type reals(String name) {
        return list(name, Types.required(PrimitiveTypeName.FLOAT).named("element"));
    }

    private static Type list(String name, Type element) {
        return Types.optionalGroup()
                .as(LogicalTypeAnnotation.listType())
                .addField(Types.repeatedGroup().addField(element).named("list"))
                .named(name);
    }

    @Override
    public void write(AnswerRow row) throws IOException {
        writer.write(row);
    }

    @Override
    public void close() throws IOException {
        writer.close();
    }

    /** As the footer says. */
    static long rows(Configuration hadoop, Path file) throws IOException {
        try (ParquetFileReader reader = ParquetFileReader.open(HadoopInputFile.fromPath(file, hadoop))) {
            return reader.getRecordCount();
        }
    }

    private static final class Builder extends ParquetWriter.Builder<AnswerRow, Builder> {
        private final Support support;

        private Builder(OutputFile file, Support support) {
            super(file);
            this.support = support;
        }

        @Override
        protected Builder self() {
            return this;
        }

        @Override
        protected WriteSupport<AnswerRow> getWriteSupport(Configuration hadoop) {
            return support;
        }
    }

    /** Parquet's records out of rows; a null is a field that is left out. */
    private static final class Support extends WriteSupport<AnswerRow> {
        private final MessageType schema;
        private final AnswerRow.Columns columns;
        private RecordConsumer out;

        private Support(MessageType schema, AnswerRow.Columns columns) {
            this.schema = schema;
            this.columns = columns;
        }

        @Override
        public WriteContext init(Configuration hadoop) {
            return new WriteContext(schema, Map.of());
        }

        @Override
        public void prepareForWrite(RecordConsumer consumer) {
            this.out = consumer;
        }

        @Override
        public void write(AnswerRow row) {
            out.startMessage();
            text("id", row.id());
            text("label", row.label());
            text("class", row.predicted());
            if (row.probability() != null) {
                field("probability", () -> out.addFloat(row.probability()));
                if (columns.topK() > 0) {
                    List<String> names = row.topClasses();
                    list("top_classes", names.size(), i -> out.addBinary(Binary.fromString(names.get(i))));
                    reals("top_probabilities", row.topProbabilities());
                }
                if (columns.probabilities()) {
                    reals("probabilities", row.probabilities());
                }
                if (columns.embedding()) {
                    reals("embedding", row.embedding());
                }
            }
            text("error", row.error());
            text("error_detail", row.errorDetail());
            text("model", columns.model());
            if (columns.version() > 0) {
                field("version", () -> out.addInteger(columns.version()));
            }
            out.endMessage();
        }

        private void text(String column, String value) {
            if (value != null) {
                field(column, () -> out.addBinary(Binary.fromString(value)));
            }
        }

        private void reals(String column, float[] values) {
            list(column, values.length, i -> out.addFloat(values[i]));
        }

        private void list(String column, int size, IntConsumer element) {
            field(column, () -> {
                out.startGroup();
                if (size > 0) {
                    out.startField("list", 0);
                    for (int i = 0; i < size; i++) {
                        out.startGroup();
                        out.startField("element", 0);
                        element.accept(i);
                        out.endField("element", 0);
                        out.endGroup();
                    }
                    out.endField("list", 0);
                }
                out.endGroup();
            });
        }

        private void field(String column, Runnable value) {
            int index = schema.getFieldIndex(column);
            out.startField(column, index);
            value.run();
            out.endField(column, index);
        }
    }

    /** A file that is open already. */
    private record OpenFile(OutputStream out) implements OutputFile {
        @Override
        public PositionOutputStream create(long blockSizeHint) {
            return new Counting(out);
        }

        @Override
        public PositionOutputStream createOrOverwrite(long blockSizeHint) {
            return create(blockSizeHint);
        }

        @Override
        public boolean supportsBlockSize() {
            return false;
        }

        @Override
        public long defaultBlockSize() {
            return 0;
        }
    }

    private static final class Counting extends PositionOutputStream {
        private final OutputStream out;
        private long position;

        private Counting(OutputStream out) {
            this.out = out;
        }

        @Override
        public long getPos() {
            return position;
        }

        @Override
        public void write(int value) throws IOException {
            out.write(value);
            position++;
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            out.write(bytes, offset, length);
            position += length;
        }

        @Override
        public void flush() throws IOException {
            out.flush();
        }

        @Override
        public void close() throws IOException {
            out.close();
        }
    }
}
