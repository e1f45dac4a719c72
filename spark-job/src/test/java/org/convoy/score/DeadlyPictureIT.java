package org.convoy.score;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.convoy.cli.JobCommand;
import org.convoy.cli.NativesPlugin;
import org.convoy.demo.DigitPainter;
import org.convoy.runtime.Phases;
import org.convoy.runtime.Settings;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/** Pictures that are the death of the executor that scores them, in processes of their own; see {@link DeadlyFileSystem}. */
@Tag("heavy")
class DeadlyPictureIT {
    /** Makes 11 units, of which each of 4 tasks takes some. */
    private static final int SOUND = 2800;

    @TempDir
    private static Path directory;

    private static SparkSession spark;

    @BeforeAll
    static void start() throws IOException {
        Files.createDirectories(Path.of(System.getenv("SPARK_HOME"), "jars"));
        DigitPainter.writeFolder(directory.resolve("pictures"), SOUND / 10, 1);
        Files.write(
                directory.resolve("model.zip"),
                SmallModel.of(10, 7, SmallModel.PREPARATION).zip());
        SparkSession.Builder builder = SparkSession.builder()
                .appName("DeadlyPictureIT")
                .master("local-cluster[1,1,1024]")
                .config("spark.executor.extraClassPath", System.getProperty("java.class.path"))
                .config("spark.hadoop.fs.deadly.impl", DeadlyFileSystem.class.getName())
                .config("spark.hadoop.fs.AbstractFileSystem.deadly.impl", DeadlyFileSystem.ForContexts.class.getName())
                .config("spark.ui.enabled", "false")
                .config("spark.plugins", NativesPlugin.class.getName());
        JobCommand.ENDURANCE.forEach(builder::config);
        spark = builder.getOrCreate();
    }

    @AfterAll
    static void stop() {
        if (spark != null) {
            spark.close();
        }
    }

    @Test
    void eachIsARowWithItsReasonAndAllOthersAreAnswered() throws IOException {
        List<String> killers = List.of("5/5-0100-killer.png", "7/7-0200-killer.png");
        DigitPainter painter = new DigitPainter(2);
        for (int i = 0; i < killers.size(); i++) {
            Files.write(directory.resolve("pictures").resolve(killers.get(i)), painter.png(5, i));
        }
        JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());

        ScoreReport report = Scoring.run(
                spark,
                ScoreConfig.from(Settings.load(
                        Optional.empty(),
                        List.of(
                                "score.input=deadly:" + directory.resolve("pictures"),
                                "score.output=deadly:" + directory.resolve("answers"),
                                "score.model=" + directory.resolve("model.zip")))),
                new Phases(context, System.out));

        assertThat(report.rowsOut()).isEqualTo(SOUND + killers.size());
        assertThat(report.files()).as("units").hasSize(11);
        List<Row> rows = spark.read()
                .parquet(directory.resolve("answers").toString())
                .select("id", "class", "error")
                .collectAsList();
        assertThat(rows.stream().map(row -> row.getString(0)).distinct()).hasSize(SOUND + killers.size());
        assertThat(rows.stream().filter(row -> row.isNullAt(1)).map(Row::toString))
                .containsExactlyInAnyOrder(
                        "[" + killers.get(0) + ",null,killed-its-process]",
                        "[" + killers.get(1) + ",null,killed-its-process]");
        assertThat(directory.resolve("answers/_attempts")).doesNotExist();
    }
}
