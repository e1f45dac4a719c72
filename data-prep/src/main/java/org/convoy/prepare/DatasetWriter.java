package org.convoy.prepare;

import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.rdd.PartitionPruningRDD;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.convoy.data.RejectedPicture;
import org.convoy.data.Split;
import org.convoy.prepare.Outcome.Origin;
import org.convoy.prepare.Outcome.Picture;
import org.convoy.prepare.Outcome.Rejected;
import scala.Function1;

/**
 * Writes the Parquet files of a dataset. Zstandard, because it is the smallest (60,000 MNIST rows: 9.7 MB against 13 MB of LZ4 and
 * snappy) and reading any of them is far faster than training. The same rows give files of the same names
 * with the same rows in the same order.
 */
final class DatasetWriter {
    /**
     * Compressed, roughly. Training reads pieces of 8 MiB of pixels, and of each all row groups that it touches: with larger ones
     * it would read most bytes many times.
     */
    private static final long ROW_GROUP_BYTES = 4 << 20;

    private static final StructType ROW = new StructType()
            .add("id", DataTypes.StringType, false)
            .add("label", DataTypes.IntegerType, false)
            .add("pixels", DataTypes.BinaryType, false) // uint8, C·H·W
            .add("source_width", DataTypes.IntegerType, false)
            .add("source_height", DataTypes.IntegerType, false)
            .add("sha256", DataTypes.BinaryType, false);

    private static final StructType WEIGHTED_ROW = ROW.add("weight", DataTypes.FloatType, false);

    private static final StructType REJECTED_ROW = new StructType()
            .add("id", DataTypes.StringType, false)
            .add("bytes", DataTypes.LongType, false)
            .add("reason", DataTypes.StringType, false)
            .add("detail", DataTypes.StringType, false);

    /** Spark puts a random number into each file's name. */
    private static final Pattern SPARK_FILE = Pattern.compile("(part-\\d+)-.*\\.parquet");

    private final SparkSession spark;
    private final FileSystem fileSystem;
    private final Path directory;

    DatasetWriter(SparkSession spark, FileSystem fileSystem, Path directory) {
        this.spark = spark;
        this.fileSystem = fileSystem;
        this.directory = directory;
    }

    /**
     * Writes the pictures, a directory per split.
     *
     * @param byFile a partition per file, in the plan's order, with its rows in theirs
     * @param weighted whether rows get the column weight
     */
    void writePictures(JavaRDD<Picture> byFile, FilePlan plan, boolean weighted) {
        for (Split split : Split.values()) {
            Set<Integer> files = plan.filesOf(split);
            if (!files.isEmpty()) {
                Path path = new Path(directory, split.directory());
                JavaRDD<Row> rows = only(byFile, files).map(picture -> row(picture, weighted));
                write(spark.createDataFrame(rows, weighted ? WEIGHTED_ROW : ROW), path);
                nameByPartition(path);
            }
        }
    }

    /** Some partitions, of which the first gets number 0. */
    static <T> JavaRDD<T> only(JavaRDD<T> rdd, Set<Integer> partitions) {
        Function1<Object, Object> wanted = (Function1<Object, Object> & Serializable) partitions::contains;
        return PartitionPruningRDD.create(rdd.rdd(), wanted).toJavaRDD();
    }

    /** Writes the rejected ones. The partitions given must each hold one: an empty partition could leave an empty file. */
    void writeRejected(JavaRDD<Outcome> outcomes) {
        JavaRDD<Row> rows =
                outcomes.filter(outcome -> outcome instanceof Rejected).map(outcome -> row((Rejected) outcome));
        Path path = new Path(directory, RejectedPicture.DIRECTORY);
        write(spark.createDataFrame(rows, REJECTED_ROW), path);
        nameByPartition(path);
    }

    private static Row row(Picture picture, boolean weighted) {
        Origin origin = picture.origin();
        List<Object> values = new ArrayList<>(List.of(
                origin.id(),
                origin.label(),
                picture.pixels(),
                picture.sourceWidth(),
                picture.sourceHeight(),
                origin.sha256()));
        if (weighted) {
            values.add(origin.weight());
        }
        return RowFactory.create(values.toArray());
    }

    private static Row row(Rejected rejected) {
        Origin origin = rejected.origin();
        return RowFactory.create(origin.id(), origin.bytes(), rejected.reason().code(), rejected.detail());
    }

    private static void write(Dataset<Row> rows, Path path) {
        rows.write()
                .option("compression", "zstd")
                .option("parquet.enable.dictionary", "false") // nearly all values are distinct
                .option("parquet.block.size", ROW_GROUP_BYTES)
                .option("parquet.page.size.row.check.min", 10) // of default 100, large pictures overshoot both sizes
                .option("maxRecordsPerFile", "0")
                .option("mapreduce.fileoutputcommitter.marksuccessfuljobs", "false")
                .parquet(path.toString());
    }

    private void nameByPartition(Path parent) {
        for (Path file : parquetFiles(parent)) {
            Matcher name = SPARK_FILE.matcher(file.getName());
            if (!name.matches()) {
                throw new IllegalStateException("[" + file + "] was not expected among the files of the dataset");
            }
            Path target = new Path(parent, name.group(1) + ".parquet");
            try {
                if (!fileSystem.rename(file, target)) {
                    throw new IOException("the file system refused");
                }
            } catch (IOException e) {
                throw new UncheckedIOException(
                        "[" + file + "] Cannot rename to [" + target + "]: " + e.getMessage(), e);
            }
        }
    }

    /** The pictures' files relative to the dataset, by split and name. */
    List<DescribedFile.Location> pictureFiles() {
        List<DescribedFile.Location> files = new ArrayList<>();
        for (Split split : Split.values()) {
            for (Path file : parquetFiles(new Path(directory, split.directory()))) {
                files.add(new DescribedFile.Location(split, split.directory() + "/" + file.getName()));
            }
        }
        return files;
    }

    /** The files of rejected pictures relative to the dataset, by name. */
    List<String> rejectedFiles() {
        return parquetFiles(new Path(directory, RejectedPicture.DIRECTORY)).stream()
                .map(file -> RejectedPicture.DIRECTORY + "/" + file.getName())
                .toList();
    }

    private List<Path> parquetFiles(Path parent) {
        try {
            if (!fileSystem.exists(parent)) {
                return List.of();
            }
            List<Path> files = new ArrayList<>();
            for (FileStatus file : fileSystem.listStatus(parent)) {
                files.add(file.getPath());
            }
            files.sort(null);
            return files;
        } catch (IOException e) {
            throw new UncheckedIOException("[" + parent + "] Cannot list: " + e.getMessage(), e);
        }
    }
}
