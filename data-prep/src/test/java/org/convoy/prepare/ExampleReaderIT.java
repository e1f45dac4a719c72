package org.convoy.prepare;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.sql.SparkSession;
import org.convoy.data.Example;
import org.convoy.data.ExampleDigest;
import org.convoy.data.ExampleReader;
import org.convoy.data.Manifest;
import org.convoy.data.PreparedDataset;
import org.convoy.data.Split;
import org.convoy.runtime.UserError;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** On a dataset with several files in its train split. */
class ExampleReaderIT {
    @TempDir
    private Path directory;

    private PreparedDataset dataset;
    private List<Manifest.DataFile> files;
    private long rows;

    @BeforeEach
    void prepare() {
        Pictures.writeClasses(directory.resolve("pictures"), 100, "cat", "dog");
        LocalSpark.prepare(LocalSpark.config(
                directory.resolve("pictures"),
                directory.resolve("dataset"),
                "prepare.image.height=64",
                "prepare.image.width=64",
                "prepare.files-multiple-of=3"));
        dataset = Datasets.open(directory.resolve("dataset"));
        files = dataset.manifest().split(Split.TRAIN).files();
        rows = dataset.manifest().split(Split.TRAIN).rows();
        assertThat(files).hasSize(3);
    }

    @Test
    void readsWhatSparkReads() {
        SparkSession spark = LocalSpark.session();
        List<String> expected = new ArrayList<>();
        for (Manifest.DataFile file : files) {
            spark
                    .read()
                    .parquet(dataset.path() + "/" + file.path())
                    .select("id", "label", "pixels")
                    .collectAsList()
                    .stream()
                    .map(row -> inWords(new Example(row.getString(0), row.getInt(1), 1, (byte[]) row.get(2))))
                    .forEach(expected::add);
        }

        assertThat(read(0, rows)).isEqualTo(expected);
    }

    @Test
    void findsTheRowsThatTheDigestsStandFor() {
        long first = 0;
        for (Manifest.DataFile file : files) {
            ExampleDigest digest = new ExampleDigest();
            ExampleReader.read(Datasets.hadoop(), dataset.path(), files, first, first + file.rows(), digest::add);
            assertThat(digest.hex()).isEqualTo(file.digest());
            first += file.rows();
        }
        assertThat(files).extracting(Manifest.DataFile::digest).doesNotHaveDuplicates();
    }

    @Test
    void readsEveryRangeAsPartOfTheWhole() {
        List<String> all = read(0, rows);
        long border = files.get(0).rows();

        for (long[] range : new long[][] {
            {0, 0}, {0, 1}, {3, 9}, {border - 1, border + 1}, {border, rows}, {1, rows - 1}, {rows, rows}
        }) {
            assertThat(read(range[0], range[1])).isEqualTo(all.subList((int) range[0], (int) range[1]));
        }
    }

    @Test
    void opensNoFileOutsideOfTheRange() throws IOException {
        List<String> first = read(0, files.get(0).rows());
        Files.delete(file(1));
        Files.delete(file(2));

        assertThat(read(0, files.get(0).rows())).isEqualTo(first);
    }

    @Test
    void namesAMissingFile() throws IOException {
        Files.delete(file(1));

        assertThatThrownBy(() -> read(0, rows))
                .isInstanceOf(UserError.class)
                .hasMessage(
                        "[file:" + file(1) + "] is missing though the manifest lists it; prepare the dataset again");
    }

    @Test
    void namesAFileWithTooFewRows() {
        Manifest.DataFile last = files.get(2);
        List<Manifest.DataFile> wrong = List.of(
                files.get(0),
                files.get(1),
                new Manifest.DataFile(last.path(), last.rows() + 5, last.bytes(), last.digest()));

        assertThatThrownBy(
                        () -> ExampleReader.read(Datasets.hadoop(), dataset.path(), wrong, 0, rows + 5, example -> {}))
                .isInstanceOf(UserError.class)
                .hasMessage("[file:" + file(2) + "] has " + last.rows() + " rows but the manifest says "
                        + (last.rows() + 5) + "; prepare the dataset again");
    }

    @Test
    void namesAFileThatIsNotParquet() throws IOException {
        Files.delete(file(0).resolveSibling("." + file(0).getFileName() + ".crc"));
        Files.writeString(file(0), "no Parquet at all");

        assertThatThrownBy(() -> read(0, 1))
                .isInstanceOf(UserError.class)
                .hasMessageStartingWith("[file:" + file(0) + "] is not readable Parquet: ");
    }

    @Test
    void namesACutFile() throws IOException {
        Files.delete(file(0).resolveSibling("." + file(0).getFileName() + ".crc"));
        byte[] whole = Files.readAllBytes(file(0));
        Files.write(file(0), Arrays.copyOf(whole, whole.length / 2));

        assertThatThrownBy(() -> read(0, 1))
                .isInstanceOf(UserError.class)
                .hasMessageStartingWith("[file:" + file(0) + "] is not readable Parquet: ");
    }

    @Test
    void refusesARangeOutsideOfTheSplit() {
        assertThatThrownBy(() -> read(0, rows + 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("rows must be a range within [0, " + rows + ") but was [0, " + (rows + 1) + ")");
    }

    private Path file(int index) {
        return directory.resolve("dataset").resolve(files.get(index).path());
    }

    private List<String> read(long from, long to) {
        List<String> examples = new ArrayList<>();
        ExampleReader.read(
                Datasets.hadoop(), dataset.path(), files, from, to, example -> examples.add(inWords(example)));
        return examples;
    }

    private static String inWords(Example example) {
        return example.id() + " " + example.label() + " " + Arrays.hashCode(example.pixels());
    }
}
