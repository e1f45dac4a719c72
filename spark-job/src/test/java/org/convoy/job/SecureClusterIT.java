package org.convoy.job;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigValueFactory;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.apache.spark.SparkEnv;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerBlockUpdated;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.storage.BlockUpdatedInfo;
import org.convoy.cli.NativesPlugin;
import org.convoy.demo.DigitPainter;
import org.convoy.evaluate.Evaluate;
import org.convoy.evaluate.EvaluateConfig;
import org.convoy.prepare.Existing;
import org.convoy.prepare.Prepare;
import org.convoy.prepare.PrepareConfig;
import org.convoy.repository.ModelRepository;
import org.convoy.runtime.MetricsPlugin;
import org.convoy.runtime.Phases;
import org.convoy.runtime.Settings;
import org.convoy.train.Train;
import org.convoy.train.TrainConfig;
import org.convoy.train.Training;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/** Executors in processes of their own, with authentication and all that Spark can encrypt encrypted. */
@Tag("heavy")
class SecureClusterIT {
    private static final String SPARK_SECRET = "a-secret-of-spark";
    private static final String STORAGE_SECRET = "a-secret-of-a-file-system";

    private static final Map<String, String> SECURITY = Map.of(
            "spark.authenticate", "true",
            "spark.authenticate.secret", SPARK_SECRET,
            "spark.network.crypto.enabled", "true",
            "spark.io.encryption.enabled", "true",
            // So little that slices go to disk, too.
            "spark.memory.fraction", "0.002",
            "spark.hadoop.fs.s3a.secret.key", STORAGE_SECRET);

    @TempDir
    private Path directory;

    private final ByteArrayOutputStream printed = new ByteArrayOutputStream();

    @Test
    void trainsTheSameParametersAndKeepsSecrets() throws Exception {
        DigitPainter.writeFolder(directory.resolve("pictures"), 40, 1);
        Config settings = Settings.load(
                Optional.empty(),
                List.of(
                        "prepare.input=" + directory.resolve("pictures"),
                        "prepare.output=" + directory.resolve("dataset"),
                        "prepare.image.colour=grey",
                        "prepare.image.height=28",
                        "prepare.image.width=28",
                        "train.dataset=" + directory.resolve("dataset"),
                        "train.workers=2",
                        "train.epochs=1",
                        "train.batch-size=16",
                        "train.averaging-period-batches=4",
                        "models.directory=" + directory.resolve("models"),
                        "models.name=secure",
                        "evaluate.dataset=" + directory.resolve("dataset")));

        String run;
        try (SparkSession spark = session("local-cluster[2,1,1024]", SECURITY)) {
            run = spark.sparkContext().applicationId();
            Set<String> slicesOnDisk = ConcurrentHashMap.newKeySet();
            spark.sparkContext().addSparkListener(new SparkListener() {
                @Override
                public void onBlockUpdated(SparkListenerBlockUpdated event) {
                    BlockUpdatedInfo block = event.blockUpdatedInfo();
                    if (block.diskSize() > 0 && block.blockId().name().matches("broadcast_\\d+_(slice|mean).*")) {
                        slicesOnDisk.add(block.blockId().name());
                    }
                }
            });
            assertThat(JavaSparkContext.fromSparkContext(spark.sparkContext())
                            .parallelize(List.of(1, 2), 2)
                            .map(task -> SparkEnv.get()
                                            .securityManager()
                                            .getIOEncryptionKey()
                                            .isDefined()
                                    && SparkEnv.get().securityManager().isEncryptionEnabled())
                            .collect())
                    .containsExactly(true, true);
            Prepare.run(spark, PrepareConfig.from(settings), Existing.REFUSE, phases(spark));
            train(spark, settings);
            Evaluate.run(spark, EvaluateConfig.from(settings), phases(spark));
            assertThat(slicesOnDisk).isNotEmpty();
        }
        try (SparkSession spark = session("local[2]", Map.of())) {
            train(spark, settings.withValue("models.name", ConfigValueFactory.fromAnyRef("plain")));
            ModelRepository models = ModelRepository.at(
                    spark.sparkContext().hadoopConfiguration(),
                    directory.resolve("models").toString());
            assertThat(ArchivedParameters.of(models, "secure")).isEqualTo(ArchivedParameters.of(models, "plain"));
        }

        assertThat(printed.toString(StandardCharsets.UTF_8))
                .contains("accuracy")
                .doesNotContain(secrets());
        Path logs = Path.of(System.getenv("SPARK_HOME"), "work", run);
        assertThat(filesIn(logs)).hasSizeGreaterThanOrEqualTo(4);
        for (Path file : filesIn(logs, directory.resolve("dataset"), directory.resolve("models"))) {
            assertThat(Files.readString(file, StandardCharsets.ISO_8859_1))
                    .as(file.toString())
                    .doesNotContain(secrets());
        }
    }

    private static CharSequence[] secrets() {
        return new CharSequence[] {SPARK_SECRET, STORAGE_SECRET};
    }

    private void train(SparkSession spark, Config settings) {
        List<String> lines = Settings.lines(settings, new Train().sections());
        Training.run(spark, TrainConfig.from(settings, lines), phases(spark));
    }

    private Phases phases(SparkSession spark) {
        return new Phases(
                JavaSparkContext.fromSparkContext(spark.sparkContext()),
                new PrintStream(printed, true, StandardCharsets.UTF_8));
    }

    private static SparkSession session(String master, Map<String, String> settings) {
        SparkSession.Builder builder = SparkSession.builder();
        Training.SPARK_DEFAULTS.forEach(builder::config);
        settings.forEach(builder::config);
        return builder.appName("SecureClusterIT")
                .master(master)
                .config("spark.executor.extraClassPath", System.getProperty("java.class.path"))
                .config("spark.ui.enabled", "false")
                .config("spark.plugins", MetricsPlugin.class.getName() + "," + NativesPlugin.class.getName())
                .getOrCreate();
    }

    private static List<Path> filesIn(Path... directories) throws IOException {
        List<Path> files = new ArrayList<>();
        for (Path directory : directories) {
            try (Stream<Path> paths = Files.walk(directory)) {
                files.addAll(paths.filter(Files::isRegularFile).toList());
            }
        }
        return files;
    }
}
