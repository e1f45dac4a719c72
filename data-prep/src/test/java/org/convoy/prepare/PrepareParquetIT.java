package org.convoy.prepare;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.convoy.data.Example;
import org.convoy.data.Manifest;
import org.convoy.data.PreparedDataset;
import org.convoy.data.Split;
import org.convoy.runtime.ExitCode;
import org.convoy.runtime.UserError;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** Parquet files with the encoded pictures in them. */
class PrepareParquetIT {
    private static final int PICTURES = 30;

    private static final StructType COLUMNS = new StructType()
            .add("bytes", DataTypes.BinaryType)
            .add("label", DataTypes.IntegerType)
            .add("id", DataTypes.StringType)
            .add("split", DataTypes.StringType);

    @TempDir
    private Path directory;

    @Test
    void readsBytesLabelsIdsAndSplits() {
        PreparedDataset dataset = prepare(write("in.parquet", rows().repartition(3)));

        assertThat(dataset.manifest().classes()).containsExactly("0", "5", "10");
        assertThat(dataset.manifest().counts()).isEqualTo(new Manifest.Counts(PICTURES, PICTURES, Map.of(), 0, 0));
        assertThat(dataset.manifest().split(Split.TEST).rowsPerClass()).containsExactly(2L, 2L, 2L);
        assertThat(Datasets.examples(dataset)).allSatisfy(example -> {
            int number = Integer.parseInt(example.id().substring("picture-".length()));
            assertThat(example.label()).isEqualTo(number % 3);
        });
    }

    @Test
    void namesAPictureByItsFileAndRowWhereThereIsNoId() {
        PreparedDataset dataset =
                prepare(write("in.parquet", rows().drop("id", "split").coalesce(1)));

        assertThat(Datasets.examples(dataset))
                .extracting(Example::id)
                .doesNotHaveDuplicates()
                .hasSize(PICTURES)
                .allMatch(id -> id.matches("part-00000-.*\\.parquet/\\d+"));
    }

    @Test
    void readsFilesPartitionedByLabel() {
        Path input = directory.resolve("in");
        rows().withColumn("label", functions.concat(functions.lit("class-"), functions.col("label")))
                .write()
                .partitionBy("label")
                .parquet(input.toString());

        assertThat(prepare(input).manifest().classes()).containsExactly("class-0", "class-10", "class-5");
    }

    @Test
    void setsAsideARowWithoutBytes() {
        Dataset<Row> rows = rows().withColumn(
                        "bytes", functions.when(functions.col("id").notEqual("picture-7"), functions.col("bytes")));

        assertThat(prepare(write("in.parquet", rows)).manifest().counts().rejected())
                .isEqualTo(Map.of("empty-file", 1L));
    }

    @Test
    void saysWhatIsWrongWithAColumn() {
        Path noLabel = write("a.parquet", rows().drop("label"));
        Path text = write("b.parquet", rows().withColumn("bytes", functions.lit("text")));
        Path real = write("c.parquet", rows().withColumn("label", functions.lit(1.5)));
        Path empty = write(
                "d.parquet",
                rows().withColumn(
                                "label",
                                functions.when(functions.col("id").notEqual("picture-7"), functions.col("label"))));

        assertThat(refused(noLabel))
                .hasMessage("[" + noLabel + "] has no column 'label'; its columns are [bytes, id, split]");
        assertThat(refused(text)).hasMessage("[" + text + "] column 'bytes' must be binary but is string");
        assertThat(refused(real))
                .hasMessage("[" + real
                        + "] column 'label' must be string or tinyint or smallint or int or bigint but is double");
        assertThat(refused(empty)).hasMessage("[" + empty + "] the row of 'picture-7' has no label");
    }

    private static Dataset<Row> rows() {
        List<Row> rows = new ArrayList<>();
        for (int i = 0; i < PICTURES; i++) {
            rows.add(RowFactory.create(Pictures.png(i), i % 3 * 5, "picture-" + i, i < 6 ? "test" : null));
        }
        return LocalSpark.session().createDataFrame(rows, COLUMNS);
    }

    private Path write(String name, Dataset<Row> rows) {
        rows.write().parquet(directory.resolve(name).toString());
        return directory.resolve(name);
    }

    private UserError refused(Path input) {
        UserError[] error = new UserError[1];
        assertThatThrownBy(() -> prepare(input)).satisfies(thrown -> error[0] = UserErrors.in(thrown));
        assertThat(error[0].exitCode()).isEqualTo(ExitCode.BAD_INPUT);
        return error[0];
    }

    private PreparedDataset prepare(Path input) {
        return LocalSpark.dataset("parquet", input, directory.resolve("dataset"));
    }
}
