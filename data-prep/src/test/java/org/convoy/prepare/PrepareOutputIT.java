package org.convoy.prepare;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.sql.SparkSession;
import org.convoy.data.Manifest;
import org.convoy.data.PreparedDataset;
import org.convoy.runtime.ExitCode;
import org.convoy.runtime.ProcessName;
import org.convoy.runtime.UserError;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** When the output appears, and what happens to what was there. */
class PrepareOutputIT {
    @TempDir
    private Path directory;

    @BeforeEach
    void writeInput() {
        Idx.write(directory.resolve("idx"), new int[] {0, 1, 0, 1, 0, 1, 0, 1}, new int[] {0, 1});
    }

    @Test
    void leavesOnlyTheDatasetBehind() {
        prepare(Existing.REFUSE);

        assertThat(directory.toFile().list()).containsExactlyInAnyOrder("idx", "dataset");
        assertThat(output().toFile().list()).contains("manifest.json", "report.json", "split=train", "split=test");
    }

    @Test
    void refusesAnExistingOutputBeforeReadingTheInput() throws IOException {
        Files.createDirectories(output());
        Files.delete(directory.resolve("idx/train-images-idx3-ubyte"));

        assertUsage(
                "[" + output() + "] output exists; give another one, or replace it with --overwrite", Existing.REFUSE);
    }

    @Test
    void replacesADatasetOnlyWhenTheNewOneIsWhole() throws IOException {
        prepare(Existing.REFUSE);
        PreparedDataset old = Datasets.open(output());
        byte[] labels = Idx.labels(0, 1, 0, 1, 0, 1, 0, 5);
        Pictures.write(directory.resolve("idx/train-labels-idx1-ubyte"), labels);
        Pictures.write(directory.resolve("idx/t10k-labels-idx1-ubyte"), Idx.labels(0, 9));

        assertThatThrownBy(() -> prepare(Existing.REPLACE)).isInstanceOf(UserError.class);
        assertThat(Datasets.open(output())).isEqualTo(old);

        Pictures.write(directory.resolve("idx/t10k-labels-idx1-ubyte"), Idx.labels(0, 1));
        prepare(Existing.REPLACE);
        assertThat(Datasets.open(output()).manifest().classes()).containsExactly("0", "1", "5");
        assertThat(directory.toFile().list()).containsExactlyInAnyOrder("idx", "dataset");
    }

    @Test
    void neverReplacesWhatIsNotADataset() throws IOException {
        Files.createDirectories(output());
        Files.writeString(output().resolve("thesis.txt"), "years of work");

        assertUsage(
                "[" + output() + "] output exists and is not a Convoy dataset: it will not be replaced",
                Existing.REPLACE);
        assertThat(output().resolve("thesis.txt")).exists();
    }

    @Test
    void refusesAnOutputInsideOfTheInputOrAroundIt() {
        Path input = directory.resolve("idx");
        for (Path output : new Path[] {input, input.resolve("dataset"), directory}) {
            assertThatThrownBy(() -> LocalSpark.prepare(LocalSpark.config(input, output, "prepare.source=idx")))
                    .isInstanceOf(UserError.class)
                    .hasMessage("prepare.output must be neither inside of prepare.input nor around it but was ["
                            + output + "] with input [" + input + "]");
        }
    }

    @Test
    void saysThatTheDiskIsFullAndLeavesNothing() {
        for (String name : List.of(".parquet", "report.json", "manifest.json")) {
            SparkSession session = LocalSpark.session();
            session.sparkContext().hadoopConfiguration().set("fs.broken.impl", BrokenFileSystem.class.getName());
            session.sparkContext().hadoopConfiguration().set("fs.broken.impl.disable.cache", "true");
            session.sparkContext().hadoopConfiguration().set(BrokenFileSystem.FULL_FOR, name);
            PrepareConfig config = LocalSpark.config(
                    directory.resolve("idx"),
                    Path.of("dataset"),
                    "prepare.source=idx",
                    "prepare.output=broken:" + output());

            assertThatThrownBy(() -> LocalSpark.prepare(config))
                    .as("full at %s", name)
                    .isInstanceOfSatisfying(
                            UserError.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.BAD_INPUT))
                    .hasMessageStartingWith("[broken:")
                    .hasMessageContaining("/dataset] Cannot write: ")
                    .hasMessageContaining(
                            name.equals(".parquet") ? "" : "/" + name + "] Cannot write: No space left on device")
                    .hasMessageEndingWith("No space left on device; free space there and in Spark's local directories,"
                            + " then run again");
            assertThat(directory.toFile().list()).containsExactly("idx");
        }
    }

    @Test
    void deletesWhatKilledRunsHaveLeft() throws IOException {
        Path dead = directory.resolve(".dataset.preparing-" + ProcessName.name(Integer.MAX_VALUE));
        Path replaced = directory.resolve(".dataset.replaced-" + ProcessName.name(Integer.MAX_VALUE));
        Path alive = directory.resolve(".dataset.preparing-" + ProcessName.name());
        Path anothers = directory.resolve(".dataset2.preparing-" + ProcessName.name(Integer.MAX_VALUE));
        for (Path path : List.of(dead, alive, anothers)) {
            Files.createDirectories(path.resolve("split=train"));
        }
        prepare(Existing.REFUSE);
        assertThat(dead).doesNotExist();

        Files.createDirectories(replaced);
        prepare(Existing.REPLACE);

        assertThat(directory.toFile().list())
                .containsExactlyInAnyOrder(
                        "idx",
                        "dataset",
                        alive.getFileName().toString(),
                        anothers.getFileName().toString());
    }

    @Test
    void bringsBackTheDatasetOfARunThatWasKilledWhileItReplacedIt() throws IOException {
        prepare(Existing.REFUSE);
        PreparedDataset old = Datasets.open(output());
        Files.move(output(), directory.resolve(".dataset.replaced-" + ProcessName.name(Integer.MAX_VALUE)));

        assertUsage(
                "[" + output() + "] output exists; give another one, or replace it with --overwrite", Existing.REFUSE);

        assertThat(Datasets.open(output())).isEqualTo(old);
        assertThat(directory.toFile().list()).containsExactlyInAnyOrder("idx", "dataset");
    }

    @Test
    void takesTheTestSplitFromTheFilesAndValidationFromTrain() {
        Idx.write(directory.resolve("idx"), alternating(400), alternating(50));

        prepare(Existing.REFUSE);

        Manifest manifest = Datasets.open(output()).manifest();
        assertThat(manifest.splits().get("test").rows()).isEqualTo(50);
        assertThat(manifest.splits().get("validation").rows()).isBetween(20L, 60L);
        assertThat(manifest.counts().written()).isEqualTo(450);
        assertThat(Datasets.splits(Datasets.open(output()))).containsKeys("train/00000", "train/00399", "test/00049");
    }

    @Test
    void readsPlainAndGzipAlike() throws IOException {
        prepare(Existing.REFUSE);
        Manifest plain = Datasets.open(output()).manifest();
        for (String name : directory.resolve("idx").toFile().list()) {
            Path file = directory.resolve("idx").resolve(name);
            Pictures.write(file.resolveSibling(name + ".gz"), Idx.gzip(Files.readAllBytes(file)));
            Files.delete(file);
        }

        prepare(Existing.REPLACE);

        assertThat(Datasets.open(output()).manifest()).isEqualTo(plain);
    }

    private static int[] alternating(int count) {
        int[] labels = new int[count];
        Arrays.setAll(labels, i -> i % 2);
        return labels;
    }

    private void assertUsage(String message, Existing existing) {
        assertThatThrownBy(() -> prepare(existing))
                .isInstanceOfSatisfying(
                        UserError.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.USAGE))
                .hasMessage(message);
    }

    private Path output() {
        return directory.resolve("dataset");
    }

    private PrepareReport prepare(Existing existing) {
        return LocalSpark.prepare(
                LocalSpark.config(directory.resolve("idx"), output(), "prepare.source=idx"), existing);
    }
}
