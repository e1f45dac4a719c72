package org.convoy.data;

import java.io.IOException;
import java.io.UncheckedIOException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.column.ParquetProperties;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.SimpleGroupFactory;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.example.ExampleParquetWriter;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.hadoop.util.HadoopOutputFile;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Types;

/** Writes rows that {@link ExampleReader} reads into one Parquet file, one at a time: columns id, label, pixels and weight. */
public final class ExampleWriter implements AutoCloseable {
    /** As {@code prepare} writes them: who reads a range reads the row groups that it touches. */
    private static final long ROW_GROUP_BYTES = 4 << 20;

    private static final MessageType SCHEMA = Types.buildMessage()
            .required(PrimitiveTypeName.BINARY)
            .as(LogicalTypeAnnotation.stringType())
            .named("id")
            .required(PrimitiveTypeName.INT32)
            .named("label")
            .required(PrimitiveTypeName.BINARY)
            .named("pixels")
            .required(PrimitiveTypeName.FLOAT)
            .named("weight")
            .named("example");

    private final SimpleGroupFactory rows = new SimpleGroupFactory(SCHEMA);
    private final ExampleDigest digest = new ExampleDigest();
    private final ParquetWriter<Group> writer;

    /** Creates the file, which must not exist. */
    public ExampleWriter(Configuration hadoop, Path file) throws IOException {
        writer = ExampleParquetWriter.builder(HadoopOutputFile.fromPath(file, hadoop))
                .withConf(hadoop)
                .withType(SCHEMA)
                .withCompressionCodec(CompressionCodecName.ZSTD)
                .withDictionaryEncoding(false)
                .withWriterVersion(ParquetProperties.WriterVersion.PARQUET_1_0)
                .withRowGroupSize(ROW_GROUP_BYTES)
                .build();
    }

    public void write(Example example) {
        try {
            writer.write(rows.newGroup()
                    .append("id", example.id())
                    .append("label", example.label())
                    .append("pixels", Binary.fromConstantByteArray(example.pixels()))
                    .append("weight", example.weight()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        digest.add(example);
    }

    /** The digest of the rows that were written, as {@link ExampleDigest} has it; to be asked for once. */
    public String digest() {
        return digest.hex();
    }

    @Override
    public void close() throws IOException {
        writer.close();
    }
}
