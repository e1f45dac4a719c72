package org.convoy.job;

import com.typesafe.config.Config;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import org.apache.spark.sql.SparkSession;
import org.convoy.cli.NativesPlugin;
import org.convoy.retrain.Retrain;
import org.convoy.retrain.RetrainConfig;
import org.convoy.retrain.RetrainReport;
import org.convoy.runtime.Settings;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/** The demonstration of retraining keeps its promise. */
@Tag("heavy")
class RetrainDemoIT {
    @TempDir
    private Path directory;

    @Test
    void publishesWhatIsBetterKeepsBackWhatIsPoisonedAndRollsBack() {
        Config settings = Settings.load(Optional.empty(), RetrainDemo.presets(directory));
        RetrainConfig config = RetrainConfig.from(settings, Settings.lines(settings, new Retrain().sections()));
        ByteArrayOutputStream printed = new ByteArrayOutputStream();

        RetrainDemo.Result result;
        try (SparkSession spark = SparkSession.builder()
                .appName("RetrainDemoIT")
                .master("local[2]")
                .config("spark.ui.enabled", "false")
                .config("spark.plugins", NativesPlugin.class.getName())
                .getOrCreate()) {
            result = RetrainDemo.run(
                    spark,
                    config,
                    directory.resolve("pictures"),
                    new PrintStream(printed, true, StandardCharsets.UTF_8));
        }

        assertThat(result.nights())
                .as(printed.toString(StandardCharsets.UTF_8))
                .extracting(RetrainReport::outcome)
                .containsExactly(
                        RetrainReport.Outcome.PUBLISHED,
                        RetrainReport.Outcome.PUBLISHED,
                        RetrainReport.Outcome.KEPT_BACK);
        assertThat(result.nights().get(2).why()).contains("digits@3 is kept back", "digits@2 stays current");
        assertThat(result.rolledBackTo()).isEqualTo(1);
        assertThat(printed.toString(StandardCharsets.UTF_8)).contains("Where everything lies");
    }
}
