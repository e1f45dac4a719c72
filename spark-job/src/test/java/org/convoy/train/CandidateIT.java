package org.convoy.train;

import com.typesafe.config.Config;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.convoy.data.PreparedDataset;
import org.convoy.demo.DigitPainter;
import org.convoy.model.engine.NativeSettings;
import org.convoy.prepare.Existing;
import org.convoy.prepare.Prepare;
import org.convoy.prepare.PrepareConfig;
import org.convoy.repository.ModelRepository;
import org.convoy.runtime.Phases;
import org.convoy.runtime.Settings;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/** A training whose version somebody else decides about. */
class CandidateIT {
    @TempDir
    private Path directory;

    @Test
    void publishesNothingAndIsNotDoneAgainOnceItsVersionIsWritten() throws Exception {
        NativeSettings.ensureApplied();
        DigitPainter.writeFolder(directory.resolve("pictures"), 8, 1);
        Config settings = Settings.load(
                Optional.empty(),
                List.of(
                        "prepare.input=" + directory.resolve("pictures"),
                        "prepare.output=" + directory.resolve("dataset"),
                        "prepare.image.colour=grey",
                        "prepare.image.height=28",
                        "prepare.image.width=28",
                        "train.dataset=" + directory.resolve("dataset"),
                        "train.epochs=1",
                        "train.workers=1",
                        "models.directory=" + directory.resolve("models"),
                        "models.name=digits"));
        TrainConfig config = TrainConfig.from(settings, Settings.lines(settings, new Train().sections()));
        try (SparkSession spark = SparkSession.builder()
                .master("local[1]")
                .appName("CandidateIT")
                .config("spark.ui.enabled", "false")
                .getOrCreate()) {
            JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
            Phases phases = new Phases(context, System.out);
            Prepare.run(spark, PrepareConfig.from(settings), Existing.REFUSE, phases);
            ModelRepository repository = ModelRepository.at(context.hadoopConfiguration(), config.modelsDirectory());

            assertThat(Training.candidate(spark, config, 0, phases)).isEqualTo(1);
            assertThat(repository.current("digits")).isEmpty();
            PreparedDataset dataset = PreparedDataset.open(context.hadoopConfiguration(), config.dataset());
            assertThat(repository.file("digits", 1, ModelRepository.DATASET_MANIFEST))
                    .isEqualTo(dataset.manifest().toJson());
            assertThat(repository.card("digits", 1).datasetDigest()).isEqualTo(dataset.manifestDigest());

            // Cut off behind the version, before its checkpoints were gone and anybody had heard of it.
            Path left = directory.resolve("models/digits/checkpoints/epoch-000001-round-000000");
            Files.createDirectories(left.getParent());
            Files.writeString(left, "of the training that is done");
            assertThat(Training.candidate(spark, config, 0, phases)).isEqualTo(1);
            assertThat(repository.versions("digits")).containsExactly(1);
            assertThat(left).doesNotExist();

            assertThat(Training.candidate(spark, config, 1, phases)).isEqualTo(2);
        }
    }
}
