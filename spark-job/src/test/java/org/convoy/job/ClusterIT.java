package org.convoy.job;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigValueFactory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListSet;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.hdfs.MiniDFSCluster;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.core.config.Configurator;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.convoy.cli.NativesPlugin;
import org.convoy.demo.DigitPainter;
import org.convoy.evaluate.Evaluate;
import org.convoy.evaluate.EvaluateConfig;
import org.convoy.evaluate.EvaluateReport;
import org.convoy.model.ModelArchive;
import org.convoy.prepare.Existing;
import org.convoy.prepare.Prepare;
import org.convoy.prepare.PrepareConfig;
import org.convoy.prepare.PrepareReport;
import org.convoy.repository.ModelRepository;
import org.convoy.runtime.Phases;
import org.convoy.runtime.Settings;
import org.convoy.train.Train;
import org.convoy.train.TrainConfig;
import org.convoy.train.TrainReport;
import org.convoy.train.Training;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The whole way where it will run: pictures, dataset and models on a real NameNode with three DataNodes, tasks in executor
 * processes of their own.
 */
@Tag("heavy")
class ClusterIT {
    private static final int PICTURES_PER_DIGIT = 60;

    @TempDir
    private static Path local;

    private static MiniDFSCluster hdfs;
    private static String root;
    private static SparkSession spark;

    /** Of files of checkpoints that were seen. */
    private static final Set<String> CHECKPOINT_PERMISSIONS = new ConcurrentSkipListSet<>();

    @BeforeAll
    static void startCluster() throws Exception {
        // What servers in this JVM say while they start and are shut down.
        Configurator.setLevel("org.apache.hadoop", Level.OFF);
        Configuration hadoop = new Configuration();
        hadoop.set(MiniDFSCluster.HDFS_MINIDFS_BASEDIR, local.resolve("hdfs").toString());
        hdfs = new MiniDFSCluster.Builder(hadoop).numDataNodes(3).build();
        hdfs.waitActive();
        root = "hdfs://127.0.0.1:" + hdfs.getNameNodePort();

        DigitPainter.writeFolder(local.resolve("pictures"), PICTURES_PER_DIGIT, 1);
        try (FileSystem files = hdfs.getNewFileSystemInstance(0)) {
            files.copyFromLocalFile(
                    new org.apache.hadoop.fs.Path(local.resolve("pictures").toUri()),
                    new org.apache.hadoop.fs.Path(root + "/pictures"));
        }
        SparkSession.Builder builder = SparkSession.builder();
        Training.SPARK_DEFAULTS.forEach(builder::config);
        spark = builder.appName("ClusterIT")
                .master("local-cluster[2,1,1024]")
                .config("spark.executor.extraClassPath", System.getProperty("java.class.path"))
                .config("spark.ui.enabled", "false")
                .config("spark.plugins", NativesPlugin.class.getName())
                .config("spark.hadoop.fs.permissions.umask-mode", "027")
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
    void preparesTrainsAndEvaluatesOnHdfsInSeparateProcesses() {
        Config settings = Settings.load(
                Optional.empty(),
                List.of(
                        "prepare.input=" + root + "/pictures",
                        "prepare.output=" + root + "/dataset",
                        "prepare.image.colour=grey",
                        "prepare.image.height=28",
                        "prepare.image.width=28",
                        "train.dataset=" + root + "/dataset",
                        "train.epochs=3",
                        "train.batch-size=16",
                        "train.averaging-period-batches=4",
                        "models.directory=" + root + "/models",
                        "models.name=digits",
                        "evaluate.dataset=" + root + "/dataset"));
        JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
        Phases phases = new Phases(context, System.out);

        PrepareReport prepared = Prepare.run(spark, PrepareConfig.from(settings), Existing.REFUSE, phases);
        TrainReport trained = Training.run(
                spark, TrainConfig.from(settings, Settings.lines(settings, new Train().sections())), phases);
        EvaluateReport evaluated = Evaluate.run(spark, EvaluateConfig.from(settings), phases);

        assertThat(executorProcesses(context)).as("processes that ran tasks").hasSize(2);
        assertThat(prepared.counts().read()).isEqualTo(10L * PICTURES_PER_DIGIT);
        assertThat(trained.workers()).as("every task slot").isEqualTo(2);
        assertThat(trained.dropped()).isZero();
        assertThat(trained.trained())
                .isEqualTo(3
                        * prepared.rowsPerClass().get("train").stream()
                                .mapToLong(n -> n)
                                .sum());
        assertThat(trained.path()).isEqualTo(root + "/models/digits/versions/1/model.zip");
        assertThat(trained.epochs().get(2).loss())
                .isLessThan(trained.epochs().get(0).loss());
        // Not chance, which is 10 %: the model that was written is the one that was trained.
        assertThat(evaluated.metrics().accuracy()).isGreaterThan(0.3);

        ModelRepository repository = ModelRepository.at(context.hadoopConfiguration(), root + "/models");
        ModelArchive model = repository.archive("digits", 1);
        assertThat(repository.current("digits")).contains(1);
        assertThat(model.card().datasetDigest()).isEqualTo(prepared.manifestDigest());
        assertThat(model.card().metrics().get("validation-accuracy"))
                .isEqualTo(trained.validation().accuracy());
        assertThat(new String(repository.file("digits", 1, "report.html"), java.nio.charset.StandardCharsets.UTF_8))
                .contains("Training of digits");
        assertThat(permissionsBelow("/dataset", "/models/digits"))
                .as("with umask 027")
                .containsExactlyInAnyOrder("rwxr-x---", "rw-r-----");
    }

    @Test
    void anExecutorKilledInMidRoundChangesNoParameter() throws Exception {
        DigitPainter.writeFolder(local.resolve("more-pictures"), 2 * PICTURES_PER_DIGIT, 2);
        Config settings = Settings.load(
                Optional.empty(),
                List.of(
                        "prepare.input=" + local.resolve("more-pictures").toUri(),
                        "prepare.output=" + root + "/more",
                        "prepare.image.colour=grey",
                        "prepare.image.height=28",
                        "prepare.image.width=28",
                        "train.dataset=" + root + "/more",
                        "train.epochs=4",
                        "train.batch-size=4",
                        "train.averaging-period-batches=16",
                        "train.checkpoint-every-rounds=1",
                        "models.directory=" + root + "/models"));
        Phases phases = new Phases(JavaSparkContext.fromSparkContext(spark.sparkContext()), System.out);
        Prepare.run(spark, PrepareConfig.from(settings), Existing.REFUSE, phases);

        TrainReport undisturbed = train(settings, "undisturbed", phases);
        long victim = executorProcesses(JavaSparkContext.fromSparkContext(spark.sparkContext()))
                .iterator()
                .next();
        Thread killer = new Thread(() -> killInMidRound(victim, root + "/models/disturbed/checkpoints"));
        killer.start();
        TrainReport disturbed = train(settings, "disturbed", phases);
        killer.join();

        assertThat(ProcessHandle.of(victim)).as("the killed executor").isEmpty();
        assertThat(disturbed.dropped()).isZero();
        assertThat(parameters("disturbed")).isEqualTo(parameters("undisturbed"));
        assertThat(disturbed.epochs().get(3).loss())
                .isEqualTo(undisturbed.epochs().get(3).loss());
        assertThat(CHECKPOINT_PERMISSIONS).as("with umask 027").containsExactly("rw-r-----");
    }

    private static TrainReport train(Config settings, String model, Phases phases) {
        Config named = settings.withValue("models.name", ConfigValueFactory.fromAnyRef(model));
        return Training.run(spark, TrainConfig.from(named, Settings.lines(named, new Train().sections())), phases);
    }

    /** Kills an executor with -9 once training has written a checkpoint, when the next round is on its way. */
    private static void killInMidRound(long executor, String checkpoints) {
        try (FileSystem files = hdfs.getNewFileSystemInstance(0)) {
            while (!files.exists(new org.apache.hadoop.fs.Path(checkpoints))) {
                Thread.sleep(5);
            }
            for (FileStatus checkpoint : files.listStatus(new org.apache.hadoop.fs.Path(checkpoints))) {
                CHECKPOINT_PERMISSIONS.add(checkpoint.getPermission().toString());
            }
            Thread.sleep(50);
            ProcessHandle.of(executor).orElseThrow().destroyForcibly();
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Permissions of directories and files, without the directories that are given. */
    private static Set<String> permissionsBelow(String... directories) {
        Set<String> permissions = new TreeSet<>();
        try (FileSystem files = hdfs.getNewFileSystemInstance(0)) {
            for (String directory : directories) {
                addPermissions(files, new org.apache.hadoop.fs.Path(root + directory), permissions);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return permissions;
    }

    private static void addPermissions(FileSystem files, org.apache.hadoop.fs.Path path, Set<String> permissions)
            throws IOException {
        for (FileStatus entry : files.listStatus(path)) {
            permissions.add(entry.getPermission().toString());
            if (entry.isDirectory()) {
                addPermissions(files, entry.getPath(), permissions);
            }
        }
    }

    private static byte[] parameters(String model) throws IOException {
        return ArchivedParameters.of(
                ModelRepository.at(spark.sparkContext().hadoopConfiguration(), root + "/models"), model);
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
