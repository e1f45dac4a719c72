package org.convoy.prepare;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.LongStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.hdfs.MiniDFSCluster;
import org.apache.hadoop.io.BytesWritable;
import org.apache.hadoop.io.SequenceFile;
import org.apache.hadoop.io.Text;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.util.SerializableConfiguration;
import org.convoy.data.ExampleReader;
import org.convoy.data.Manifest;
import org.convoy.data.PictureSums;
import org.convoy.data.PreparedDataset;
import org.convoy.data.Split;
import org.convoy.runtime.Phases;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/** On HDFS, with executors in processes of their own: whatever is not sent to them is not there. */
@Tag("heavy")
class PrepareClusterIT {
    @TempDir
    private static Path directory;

    private static final String LOOK_AGAIN = "dfs.client.block.write.locateFollowingBlock.initial.delay.ms";

    private static MiniDFSCluster hdfs;
    private static SparkSession spark;
    private static JavaSparkContext context;

    @BeforeAll
    static void start() throws IOException {
        Files.createDirectories(Path.of(System.getenv("SPARK_HOME"), "jars"));
        // A client looks again after so long whether a file's last block has arrived, and here come many small files.
        Configuration hadoop = new Configuration();
        hadoop.setInt(LOOK_AGAIN, 5);
        hdfs = new MiniDFSCluster.Builder(hadoop, directory.resolve("hdfs").toFile())
                .numDataNodes(1)
                .build();
        spark = SparkSession.builder()
                .master("local-cluster[2,1,1024]")
                .appName("prepare on a cluster")
                .config("spark.hadoop." + LOOK_AGAIN, "5")
                .config("spark.ui.enabled", "false")
                .config("spark.executor.memory", "1g")
                .config("spark.executor.extraClassPath", System.getProperty("java.class.path"))
                .getOrCreate();
        context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    }

    @AfterAll
    static void stop() {
        if (spark != null) {
            spark.stop();
        }
        if (hdfs != null) {
            hdfs.shutdown();
        }
    }

    @Test
    void preparesOnHdfsAndReadsOnExecutors() throws IOException {
        Pictures.writeClasses(directory.resolve("pictures"), 150, "cat", "dog");
        Pictures.write(directory.resolve("pictures/cat/empty.png"), new byte[0]);
        FileSystem fileSystem = hdfs.getFileSystem();
        String home = fileSystem.getUri() + "/data";
        fileSystem.copyFromLocalFile(
                new org.apache.hadoop.fs.Path(directory.resolve("pictures").toString()),
                new org.apache.hadoop.fs.Path(home + "/pictures"));
        PrepareConfig config = LocalSpark.config(
                home + "/pictures",
                home + "/dataset",
                "prepare.image.height=64",
                "prepare.image.width=64",
                "prepare.target-file-bytes=1048576");
        PrintStream silent = new PrintStream(new ByteArrayOutputStream(), false, StandardCharsets.UTF_8);

        PrepareReport first = Prepare.run(spark, config, Existing.REFUSE, new Phases(context, silent));
        Manifest manifest = manifest(home);
        Prepare.run(spark, config, Existing.REPLACE, new Phases(context, silent));

        assertThat(first.counts().written()).isEqualTo(300);
        assertThat(first.counts().rejectedTotal()).isEqualTo(1);
        assertThat(manifest(home)).isEqualTo(manifest);
        assertThat(fileSystem.listStatus(new org.apache.hadoop.fs.Path(home)))
                .extracting(FileStatus::getPath)
                .extracting(org.apache.hadoop.fs.Path::getName)
                .containsExactlyInAnyOrder("pictures", "dataset");
        PreparedDataset dataset = PreparedDataset.open(context.hadoopConfiguration(), home + "/dataset");
        long rows = dataset.manifest().split(Split.TRAIN).rows();
        assertThat(idsReadOnExecutors(dataset, rows)).hasSize((int) rows).doesNotHaveDuplicates();
    }

    @Test
    void everySourceGivesTheSameRowsOnHdfs() throws IOException {
        String home = hdfs.getFileSystem().getUri() + "/sources";
        Map<String, byte[]> pictures = new TreeMap<>();
        for (int i = 0; i < 60; i++) {
            pictures.put((i % 2 == 0 ? "cat/" : "dog/") + i + ".png", Pictures.png(i));
        }
        StringBuilder csv = new StringBuilder("path,label,weight\n");
        Tars tar = new Tars();
        List<Row> rows = new ArrayList<>();
        org.apache.hadoop.fs.Path sequence = new org.apache.hadoop.fs.Path(home + "/pictures.seq");
        try (SequenceFile.Writer writer = SequenceFile.createWriter(
                context.hadoopConfiguration(),
                SequenceFile.Writer.file(sequence),
                SequenceFile.Writer.keyClass(Text.class),
                SequenceFile.Writer.valueClass(BytesWritable.class))) {
            for (Map.Entry<String, byte[]> picture : pictures.entrySet()) {
                String label = picture.getKey().substring(0, 3);
                write(home + "/folder/" + picture.getKey(), picture.getValue());
                tar.file(picture.getKey(), picture.getValue());
                csv.append("folder/")
                        .append(picture.getKey())
                        .append(',')
                        .append(label)
                        .append(",2\n");
                rows.add(RowFactory.create(picture.getValue(), label));
                writer.append(new Text(picture.getKey()), new BytesWritable(picture.getValue()));
            }
        }
        write(home + "/pictures.tar", tar.bytes());
        write(home + "/pictures.tar.gz", Idx.gzip(tar.bytes()));
        write(home + "/table.csv", csv.toString().getBytes(StandardCharsets.UTF_8));
        spark.createDataFrame(
                        rows,
                        new StructType().add("bytes", DataTypes.BinaryType).add("label", DataTypes.StringType))
                .write()
                .parquet(home + "/parquet");

        List<String> expected = rows("image-folder", home + "/folder", home + "/from-folder");

        assertThat(expected).hasSize(60);
        assertThat(rows("tar", home + "/pictures.tar", home + "/from-tar")).isEqualTo(expected);
        assertThat(rows("tar", home + "/pictures.tar.gz", home + "/from-gz")).isEqualTo(expected);
        assertThat(rows("table", home + "/table.csv", home + "/from-table")).isEqualTo(expected);
        assertThat(rows("parquet", home + "/parquet", home + "/from-parquet")).isEqualTo(expected);
        assertThat(rows("sequence-file", sequence.toString(), home + "/from-sequence"))
                .isEqualTo(expected);
    }

    private static void write(String path, byte[] content) throws IOException {
        try (FSDataOutputStream out = hdfs.getFileSystem().create(new org.apache.hadoop.fs.Path(path))) {
            out.write(content);
        }
    }

    /** What a source becomes: split, label and pixels of each picture, sorted; the sums of all values with them. */
    private static List<String> rows(String source, String input, String output) {
        PrepareConfig config = LocalSpark.config(
                input,
                output,
                "prepare.source=" + source,
                "prepare.image.height=4",
                "prepare.image.width=4",
                "prepare.statistics=covariance");
        PrintStream silent = new PrintStream(new ByteArrayOutputStream(), false, StandardCharsets.UTF_8);
        Prepare.run(spark, config, Existing.REFUSE, new Phases(context, silent));
        PreparedDataset dataset = PreparedDataset.open(context.hadoopConfiguration(), output);
        double variance = PictureSums.read(context.hadoopConfiguration(), dataset)
                .covariance(dataset.manifest().split(Split.TRAIN).rows())[0];
        List<String> found = new ArrayList<>();
        for (Split split : Split.values()) {
            Manifest.SplitContent content = dataset.manifest().split(split);
            ExampleReader.read(
                    context.hadoopConfiguration(),
                    dataset.path(),
                    content.files(),
                    0,
                    content.rows(),
                    example -> found.add(
                            split + " " + example.label() + " " + Arrays.toString(example.pixels()) + " " + variance));
        }
        found.sort(null);
        return found;
    }

    private static Manifest manifest(String home) {
        return PreparedDataset.open(context.hadoopConfiguration(), home + "/dataset")
                .manifest();
    }

    private static List<String> idsReadOnExecutors(PreparedDataset dataset, long rows) {
        Broadcast<SerializableConfiguration> hadoop =
                context.broadcast(new SerializableConfiguration(context.hadoopConfiguration()));
        JavaRDD<Long> tens = context.parallelize(
                LongStream.rangeClosed(0, (rows - 1) / 10).boxed().toList(), 4);
        return tens.flatMap(new RowsOfTen(dataset, rows, hadoop)::ids).collect();
    }

    /** Reads ten rows from row 10 * {@code ten} on. */
    private record RowsOfTen(PreparedDataset dataset, long rows, Broadcast<SerializableConfiguration> hadoop)
            implements Serializable {
        Iterator<String> ids(long ten) {
            List<Manifest.DataFile> files =
                    dataset.manifest().split(Split.TRAIN).files();
            List<String> ids = new ArrayList<>();
            ExampleReader.read(
                    hadoop.value().value(),
                    dataset.path(),
                    files,
                    10 * ten,
                    Math.min(rows, 10 * ten + 10),
                    example -> ids.add(example.id()));
            return ids.iterator();
        }
    }
}
