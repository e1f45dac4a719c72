package org.convoy.data;

import java.util.List;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.io.api.Converter;
import org.apache.parquet.io.api.GroupConverter;
import org.apache.parquet.io.api.PrimitiveConverter;
import org.apache.parquet.io.api.RecordMaterializer;
import org.apache.parquet.schema.MessageType;

/** Makes an {@link Example} of the columns id, label, pixels and, if there is one, weight; the other columns are not read. */
final class ExampleMaterializer extends RecordMaterializer<Example> {
    private static final String WEIGHT = "weight";

    private String id;
    private int label;
    private float weight = 1;
    private byte[] pixels;

    private final List<PrimitiveConverter> columns = List.of(
            new PrimitiveConverter() {
                @Override
                public void addBinary(Binary value) {
                    id = value.toStringUsingUTF8();
                }
            },
            new PrimitiveConverter() {
                @Override
                public void addInt(int value) {
                    label = value;
                }
            },
            new PrimitiveConverter() {
                @Override
                public void addBinary(Binary value) {
                    pixels = value.getBytes();
                }
            },
            new PrimitiveConverter() {
                @Override
                public void addFloat(float value) {
                    weight = value;
                }
            });

    private final GroupConverter row = new GroupConverter() {
        @Override
        public Converter getConverter(int column) {
            return columns.get(column);
        }

        @Override
        public void start() {}

        @Override
        public void end() {}
    };

    /** The columns to read of a file, in the order of the converters. */
    static MessageType columns(MessageType file) {
        MessageType columns =
                new MessageType(file.getName(), file.getType("id"), file.getType("label"), file.getType("pixels"));
        return file.containsField(WEIGHT)
                ? columns.union(new MessageType(file.getName(), file.getType(WEIGHT)))
                : columns;
    }

    @Override
    public Example getCurrentRecord() {
        return new Example(id, label, weight, pixels);
    }

    @Override
    public GroupConverter getRootConverter() {
        return row;
    }
}
