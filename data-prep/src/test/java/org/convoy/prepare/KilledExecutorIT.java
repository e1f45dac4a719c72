package org.convoy.prepare;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.convoy.data.Sha256;
import org.convoy.runtime.Phases;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/** Pictures that kill the executor that decodes them, in processes of their own; see {@link KillerFileSystem}. */
@Tag("heavy")
class KilledExecutorIT {
    private static final byte[] FIRST = Pictures.png(1001);
    private static final byte[] SECOND = Pictures.png(1002);

    @TempDir
    private static Path directory;

    private static SparkSession spark;

    @BeforeAll
    static void start() throws IOException {
        Files.createDirectories(Path.of(System.getenv("SPARK_HOME"), "jars"));
        spark = SparkSession.builder()
                .master("local-cluster[1,1,1024]")
                .appName("killed executors")
                .config("spark.ui.enabled", "false")
                .config("spark.executor.memory", "1g")
                .config("spark.executor.extraClassPath", System.getProperty("java.class.path"))
                .config("spark.hadoop.fs.killer.impl", KillerFileSystem.class.getName())
                .config("spark.hadoop." + KillerFileSystem.KILLERS, hash(FIRST) + "," + hash(SECOND))
                .getOrCreate();
    }

    @AfterAll
    static void stop() {
        if (spark != null) {
            spark.stop();
        }
    }

    /** A task with both has four attempts: dies unmarked, dies marked, sets the first aside and dies at the second, sets both aside. */
    @Test
    void setsAsideTwoPicturesThatKillTheirExecutor() throws IOException {
        Pictures.writeClasses(directory.resolve("pictures"), 10, "cat", "dog");
        Pictures.write(directory.resolve("pictures/cat/0-killer-1.png"), FIRST);
        Pictures.write(directory.resolve("pictures/cat/0-killer-2.png"), SECOND);
        PrepareConfig config = LocalSpark.config(
                "killer://" + directory.resolve("pictures"),
                "killer://" + directory.resolve("dataset"),
                "prepare.max-rejected-share=0.2");
        PrintStream silent = new PrintStream(new ByteArrayOutputStream(), false, StandardCharsets.UTF_8);
        JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());

        PrepareReport report = Prepare.run(spark, config, Existing.REFUSE, new Phases(context, silent));

        assertThat(report.counts().written()).isEqualTo(20);
        List<Row> rejected = spark.read()
                .parquet(directory.resolve("dataset/_rejected").toString())
                .orderBy("id")
                .collectAsList();
        assertThat(rejected)
                .extracting(Row::toString)
                .containsExactly(
                        "[cat/0-killer-1.png," + FIRST.length
                                + ",killed-its-process,an earlier attempt of the task died while it decoded this]",
                        "[cat/0-killer-2.png," + SECOND.length
                                + ",killed-its-process,an earlier attempt of the task died while it decoded this]");
        try (Stream<Path> left = Files.list(directory)) {
            assertThat(left.map(path -> path.getFileName().toString()))
                    .containsExactlyInAnyOrder("pictures", "dataset");
        }
    }

    private static String hash(byte[] bytes) {
        return Sha256.hex(Sha256.of(bytes));
    }
}
