package org.convoy.job;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.SafeModeAction;
import org.apache.hadoop.hdfs.DistributedFileSystem;
import org.apache.hadoop.hdfs.protocol.HdfsConstants;
import org.convoy.demo.DigitPainter;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Convoy's jar by spark-submit on real daemons: standalone and YARN, client and cluster mode, HDFS; what each says when the cluster
 * is at fault; and a development cluster of which some daemons have died.
 */
@Tag("heavy")
class DevelopmentClusterIT {
    private static final List<String> CLUSTER_MODE = List.of("--deploy-mode", "cluster");

    @TempDir
    private static Path directory;

    private static DevelopmentCluster cluster;
    private static byte[] embedded;

    @BeforeAll
    static void startClusterAndTrainWithoutIt() throws Exception {
        cluster = new DevelopmentCluster(directory.toRealPath().resolve("cluster"));
        DevelopmentCluster.jar();
        DevelopmentCluster.Ended started = cluster.cluster("start", "--yarn");
        assertThat(started.code()).as(started.said()).isZero();

        DigitPainter.writeFolder(directory.resolve("pictures"), 60, 1);
        requireDone(cluster.cluster("fs", "-put", directory.resolve("pictures").toString(), "/pictures"));
        List<String> here = List.of("--master", "local[2]", "--conf", "spark.eventLog.enabled=false");
        requireDone(cluster.submit("standalone", here, prepare("/dataset")));
        requireDone(cluster.submit("standalone", here, train("embedded")));
        embedded = parameters("embedded");
    }

    /** Leaves nothing: no daemon, no driver, no executor, no file. */
    @AfterAll
    static void stopCluster() {
        if (cluster != null) {
            DevelopmentCluster.Ended stopped = cluster.cluster("stop", "--purge");
            assertThat(stopped.code()).as(stopped.said()).isZero();
            assertThat(cluster.processes()).isEmpty();
            assertThat(directory.resolve("cluster")).isEmptyDirectory();
            assertThat(cluster.cluster("status"))
                    .isEqualTo(new DevelopmentCluster.Ended(1, "No cluster is running.\n"));
        }
    }

    @ParameterizedTest
    @CsvSource({"standalone, client", "standalone, cluster", "yarn, client", "yarn, cluster"})
    void trainsToTheParametersOfEmbeddedSparkInEveryMode(String kind, String mode) throws IOException {
        String model = kind + "-" + mode;
        requireDone(cluster.submit(kind, List.of("--deploy-mode", mode), train(model)));

        assertThat(parameters(model)).isEqualTo(embedded);
        assertThat(Files.readString(cluster.log("nodemanager")))
                .as("containers that were killed for their memory")
                .doesNotContain("running beyond physical memory limits");
    }

    @Test
    void aJobThatFailsEndsWithItsExitCode() {
        List<String> arguments = arguments(train("none"), "--set", "train.dataset=/nothing");
        String line = "convoy: [/nothing] dataset does not exist; write it with `convoy prepare`";
        DevelopmentCluster.Ended standalone = cluster.submit("standalone", List.of(), arguments);
        assertThat(standalone.said()).contains(line);
        assertThat(standalone.code()).isEqualTo(3);
        DevelopmentCluster.Ended yarn = cluster.submit("yarn", List.of(), arguments);
        assertThat(yarn.said()).contains(line);
        assertThat(yarn.code()).isEqualTo(3);
    }

    @Test
    void aJobThatFailsInClusterModeEndsWithAnotherCodeThanZero() throws IOException {
        List<String> arguments = arguments(train("none"), "--set", "train.dataset=/nothing");
        DevelopmentCluster.Ended plain = cluster.submit("yarn", CLUSTER_MODE, arguments);
        assertThat(plain.said()).contains("[/nothing] dataset does not exist", "(exit code 3)");
        assertThat(plain.code()).isEqualTo(1);

        // The driver finds what --conf names, though it runs in another directory.
        Path configuration = Files.writeString(directory.resolve("no-data.conf"), "train.dataset = /nothing\n");
        Path relative = Path.of("").toAbsolutePath().relativize(configuration.toRealPath());
        DevelopmentCluster.Ended yarn = convoy(
                "--master yarn --deploy-mode cluster",
                List.of(
                        "train",
                        "--conf",
                        relative.toString(),
                        "--set",
                        "models.directory=" + cluster.hdfs() + "/models",
                        "--set",
                        "models.name=none"));
        assertThat(yarn.code()).as(yarn.said()).isEqualTo(3);
        DevelopmentCluster.Ended standalone = convoy("--deploy-mode cluster", arguments);
        assertThat(standalone.said()).containsPattern("convoy: state of driver driver-[0-9-]+ is FAILED");
        assertThat(standalone.code()).isEqualTo(1);
    }

    @Test
    void saysWhatAnExecutorThatNeverComesHasAskedFor() {
        DevelopmentCluster.Ended ended = cluster.submit(
                "standalone",
                List.of("--executor-memory", "900g"),
                arguments(train("never"), "--set", "cluster.executor-wait-seconds=5"));
        assertThat(ended.said())
                .contains("convoy: no executor came within 5 s on spark://127.0.0.1:")
                .contains(
                        "each asks for 1 core, 921600 MiB of heap and 921600 MiB of overhead, which no worker or queue has"
                                + " free; ask for less, free some, or wait longer (cluster.executor-wait-seconds)");
        assertThat(ended.code()).isEqualTo(1);
    }

    @Test
    void saysThatYarnHasNoRoomForTheApplication() throws Exception {
        ProcessHandle nodeManager =
                ProcessHandle.of(cluster.process("nodemanager")).orElseThrow();
        kill(nodeManager.pid(), "STOP");
        try {
            DevelopmentCluster.Ended ended = cluster.submit(
                    "yarn", List.of(), arguments(train("never"), "--set", "cluster.executor-wait-seconds=5"));
            assertThat(ended.said())
                    .contains("convoy: YARN did not start the application within 5 s: its queue 'default' has no room");
            assertThat(ended.code()).isEqualTo(1);
        } finally {
            kill(nodeManager.pid(), "CONT");
        }
    }

    @Test
    void saysThatADriversContainerIsTooSmall() {
        DevelopmentCluster.Ended ended = cluster.submit(
                "yarn", arguments(CLUSTER_MODE, "--conf", "spark.driver.memoryOverheadFactor=0.1"), train("too-small"));
        assertThat(ended.said())
                .contains("Cannot leave memory off the heap: the container has 1408 MiB")
                .contains("(spark.driver.memory, spark.driver.memoryOverhead)")
                .contains("(exit code 2)");
        assertThat(ended.code()).isEqualTo(1);
    }

    @Test
    void saysThatHdfsIsInSafeMode() throws IOException {
        try (DistributedFileSystem hdfs = hdfs()) {
            hdfs.setSafeMode(SafeModeAction.ENTER);
            try {
                DevelopmentCluster.Ended ended = cluster.submit("standalone", List.of(), train("safe"));
                assertThat(ended.said())
                        .containsPattern("convoy: Cannot .*Name node is in safe mode; wait until HDFS takes changes");
                assertThat(ended.code()).isEqualTo(1);
            } finally {
                hdfs.setSafeMode(SafeModeAction.LEAVE);
            }
        }
    }

    @Test
    void saysThatHdfsIsFull() throws IOException {
        try (DistributedFileSystem hdfs = hdfs()) {
            org.apache.hadoop.fs.Path full = new org.apache.hadoop.fs.Path("/full");
            hdfs.mkdirs(full);
            hdfs.setQuota(full, HdfsConstants.QUOTA_DONT_SET, 1 << 20);
            DevelopmentCluster.Ended prepared = cluster.submit("standalone", List.of(), prepare("/full/dataset"));
            assertThat(prepared.said())
                    .contains(
                            "convoy: [hdfs://",
                            "/full/dataset] Cannot write: The DiskSpace quota of /full is exceeded");
            assertThat(prepared.code()).isEqualTo(3);
            assertThat(hdfs.listStatus(full)).as("what a failed run leaves").isEmpty();

            DevelopmentCluster.Ended trained = cluster.submit(
                    "standalone", List.of(), arguments(train("full"), "--set", "models.directory=/full/models"));
            assertThat(trained.said())
                    .containsPattern("convoy: The DiskSpace quota of /full is exceeded.*there is no room left");
            assertThat(trained.code()).isEqualTo(3);
        }
    }

    @Test
    void saysWhoMayNotWriteWhere() {
        DevelopmentCluster.Ended ended =
                cluster.submit("standalone", List.of(), prepare("/guests"), Map.of("HADOOP_USER_NAME", "guest"));
        assertThat(ended.said())
                .contains("convoy: Permission denied: user=guest, access=WRITE, inode=\"/\"")
                .contains("ask for the right, or run as a user who has it");
        assertThat(ended.code()).isEqualTo(1);
    }

    @Test
    void aHalfDeadClusterSaysWhatIsMissingAndIsStartedAgain() throws Exception {
        for (String daemon : List.of("datanode2", "worker1", "history")) {
            kill(cluster.process(daemon), "KILL");
        }
        DevelopmentCluster.Ended status = cluster.cluster("status");
        assertThat(status.code()).isEqualTo(1);
        assertThat(status.said())
                .contains("datanode2 is not running", "worker1 is not running", "history is not running")
                .doesNotContain("datanode1 is not running", "worker2 is not running");
        long alive = cluster.process("namenode");

        DevelopmentCluster.Ended again = cluster.cluster("start");

        assertThat(again.code()).as(again.said()).isZero();
        assertThat(cluster.process("namenode")).as("what runs is left alone").isEqualTo(alive);
        assertThat(cluster.cluster("status").code()).isZero();
        assertThat(cluster.cluster("fs", "-test", "-e", "/dataset/manifest.json")
                        .code())
                .isZero();
    }

    private static DevelopmentCluster.Ended convoy(String options, List<String> arguments) {
        List<String> all = new ArrayList<>(List.of("submit"));
        all.addAll(List.of(options.split(" ")));
        all.addAll(arguments);
        return cluster.cluster(all.toArray(String[]::new));
    }

    private static List<String> prepare(String output) {
        return List.of(
                "prepare",
                "--set",
                "prepare.input=" + cluster.hdfs() + "/pictures",
                "--set",
                "prepare.output=" + cluster.hdfs() + output,
                "--set",
                "prepare.image.colour=grey",
                "--set",
                "prepare.image.height=28",
                "--set",
                "prepare.image.width=28");
    }

    /** Two epochs of the seed CNN on two workers. */
    private static List<String> train(String model) {
        return List.of(
                "train",
                "--set",
                "train.dataset=" + cluster.hdfs() + "/dataset",
                "--set",
                "model.architecture=seed-cnn",
                "--set",
                "train.workers=2",
                "--set",
                "train.epochs=2",
                "--set",
                "train.averaging-period-batches=2",
                "--set",
                "models.directory=" + cluster.hdfs() + "/models",
                "--set",
                "models.name=" + model);
    }

    private static List<String> arguments(List<String> first, String... more) {
        List<String> all = new ArrayList<>(first);
        all.addAll(List.of(more));
        return all;
    }

    private static void requireDone(DevelopmentCluster.Ended ended) {
        assertThat(ended.code()).as(ended.said()).isZero();
    }

    private static void kill(long process, String signal) throws IOException, InterruptedException {
        assertThat(new ProcessBuilder("kill", "-" + signal, Long.toString(process))
                        .start()
                        .waitFor())
                .isZero();
    }

    private static DistributedFileSystem hdfs() throws IOException {
        return (DistributedFileSystem) FileSystem.newInstance(URI.create(cluster.hdfs()), new Configuration());
    }

    private static byte[] parameters(String model) throws IOException {
        try (FileSystem hdfs = hdfs();
                FSDataInputStream file =
                        hdfs.open(new org.apache.hadoop.fs.Path("/models/" + model + "/versions/1/model.zip"));
                ZipInputStream entries = new ZipInputStream(file)) {
            for (ZipEntry entry = entries.getNextEntry(); entry != null; entry = entries.getNextEntry()) {
                if (entry.getName().equals("coefficients.bin")) {
                    return entries.readAllBytes();
                }
            }
        }
        throw new AssertionError("no parameters in the archive of " + model);
    }
}
