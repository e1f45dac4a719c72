package org.convoy.job;

import com.typesafe.config.Config;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.convoy.cli.NativesPlugin;
import org.convoy.evaluate.EvaluateConfig;
import org.convoy.evaluate.Metrics;
import org.convoy.prepare.PrepareConfig;
import org.convoy.runtime.Phases;
import org.convoy.runtime.Settings;
import org.convoy.train.Train;
import org.convoy.train.TrainConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/** The demonstration keeps its promise. */
class DemoIT {
    @TempDir
    private Path directory;

    @Test
    void readsDigitsItNeverSaw() {
        List<String> overrides = new ArrayList<>(new Demo().presets());
        overrides.addAll(List.of(
                "prepare.input=" + directory.resolve("pictures"),
                "prepare.output=" + directory.resolve("dataset"),
                "train.dataset=" + directory.resolve("dataset"),
                "evaluate.dataset=" + directory.resolve("dataset"),
                "models.directory=" + directory.resolve("models")));
        Config settings = Settings.load(Optional.empty(), overrides);
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        PrintStream out = new PrintStream(printed, true, StandardCharsets.UTF_8);

        Demo.Result result;
        try (SparkSession spark = SparkSession.builder()
                .appName("DemoIT")
                .master("local[2]")
                .config("spark.ui.enabled", "false")
                .config("spark.plugins", NativesPlugin.class.getName())
                .getOrCreate()) {
            JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
            result = Demo.run(
                    spark,
                    PrepareConfig.from(settings),
                    TrainConfig.from(settings, Settings.lines(settings, new Train().sections())),
                    EvaluateConfig.from(settings),
                    new Phases(context, out),
                    out);
        }

        Metrics test = result.evaluated().metrics();
        assertThat(test.accuracy()).isGreaterThanOrEqualTo(0.97);
        assertThat(bestAccuracyWithoutLooking(test)).isLessThan(0.15);
        assertThat(result.trained().dropped()).isZero();
        assertThat(result.trained().workers()).isEqualTo(2);
        assertThat(result.trained().published()).isTrue();
        assertThat(result.predictions()).hasSize(5);
        assertThat(printed.toString(StandardCharsets.UTF_8)).contains("Where everything lies");
    }

    /** A model that ignores the picture does best by always naming the commonest class. */
    private static double bestAccuracyWithoutLooking(Metrics metrics) {
        long commonest = Collections.max(
                metrics.perClass().stream().map(Metrics.ClassMetrics::examples).toList());
        return (double) commonest / metrics.examples();
    }
}
