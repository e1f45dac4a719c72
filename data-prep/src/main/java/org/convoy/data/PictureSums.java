package org.convoy.data;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import java.util.List;
import java.util.function.Consumer;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.SimpleGroupFactory;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.example.ExampleParquetWriter;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.hadoop.util.HadoopOutputFile;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Types;
import org.convoy.runtime.UserError;

/**
 * Sums over the train split by the D = C·H·W values of a picture: what mean picture and covariance come from. They are
 * exact, so that it does not matter in which order pictures are added, and when.
 *
 * <p>In a file they are a row per value, in the pictures' order: its sum, and its products with all values as D little-endian
 * int64, or no byte where only the mean picture was asked for.
 */
public final class PictureSums {
    /** The directory inside of a dataset. */
    public static final String DIRECTORY = "preprocessing";

    private static final String SUM = "sum";
    private static final String PRODUCTS = "products";
    private static final List<String> COLUMNS = List.of(SUM, PRODUCTS);
    private static final MessageType ROW = Types.buildMessage()
            .addField(Types.required(PrimitiveTypeName.INT64).named(SUM))
            .addField(Types.required(PrimitiveTypeName.BINARY).named(PRODUCTS))
            .named("pixel");

    private final long[] sums; // [D]
    private final long[][] products; // [D, D] or [0, 0]

    /**
     * @param sums of each value, length D
     * @param products sums of each value's products with all, [D, D]; or [0, 0]
     */
    public PictureSums(long[] sums, long[][] products) {
        this.sums = sums;
        this.products = products;
    }

    /**
     * Reads the sums of a dataset's train split, those of all its files together.
     *
     * @throws UserError (bad input) if a file is missing or damaged
     */
    public static PictureSums read(Configuration hadoop, PreparedDataset dataset) {
        int values = dataset.manifest().shape().pixels();
        boolean squared = dataset.manifest().statistics() == Statistics.COVARIANCE;
        PictureSums total = new PictureSums(new long[values], squared ? new long[values][values] : new long[0][0]);
        for (Manifest.DataFile file : dataset.manifest().statisticsFiles()) {
            total.add(hadoop, new Path(dataset.path(), file.path()));
        }
        return total;
    }

    private void add(Configuration hadoop, Path file) {
        int[] rows = {0};
        ParquetColumns.read(hadoop, file, COLUMNS, group -> {
            int row = rows[0]++;
            ByteBuffer bytes = group.getBinary(PRODUCTS, 0).toByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
            if (row >= sums.length || bytes.remaining() != products.length * Long.BYTES) {
                throw UserError.badInput("[" + file + "] must hold " + sums.length + " rows of "
                        + products.length * Long.BYTES + " bytes; prepare the dataset again");
            }
            sums[row] = Math.addExact(sums[row], group.getLong(SUM, 0));
            for (int other = 0; other < products.length; other++) {
                products[row][other] = Math.addExact(products[row][other], bytes.getLong());
            }
        });
        if (rows[0] != sums.length) {
            throw UserError.badInput("[" + file + "] must hold " + sums.length + " rows but has " + rows[0]
                    + "; prepare the dataset again");
        }
    }

    /** Writes them into one new file. */
    public void write(Configuration hadoop, Path file) {
        SimpleGroupFactory rows = new SimpleGroupFactory(ROW);
        try (ParquetWriter<Group> writer = ExampleParquetWriter.builder(HadoopOutputFile.fromPath(file, hadoop))
                .withConf(hadoop)
                .withType(ROW)
                .withCompressionCodec(CompressionCodecName.ZSTD)
                .withDictionaryEncoding(false)
                .build()) {
            for (int row = 0; row < sums.length; row++) {
                writer.write(rows.newGroup()
                        .append(SUM, sums[row])
                        .append(PRODUCTS, Binary.fromConstantByteArray(bytes(row))));
            }
        } catch (IOException e) {
            throw new UncheckedIOException("[" + file + "] Cannot write: " + e.getMessage(), e);
        }
    }

    private byte[] bytes(int row) {
        ByteBuffer bytes = ByteBuffer.allocate(products.length * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (int other = 0; other < products.length; other++) {
            bytes.putLong(products[row][other]);
        }
        return bytes.array();
    }

    /** SHA-256 over a file's rows in order, lower-case hexadecimal: the digest by which the manifest knows it. */
    public static String digest(Configuration hadoop, Path file) {
        MessageDigest digest = Sha256.newDigest();
        Consumer<Group> add = row -> {
            byte[] products = row.getBinary(PRODUCTS, 0).getBytes();
            digest.update(ByteBuffer.allocate(Long.BYTES + Integer.BYTES)
                    .putLong(row.getLong(SUM, 0))
                    .putInt(products.length)
                    .flip());
            digest.update(products);
        };
        ParquetColumns.read(hadoop, file, COLUMNS, add);
        return Sha256.hex(digest.digest());
    }

    /**
     * The mean picture.
     *
     * @param pictures that the sums are of
     * @return pixel units (0 to 255), C·H·W
     */
    public double[] mean(long pictures) {
        double[] mean = new double[sums.length];
        for (int i = 0; i < mean.length; i++) {
            mean[i] = (double) sums[i] / pictures;
        }
        return mean;
    }

    /**
     * The covariance of all values (of the population), row by row.
     *
     * @param pictures that the sums are of
     * @return pixel units squared, D·D
     * @throws IllegalStateException if the dataset was prepared without it
     */
    public double[] covariance(long pictures) {
        if (products.length == 0) {
            throw new IllegalStateException("the dataset was prepared without covariance");
        }
        int values = sums.length;
        double[] mean = mean(pictures);
        double[] covariance = new double[Math.multiplyExact(values, values)];
        for (int row = 0; row < values; row++) {
            for (int column = 0; column < values; column++) {
                covariance[row * values + column] =
                        (double) products[row][column] / pictures - mean[row] * mean[column];
            }
        }
        return covariance;
    }
}
