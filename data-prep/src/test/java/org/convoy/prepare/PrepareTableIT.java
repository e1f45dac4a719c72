package org.convoy.prepare;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.spark.sql.SparkSession;
import org.convoy.data.Example;
import org.convoy.data.Manifest;
import org.convoy.data.PreparedDataset;
import org.convoy.data.Split;
import org.convoy.runtime.ExitCode;
import org.convoy.runtime.UserError;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** Tables of paths and labels, as CSV and as Parquet. */
class PrepareTableIT {
    private static final int PICTURES = 24;

    @TempDir
    private Path directory;

    @BeforeEach
    void writePictures() {
        for (int i = 0; i < PICTURES; i++) {
            Pictures.write(directory.resolve("pictures/" + i + ".png"), Pictures.png(i));
        }
    }

    @Test
    void readsLabelsFromACsv() {
        PreparedDataset dataset = prepare(csv("path,label", i -> "pictures/" + i + ".png," + (i % 3 * 5)));

        assertThat(dataset.manifest().classes()).containsExactly("0", "5", "10");
        assertThat(dataset.manifest().counts()).isEqualTo(new Manifest.Counts(PICTURES, PICTURES, Map.of(), 0, 0));
        assertThat(Datasets.examples(dataset)).allSatisfy(example -> {
            int number = Integer.parseInt(example.id().replaceAll("\\D", ""));
            assertThat(example.label()).isEqualTo(number % 3);
        });
    }

    @Test
    void readsAnyOrderOfColumnsAbsolutePathsAndWhatASpreadsheetWrites() {
        PreparedDataset dataset = prepare(csv(
                "\uFEFFlabel, weight, split, path",
                i -> (i % 2 == 0 ? "even" : "odd") + ", 1.5, " + (i < 4 ? "test" : i < 8 ? "val" : "") + ", \""
                        + (i == 0 ? "file:" : "") + directory + "/pictures/" + i + ".png\""));

        assertThat(dataset.manifest().split(Split.TEST).rowsPerClass()).containsExactly(2L, 2L);
        assertThat(dataset.manifest().split(Split.VALIDATION).rowsPerClass()).containsExactly(2L, 2L);
        assertThat(dataset.manifest().split(Split.TRAIN).rowsPerClass()).containsExactly(8L, 8L);
        assertThat(Datasets.examples(dataset, Split.TEST))
                .extracting(Example::id)
                .contains("file:" + directory + "/pictures/0.png", directory + "/pictures/1.png");
    }

    @Test
    void keepsHowMuchAPictureCounts() {
        PreparedDataset dataset = prepare(csv(
                "path,label,weight",
                i -> "pictures/" + i + ".png," + i % 2 + "," + (i % 3 == 0 ? "" : Double.toString(i + 0.25))));

        assertThat(dataset.manifest().weighted()).isTrue();
        assertThat(Datasets.examples(dataset)).hasSize(PICTURES).allSatisfy(example -> {
            int number = Integer.parseInt(example.id().replaceAll("\\D", ""));
            assertThat(example.weight()).isEqualTo(number % 3 == 0 ? 1 : number + 0.25f);
        });
    }

    @Test
    void refusesAWeightThatIsNone() {
        assertRefused(
                csv("path,label,weight", i -> "pictures/" + i + ".png," + i % 2 + "," + (i == 5 ? "0" : "1")),
                "] the row of 'pictures/5.png' has weight '0'; it must be a number above 0, or empty for 1");
        assertRefused(
                csv("path,label,weight", i -> "pictures/" + i + ".png," + i % 2 + "," + (i == 5 ? "much" : "1")),
                "] the row of 'pictures/5.png' has weight 'much'; it must be a number above 0, or empty for 1");
    }

    @Test
    void readsParquetAndADirectoryOfCsvAlike() {
        Path csv = csv("path,label", i -> "../pictures/" + i + ".png," + i % 2);
        SparkSession spark = LocalSpark.session();
        String tables = directory.resolve("tables").toString();
        spark.read()
                .option("header", "true")
                .csv(csv.toString())
                .repartition(3)
                .write()
                .parquet(tables + "/a.parquet");
        spark.read()
                .option("header", "true")
                .csv(csv.toString())
                .repartition(3)
                .write()
                .option("header", "true")
                .option("compression", "gzip")
                .csv(tables + "/b");

        PreparedDataset parquet = prepare(Path.of(tables, "a.parquet"));
        PreparedDataset csvs = prepare(Path.of(tables, "b"), "prepare.output=" + directory.resolve("second"));

        assertThat(parquet.manifest().counts().written()).isEqualTo(PICTURES);
        assertThat(csvs.manifest().splits()).isEqualTo(parquet.manifest().splits());
    }

    @Test
    void namesTheRowThatIsWrong() {
        assertRefused(row(7, "pictures/7.png,"), "] the row of 'pictures/7.png' has no label");
        assertRefused(row(7, "pictures/7.png,\" \""), "] the row of 'pictures/7.png' has no label");
        assertRefused(row(7, ",cat"), "] a row has no path or id; its label is 'cat'");
        assertRefused(
                csv("path,label,split", i -> "pictures/" + i + ".png," + i % 2 + "," + (i == 7 ? "dev" : "")),
                "] the row of 'pictures/7.png' has split 'dev'; it must be train, validation, test or empty");
        assertRefused(
                csv("path,label,split", i -> "pictures/" + i + ".png," + (i == 7 ? "2,test" : i % 2 + ",")),
                "] has class '2' in test but not in train, which has [0, 1]");
    }

    @Test
    void refusesARowWithTooManyFields() {
        Path table = row(7, "pictures/7,5.png,0");

        UserError error = refused(table);
        assertThat(error)
                .hasMessageStartingWith("[" + table + "] Cannot read: ")
                .hasMessageContaining("pictures/7,5.png");
    }

    @Test
    void saysThatAFileIsNotThere() {
        assertRefused(
                row(7, "pictures/none.png,0"),
                "file:" + directory + "/pictures/none.png] file does not exist, though [file:" + directory
                        + "] lists it",
                "[");
    }

    @Test
    void saysWhichColumnIsMissing() {
        Path table = csv("file,label", i -> "pictures/" + i + ".png,0");

        assertRefused(table, "] has no column 'path'; its columns are [file, label]");
        assertRefused(csv("path,class", i -> "x,0"), "] has no column 'label'; its columns are [path, class]");
    }

    @Test
    void refusesOneClass() {
        assertRefused(
                csv("path,label", i -> "pictures/" + i + ".png,cat"),
                "] has one class only to train on [cat]: a classifier needs two or more");
    }

    @Test
    void refusesWhatIsNoTable() {
        Path text = directory.resolve("table.txt");
        Pictures.write(text, "path,label".getBytes(UTF_8));
        Path broken = directory.resolve("table.parquet");
        Pictures.write(broken, "PAR1 no, this is not Parquet".getBytes(UTF_8));
        Path cut = directory.resolve("cut.csv.gz");
        byte[] whole = Idx.gzip(
                "path,label\npictures/1.png,1\npictures/2.png,2\n".repeat(99).getBytes(UTF_8));
        Pictures.write(cut, Arrays.copyOf(whole, whole.length - 9));

        assertThat(refused(text))
                .hasMessage("[" + text + "] must be a file named .csv or .csv.gz or .parquet, or a directory of such"
                        + " but has 'table.txt'");
        assertThat(refused(broken))
                .hasMessageStartingWith("[" + broken + "] Cannot read: ")
                .hasMessageContaining("not a Parquet file");
        assertThat(refused(cut))
                .hasMessageStartingWith("[" + cut + "] Cannot read: ")
                .hasMessageContaining("cut.csv.gz");
        assertThat(refused(directory.resolve("no.csv")))
                .hasMessage("[" + directory.resolve("no.csv") + "] input does not exist");
    }

    private Path row(int number, String text) {
        return csv("path,label", i -> i == number ? text : "pictures/" + i + ".png," + i % 2);
    }

    private Path csv(String header, IntFunction<String> row) {
        Path file = directory.resolve("table.csv");
        Pictures.write(
                file,
                IntStream.range(0, PICTURES)
                        .mapToObj(row)
                        .collect(Collectors.joining("\n", header + "\n", "\n"))
                        .getBytes(UTF_8));
        return file;
    }

    private void assertRefused(Path table, String message) {
        assertRefused(table, message, "[" + table);
    }

    private void assertRefused(Path table, String message, String lead) {
        assertThat(refused(table)).hasMessage(lead + message);
    }

    private UserError refused(Path table) {
        UserError[] error = new UserError[1];
        assertThatThrownBy(() -> prepare(table)).satisfies(thrown -> error[0] = UserErrors.in(thrown));
        assertThat(error[0].exitCode()).isEqualTo(ExitCode.BAD_INPUT);
        assertThat(directory.resolve("dataset")).doesNotExist();
        return error[0];
    }

    private PreparedDataset prepare(Path input, String... overrides) {
        return LocalSpark.dataset("table", input, directory.resolve("dataset"), overrides);
    }
}
