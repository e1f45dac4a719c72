package org.convoy.doctor;

import com.typesafe.config.Config;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.PrivilegedAction;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.SafeModeAction;
import org.apache.hadoop.fs.permission.FsPermission;
import org.apache.hadoop.hdfs.DistributedFileSystem;
import org.apache.hadoop.hdfs.MiniDFSCluster;
import org.apache.hadoop.hdfs.protocol.HdfsConstants;
import org.apache.hadoop.security.UserGroupInformation;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.core.config.Configurator;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.convoy.cli.NativesPlugin;
import org.convoy.demo.DigitPainter;
import org.convoy.prepare.Existing;
import org.convoy.prepare.Prepare;
import org.convoy.prepare.PrepareConfig;
import org.convoy.report.JsonReport;
import org.convoy.runtime.Phases;
import org.convoy.runtime.Settings;
import org.convoy.train.Train;
import org.convoy.train.TrainConfig;
import org.convoy.train.Training;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/** The doctor on executors in processes of their own and a real HDFS, which then falls ill. */
class DoctorIT {
    @TempDir
    private static Path local;

    private static MiniDFSCluster hdfs;
    private static DistributedFileSystem files;
    private static String root;
    private static SparkSession spark;
    private static Phases phases;

    @BeforeAll
    static void startCluster() throws Exception {
        Configurator.setLevel("org.apache.hadoop", Level.OFF);
        Configuration hadoop = new Configuration();
        hadoop.set(MiniDFSCluster.HDFS_MINIDFS_BASEDIR, local.resolve("hdfs").toString());
        hdfs = new MiniDFSCluster.Builder(hadoop).numDataNodes(1).build();
        hdfs.waitActive();
        files = hdfs.getFileSystem();
        root = "hdfs://127.0.0.1:" + hdfs.getNameNodePort();
        SparkSession.Builder builder = SparkSession.builder();
        Training.SPARK_DEFAULTS.forEach(builder::config);
        spark = builder.appName("DoctorIT")
                .master("local-cluster[2,1,1024]")
                .config("spark.executor.extraClassPath", System.getProperty("java.class.path"))
                .config("spark.ui.enabled", "false")
                .config("spark.plugins", NativesPlugin.class.getName())
                .getOrCreate();
        PrintStream silent = new PrintStream(new ByteArrayOutputStream(), false, StandardCharsets.UTF_8);
        phases = new Phases(JavaSparkContext.fromSparkContext(spark.sparkContext()), silent);
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
    @Tag("heavy")
    void looksAtEveryProcessAndPredictsTheTraining() throws Exception {
        DigitPainter.writeFolder(local.resolve("pictures"), 60, 1);
        Config settings = Settings.load(
                Optional.empty(),
                List.of(
                        "prepare.input=" + local.resolve("pictures").toUri(),
                        "prepare.output=" + root + "/dataset",
                        "prepare.image.colour=grey",
                        "prepare.image.height=28",
                        "prepare.image.width=28",
                        "train.dataset=" + root + "/dataset",
                        "train.batch-size=16",
                        "train.averaging-period-batches=4",
                        "models.directory=" + root + "/models",
                        "models.name=digits"));
        Prepare.run(spark, PrepareConfig.from(settings), Existing.REFUSE, phases);
        TrainConfig training = TrainConfig.from(settings, Settings.lines(settings, new Train().sections()));

        DoctorReport report = examine(root + "/models", Duration.ofMinutes(2), Optional.of(training));

        assertThat(report.findings())
                .as(report.table())
                .noneMatch(finding -> finding.severity() == Severity.ERROR)
                .extracting(Finding::check)
                .contains(
                        "Kerberos",
                        "executors",
                        "versions",
                        "native libraries",
                        "GPUs",
                        "clocks",
                        "storage",
                        "bandwidth",
                        "free space",
                        "memory",
                        "rounds");
        assertThat(report.processes())
                .extracting(ProcessFacts::pid)
                .doesNotHaveDuplicates()
                .hasSize(3);
        assertThat(report.findings())
                .filteredOn(finding -> finding.check().equals("bandwidth"))
                .extracting(Finding::what)
                .anyMatch(what -> what.startsWith("executor to executor: "))
                .anyMatch(what -> what.startsWith("executor to driver: "));
        Forecast forecast = report.forecast();
        assertThat(forecast.configured().workers()).isEqualTo(2);
        assertThat(forecast.configured().averagingPeriod()).isEqualTo(4);
        assertThat(forecast.configured().roundSeconds()).isGreaterThanOrEqualTo(4 * forecast.stepSeconds());
        assertThat(forecast.vectorBytes()).as("θ and its velocity").isEqualTo(2 * 4 * 431_080L);
        assertThat(new String(JsonReport.of(report), StandardCharsets.UTF_8))
                .contains("\"severity\" : \"OK\"", "\"recommended\" : {", "\"offHeapBytes\" : ");
        assertThat(Arrays.stream(files.listStatus(new org.apache.hadoop.fs.Path("/")))
                        .map(FileStatus::getPath)
                        .map(org.apache.hadoop.fs.Path::getName))
                .as("the doctor leaves nothing")
                .containsExactly("dataset");
    }

    @Test
    void safeModeIsAFindingWithItsRemedy() throws Exception {
        files.setSafeMode(SafeModeAction.ENTER);
        try {
            assertStorageError(
                    examine(root + "/models", Duration.ofMinutes(1), Optional.empty()), "safe mode", "-safemode get");
        } finally {
            files.setSafeMode(SafeModeAction.LEAVE);
        }
    }

    @Test
    void aFullDirectoryIsAFindingWithItsRemedy() throws Exception {
        org.apache.hadoop.fs.Path full = new org.apache.hadoop.fs.Path("/full");
        files.mkdirs(full);
        files.setQuota(full, HdfsConstants.QUOTA_DONT_SET, 1);
        assertStorageError(
                examine(root + "/full/models", Duration.ofMinutes(1), Optional.empty()), "quota", "-setSpaceQuota");
        files.delete(full, true);
    }

    @Test
    void aDirectoryOfSomebodyElseIsAFindingWithItsRemedy() throws Exception {
        org.apache.hadoop.fs.Path others = new org.apache.hadoop.fs.Path("/others");
        files.mkdirs(others, new FsPermission((short) 0755));
        UserGroupInformation guest = UserGroupInformation.createUserForTesting("guest", new String[] {"guests"});
        DoctorReport report = guest.doAs((PrivilegedAction<DoctorReport>)
                () -> examine(root + "/others/models", Duration.ofMinutes(1), Optional.empty()));
        assertStorageError(report, "Permission denied: user=guest, access=WRITE", "-chown");
        files.delete(others, true);
    }

    @Test
    void aFileSystemThatNeverAnswersCostsNoMoreThanTheLimit() throws Exception {
        try (ServerSocket mute = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            DoctorReport report = examine(
                    "hdfs://127.0.0.1:" + mute.getLocalPort() + "/models", Duration.ofSeconds(8), Optional.empty());
            assertThat(report.findings())
                    .filteredOn(finding -> finding.check().equals("storage"))
                    .singleElement()
                    .satisfies(finding -> {
                        assertThat(finding.severity()).isEqualTo(Severity.ERROR);
                        assertThat(finding.what()).isEqualTo("writing and reading models did not end within 8 s");
                    });
            assertThat(report.findings()).as("the checks after it").anyMatch(finding -> finding.check()
                    .equals("bandwidth"));
        }
    }

    private static void assertStorageError(DoctorReport report, String what, String remedy) {
        assertThat(report.foundErrors()).isTrue();
        assertThat(report.findings())
                .as(report.table())
                .filteredOn(finding -> finding.check().equals("storage"))
                .singleElement()
                .satisfies(finding -> {
                    assertThat(finding.severity()).isEqualTo(Severity.ERROR);
                    assertThat(finding.what()).contains(what);
                    assertThat(finding.remedy()).contains(remedy);
                });
    }

    private static DoctorReport examine(String models, Duration limit, Optional<TrainConfig> training) {
        DoctorConfig config = new DoctorConfig(limit, Duration.ofSeconds(4));
        return Doctor.run(spark, config, models, Duration.ofMinutes(1), training, phases);
    }
}
