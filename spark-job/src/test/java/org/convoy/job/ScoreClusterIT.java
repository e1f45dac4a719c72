package org.convoy.job;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.hdfs.MiniDFSCluster;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.core.config.Configurator;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.convoy.cli.NativesPlugin;
import org.convoy.demo.DigitPainter;
import org.convoy.runtime.Phases;
import org.convoy.runtime.Settings;
import org.convoy.score.ScoreConfig;
import org.convoy.score.ScoreReport;
import org.convoy.score.Scoring;
import org.convoy.score.SmallModel;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/** Scoring where it will run: pictures and answers on a real HDFS, tasks in executor processes, of which one is killed. */
@Tag("heavy")
class ScoreClusterIT {
    private static final int PICTURES = 1500;

    private static final String LOOK_AGAIN = "dfs.client.block.write.locateFollowingBlock.initial.delay.ms";

    @TempDir
    private static Path local;

    private static MiniDFSCluster hdfs;
    private static String root;
    private static SparkSession spark;

    @BeforeAll
    static void startCluster() throws Exception {
        // What servers in this JVM say while they start and are shut down.
        Configurator.setLevel("org.apache.hadoop", Level.OFF);
        // A client looks again after so long whether a file's last block has arrived, and here come many small files.
        Configuration hadoop = new Configuration();
        hadoop.setInt(LOOK_AGAIN, 5);
        hadoop.set(MiniDFSCluster.HDFS_MINIDFS_BASEDIR, local.resolve("hdfs").toString());
        hdfs = new MiniDFSCluster.Builder(hadoop).numDataNodes(3).build();
        hdfs.waitActive();
        root = "hdfs://127.0.0.1:" + hdfs.getNameNodePort();
        DigitPainter.writeFolder(local.resolve("pictures"), PICTURES / 10, 1);
        Files.write(
                local.resolve("model.zip"),
                SmallModel.of(10, 7, SmallModel.PREPARATION).zip());
        try (FileSystem files = hdfs.getNewFileSystemInstance(0)) {
            files.copyFromLocalFile(
                    new org.apache.hadoop.fs.Path(local.resolve("pictures").toUri()),
                    new org.apache.hadoop.fs.Path(root + "/pictures"));
            files.copyFromLocalFile(
                    new org.apache.hadoop.fs.Path(local.resolve("model.zip").toUri()),
                    new org.apache.hadoop.fs.Path(root + "/model.zip"));
        }
        spark = SparkSession.builder()
                .appName("ScoreClusterIT")
                .config("spark.hadoop." + LOOK_AGAIN, "5")
                .master("local-cluster[2,1,1024]")
                .config("spark.executor.extraClassPath", System.getProperty("java.class.path"))
                .config("spark.ui.enabled", "false")
                .config("spark.plugins", NativesPlugin.class.getName())
                .getOrCreate();
    }

    @AfterAll
    static void stopCluster() {
        if (spark != null) {
            spark.close();
        }
        if (hdfs != null) {
            hdfs.shutdown(true);
        }
    }

    @Test
    void anExecutorThatIsKilledLosesNoPictureAndAnswersForNoneTwice() throws Exception {
        JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
        long victim = executorProcesses(context).iterator().next();
        Thread killer = new Thread(() -> killOnceAUnitIsThere(victim));
        killer.start();

        ScoreReport report = Scoring.run(
                spark,
                ScoreConfig.from(Settings.load(
                        Optional.empty(),
                        List.of(
                                "score.input=" + root + "/pictures",
                                "score.output=" + root + "/answers",
                                "score.model=" + root + "/model.zip",
                                "score.unit-pictures=40"))),
                new Phases(context, System.out));
        killer.join();

        assertThat(ProcessHandle.of(victim)).as("the killed executor").isEmpty();
        assertThat(report.picturesIn()).isEqualTo(PICTURES);
        assertThat(report.rowsOut()).isEqualTo(PICTURES);
        assertThat(report.labelled()).isEqualTo(PICTURES);
        List<Row> rows = spark.read().parquet(root + "/answers").select("id").collectAsList();
        assertThat(rows).hasSize(PICTURES);
        assertThat(rows.stream().map(row -> row.getString(0)).distinct()).hasSize(PICTURES);
        try (FileSystem files = hdfs.getNewFileSystemInstance(0)) {
            assertThat(files.exists(new org.apache.hadoop.fs.Path(root + "/answers/_attempts")))
                    .isFalse();
        }
    }

    private static void killOnceAUnitIsThere(long executor) {
        try (FileSystem files = hdfs.getNewFileSystemInstance(0)) {
            org.apache.hadoop.fs.Path parts = new org.apache.hadoop.fs.Path(root + "/answers/part-*");
            for (FileStatus[] found = files.globStatus(parts); found.length == 0; found = files.globStatus(parts)) {
                Thread.sleep(5);
            }
            ProcessHandle.of(executor).orElseThrow().destroyForcibly();
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Set<Long> executorProcesses(JavaSparkContext context) {
        return new TreeSet<>(context.parallelize(List.of(1, 2, 3, 4, 5, 6, 7, 8), 8)
                .map(task -> {
                    Thread.sleep(200);
                    return ProcessHandle.current().pid();
                })
                .collect());
    }
}
