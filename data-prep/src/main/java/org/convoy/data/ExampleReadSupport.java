package org.convoy.data;

import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.hadoop.api.InitContext;
import org.apache.parquet.hadoop.api.ReadSupport;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.io.api.Converter;
import org.apache.parquet.io.api.GroupConverter;
import org.apache.parquet.io.api.PrimitiveConverter;
import org.apache.parquet.io.api.RecordMaterializer;
import org.apache.parquet.schema.MessageType;

/** Makes an {@link Example} of the columns id, label and pixels; the other columns are not read. */
final class ExampleReadSupport extends ReadSupport<Example> {
    @Override
    public ReadContext init(InitContext context) {
        MessageType file = context.getFileSchema();
        return new ReadContext(
                new MessageType(file.getName(), file.getType("id"), file.getType("label"), file.getType("pixels")));
    }

    @Override
    public RecordMaterializer<Example> prepareForRead(
            Configuration hadoop, Map<String, String> metadata, MessageType fileSchema, ReadContext context) {
        return new Materializer();
    }

    private static final class Materializer extends RecordMaterializer<Example> {
        private String id;
        private int label;
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

        @Override
        public Example getCurrentRecord() {
            return new Example(id, label, pixels);
        }

        @Override
        public GroupConverter getRootConverter() {
            return row;
        }
    }
}
