package org.convoy.inspect;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import javax.imageio.ImageIO;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.convoy.data.PreparedDataset;
import org.convoy.prepare.Existing;
import org.convoy.prepare.Prepare;
import org.convoy.prepare.PrepareConfig;
import org.convoy.runtime.Phases;
import org.convoy.runtime.Settings;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

class NearDuplicatesIT {
    private static final int SIDE = 64;

    @TempDir
    private Path directory;

    private static SparkSession spark;

    @BeforeAll
    static void start() {
        spark = SparkSession.builder()
                .master("local[2]")
                .config("spark.ui.enabled", "false")
                .getOrCreate();
    }

    @AfterAll
    static void stop() {
        if (spark != null) {
            spark.close();
        }
    }

    @Test
    void findsWhatWasEncodedAnewAndNothingElse() throws IOException {
        for (int i = 0; i < 40; i++) {
            write("train/cat/" + i + ".png", waves(i), "png");
            write("train/dog/" + i + ".png", waves(100 + i), "png");
        }
        write("train/cat/again.jpg", waves(3), "jpeg");
        write("train/dog/cat-too.jpg", waves(5), "jpeg");
        write("test/dog/in-train.jpg", waves(107), "jpeg");
        write("test/cat/other.png", waves(300), "png");

        NearDuplicates.Found found = find();

        assertThat(found.pairs()).isEqualTo(3);
        assertThat(found.acrossSplits()).isEqualTo(1);
        assertThat(found.acrossLabels()).isEqualTo(1);
        assertThat(found.cutShort()).isZero();
        assertThat(found.examples())
                .extracting(pair -> pair.a() + " " + pair.b())
                .containsExactly(
                        "test/dog/in-train.jpg (test) train/dog/7.png (train)",
                        "train/cat/5.png (train) train/dog/cat-too.jpg (train)",
                        "train/cat/3.png (train) train/cat/again.jpg (train)");
    }

    /** On an empty ground all hashes agree; the work stays bounded and the report says what it left out. */
    @Test
    void doesNotCompareEverythingWithEverything() throws IOException {
        int pictures = 3000;
        for (int i = 0; i < pictures; i++) {
            BufferedImage image = new BufferedImage(SIDE, SIDE, BufferedImage.TYPE_BYTE_GRAY);
            image.getRaster().setSample(i % SIDE, i / SIDE, 0, 255);
            write("train/" + (i % 2 == 0 ? "cat" : "dog") + "/" + i + ".png", image, "png");
        }

        NearDuplicates.Found found = find("prepare.split.validation-share=0", "prepare.split.test-share=0");

        assertThat(found.cutShort()).isPositive();
        assertThat(found.pairs()).isLessThanOrEqualTo(5L * pictures * 2000);
        assertThat(found.examples()).hasSize(10);
    }

    private NearDuplicates.Found find(String... overrides) {
        JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
        PrintStream silent = new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8);
        List<String> settings = new ArrayList<>(List.of(
                "prepare.input=" + directory.resolve("pictures"),
                "prepare.output=" + directory.resolve("dataset"),
                "prepare.image.colour=grey",
                "prepare.image.height=64",
                "prepare.image.width=64",
                "prepare.split.validation-share=0"));
        settings.addAll(List.of(overrides));
        Prepare.run(
                spark,
                PrepareConfig.from(Settings.load(Optional.empty(), settings)),
                Existing.REFUSE,
                new Phases(context, silent));
        return NearDuplicates.find(
                context,
                PreparedDataset.open(
                        context.hadoopConfiguration(),
                        directory.resolve("dataset").toString()));
    }

    private void write(String name, BufferedImage image, String format) throws IOException {
        Path file = directory.resolve("pictures").resolve(name);
        Files.createDirectories(file.getParent());
        assertThat(ImageIO.write(image, format, file.toFile())).isTrue();
    }

    /** A smooth picture of its own for each seed. */
    private static BufferedImage waves(long seed) {
        Random random = new Random(seed);
        double[] p = random.doubles(9).toArray();
        BufferedImage image = new BufferedImage(SIDE, SIDE, BufferedImage.TYPE_BYTE_GRAY);
        for (int y = 0; y < SIDE; y++) {
            for (int x = 0; x < SIDE; x++) {
                double value = 0;
                for (int wave = 0; wave < 3; wave++) {
                    value += Math.sin((x * p[3 * wave] + y * p[3 * wave + 1]) * 0.3 + 6 * p[3 * wave + 2]);
                }
                image.getRaster().setSample(x, y, 0, (int) (127 + 40 * value));
            }
        }
        return image;
    }
}
