package org.convoy.doctor;

import com.typesafe.config.Config;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.convoy.cli.NativesPlugin;
import org.convoy.cli.TaskSlots;
import org.convoy.demo.DigitPainter;
import org.convoy.prepare.Existing;
import org.convoy.prepare.Prepare;
import org.convoy.prepare.PrepareConfig;
import org.convoy.runtime.Phases;
import org.convoy.runtime.Settings;
import org.convoy.runtime.UserError;
import org.convoy.train.RoundReport;
import org.convoy.train.Train;
import org.convoy.train.TrainConfig;
import org.convoy.train.TrainReport;
import org.convoy.train.Training;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/**
 * GPUs by Spark's resource scheduling on a machine without any: a discovery script names two made-up addresses, and executors are
 * processes of their own.
 */
class GpuTasksIT {
    @TempDir
    private static Path directory;

    private static String discovery;

    private final ByteArrayOutputStream said = new ByteArrayOutputStream();

    @BeforeAll
    static void writeDiscoveryScript() throws Exception {
        Path script = directory.resolve("two-gpus");
        Files.writeString(script, "#!/bin/sh\necho '{\"name\": \"gpu\", \"addresses\": [\"0\", \"1\"]}'\n");
        assertThat(script.toFile().setExecutable(true)).isTrue();
        discovery = script.toString();
        DigitPainter.writeFolder(directory.resolve("pictures"), 20, 1);
    }

    @Test
    @Tag("heavy")
    void twoExecutorsOfAHostHaveAGpuEachAndTrainOnTheProcessorIfTheyMay() {
        try (SparkSession spark = spark("local-cluster[1,2,2048]", 1, "cpu")) {
            Census census = census(spark);
            assertThat(census.executors()).hasSize(2);
            assertThat(census.gpuTasks()).hasSize(2);
            assertThat(gpusByProcess(census)).hasSize(2);
            assertThat(census.gpuTasks()).extracting(Census.GpuTask::address).containsExactlyInAnyOrder("0", "1");
            assertThat(ProcessChecks.gpus(census)).singleElement().satisfies(finding -> {
                assertThat(finding.severity()).isEqualTo(Severity.WARNING);
                assertThat(finding.what()).contains("GPUs need the jar that `mvn -Pcuda package` builds");
            });

            TrainReport trained = train(spark);

            Map<String, String> gpus = gpusByProcess(census);
            assertThat(trained.rounds()).extracting(RoundReport::slowest).allSatisfy(worker -> {
                String process = worker.replaceAll(".* on (.*), GPU .*", "$1");
                assertThat(worker).endsWith(", GPU " + gpus.get(process));
            });
            assertThat(said.toString(StandardCharsets.UTF_8))
                    .containsOnlyOnce("Computing without GPUs on ")
                    .contains("GPUs need the jar that `mvn -Pcuda package` builds");
        }
    }

    @Test
    void twoTasksOfAnExecutorHaveAGpuEach() {
        try (SparkSession spark = spark("local-cluster[1,2,1024]", 2, "cpu")) {
            Census census = census(spark);
            assertThat(census.executors()).hasSize(1);
            assertThat(census.gpuTasks()).extracting(Census.GpuTask::address).containsExactlyInAnyOrder("0", "1");
        }
    }

    @Test
    void aTrainingWhoseGpusCannotBeUsedStopsBeforeItReadsAnything() {
        try (SparkSession spark = spark("local-cluster[1,2,1024]", 2, "fail")) {
            assertThatThrownBy(() -> train(spark))
                    .hasStackTraceContaining("this Convoy computes on processors alone")
                    .hasStackTraceContaining("with gpu.when-unusable = cpu processors compute instead")
                    .hasStackTraceContaining(UserError.class.getName());
            assertThat(said.toString(StandardCharsets.UTF_8)).doesNotContain("Loading shards");
        }
    }

    private SparkSession spark(String master, int gpusPerExecutor, String whenUnusable) {
        SparkSession.Builder builder = SparkSession.builder();
        Training.SPARK_DEFAULTS.forEach(builder::config);
        return builder.appName("GpuTasksIT")
                .master(master)
                .config("spark.executor.cores", Integer.toString(gpusPerExecutor))
                .config("spark.executor.memory", "900m")
                .config("spark.executor.extraClassPath", System.getProperty("java.class.path"))
                .config("spark.worker.resource.gpu.amount", "2")
                .config("spark.worker.resource.gpu.discoveryScript", discovery)
                .config("spark.executor.resource.gpu.amount", Integer.toString(gpusPerExecutor))
                .config("spark.task.resource.gpu.amount", "1")
                .config("spark.convoy.gpu.when-unusable", whenUnusable)
                .config("spark.ui.enabled", "false")
                .config("spark.plugins", NativesPlugin.class.getName())
                .getOrCreate();
    }

    private static Census census(SparkSession spark) {
        int tasks = TaskSlots.await(spark.sparkContext(), 2, Duration.ofMinutes(1));
        return Census.take(JavaSparkContext.fromSparkContext(spark.sparkContext()), tasks);
    }

    private static Map<String, String> gpusByProcess(Census census) {
        Map<String, String> gpus = new TreeMap<>();
        census.gpuTasks().forEach(task -> gpus.put(task.process(), task.address()));
        return gpus;
    }

    private TrainReport train(SparkSession spark) {
        Config settings = Settings.load(
                Optional.empty(),
                List.of(
                        "prepare.input=" + directory.resolve("pictures").toUri(),
                        "prepare.output=" + directory.resolve("dataset").toUri(),
                        "prepare.image.colour=grey",
                        "prepare.image.height=28",
                        "prepare.image.width=28",
                        "train.dataset=" + directory.resolve("dataset").toUri(),
                        "train.workers=2",
                        "train.epochs=1",
                        "train.batch-size=8",
                        "train.averaging-period-batches=2",
                        "models.directory=" + directory.resolve("models").toUri(),
                        "models.name=digits"));
        Phases phases = new Phases(
                JavaSparkContext.fromSparkContext(spark.sparkContext()),
                new PrintStream(said, true, StandardCharsets.UTF_8));
        Prepare.run(spark, PrepareConfig.from(settings), Existing.REPLACE, phases);
        return Training.run(
                spark, TrainConfig.from(settings, Settings.lines(settings, new Train().sections())), phases);
    }
}
