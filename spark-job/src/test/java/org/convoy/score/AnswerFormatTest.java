package org.convoy.score;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.univocity.parsers.csv.CsvParser;
import com.univocity.parsers.csv.CsvParserSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.hadoop.ParquetReader;
import org.apache.parquet.hadoop.example.GroupReadSupport;
import org.convoy.prepare.ImageDecoder.Refused;
import org.convoy.prepare.Reason;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

class AnswerFormatTest {
    private static final String ODD_ID = "a \"b\",c\n;d\u00e9.jpg";
    private static final AnswerRow.Columns ALL =
            new AnswerRow.Columns(List.of("cat", "d,og", "cow"), 2, true, true, "pets", 7);
    private static final AnswerRow.Columns FEW =
            new AnswerRow.Columns(List.of("cat", "d,og", "cow"), 0, false, false, "pets.zip", 0);

    @TempDir
    private Path directory;

    @Test
    void theMostProbableClassesComeFirstAndOfEqualsTheFirst() {
        AnswerRow row = ALL.row(answer(ODD_ID, 2, 0.25f, 0.5f, 0.25f));

        assertThat(row.predicted()).isEqualTo("d,og");
        assertThat(row.probability()).isEqualTo(0.5f);
        assertThat(row.label()).isEqualTo("cow");
        assertThat(row.topClasses()).containsExactly("d,og", "cat");
        assertThat(row.topProbabilities()).containsExactly(0.5f, 0.25f);
        assertThat(new AnswerRow.Columns(List.of("cat", "dog"), 5, true, true, "m", 0)
                        .row(answer("x", -1, 0.5f, 0.5f))
                        .topClasses())
                .containsExactly("cat", "dog");
    }

    @Test
    void parquetHasWhatWasWritten() throws IOException {
        Path file = write(AnswerFormat.PARQUET, ALL);

        List<Group> rows = new ArrayList<>();
        try (ParquetReader<Group> reader = ParquetReader.builder(
                        new GroupReadSupport(), new org.apache.hadoop.fs.Path(file.toUri()))
                .build()) {
            for (Group row = reader.read(); row != null; row = reader.read()) {
                rows.add(row);
            }
        }
        assertThat(rows).hasSize(2);
        Group answered = rows.get(0);
        assertThat(answered.getString("id", 0)).isEqualTo(ODD_ID);
        assertThat(answered.getString("class", 0)).isEqualTo("d,og");
        assertThat(answered.getFloat("probability", 0)).isEqualTo(0.5f);
        assertThat(answered.getGroup("top_classes", 0).getGroup("list", 1).getString("element", 0))
                .isEqualTo("cat");
        assertThat(answered.getGroup("probabilities", 0).getFieldRepetitionCount("list"))
                .isEqualTo(3);
        assertThat(answered.getGroup("embedding", 0).getGroup("list", 0).getFloat("element", 0))
                .isEqualTo(1.5f);
        assertThat(answered.getFieldRepetitionCount("error")).isZero();
        assertThat(answered.getInteger("version", 0)).isEqualTo(7);
        Group refused = rows.get(1);
        assertThat(refused.getString("error", 0)).isEqualTo("truncated");
        assertThat(refused.getFieldRepetitionCount("class")).isZero();
        assertThat(refused.getFieldRepetitionCount("top_classes")).isZero();
    }

    @Test
    void jsonHasAnObjectALine() throws IOException {
        List<String> lines = Files.readAllLines(write(AnswerFormat.JSON, ALL));

        assertThat(lines).hasSize(2);
        JsonNode answered = new ObjectMapper().readTree(lines.get(0));
        assertThat(answered.get("id").textValue()).isEqualTo(ODD_ID);
        assertThat(answered.get("top_classes")).hasSize(2);
        assertThat(answered.get("probability").floatValue()).isEqualTo(0.5f);
        assertThat(answered.get("error").isNull()).isTrue();
        JsonNode refused = new ObjectMapper().readTree(lines.get(1));
        assertThat(refused.get("error").textValue()).isEqualTo("truncated");
        assertThat(refused.get("class").isNull()).isTrue();
        assertThat(refused.get("embedding").isNull()).isTrue();
    }

    @Test
    void csvHasAHeaderAndListsAsJson() throws IOException {
        CsvParserSettings settings = new CsvParserSettings();
        settings.getFormat().setQuoteEscape('"');
        List<String[]> rows = new CsvParser(settings)
                .parseAll(write(AnswerFormat.CSV, ALL).toFile(), java.nio.charset.StandardCharsets.UTF_8);

        assertThat(rows).hasSize(3);
        assertThat(rows.get(0))
                .containsExactly(
                        "id",
                        "label",
                        "class",
                        "probability",
                        "top_classes",
                        "top_probabilities",
                        "probabilities",
                        "embedding",
                        "error",
                        "error_detail",
                        "model",
                        "version");
        assertThat(rows.get(1))
                .containsExactly(
                        ODD_ID,
                        "cow",
                        "d,og",
                        "0.5",
                        "[\"d,og\",\"cat\"]",
                        "[0.5,0.25]",
                        "[0.25,0.5,0.25]",
                        "[1.5]",
                        null,
                        null,
                        "pets",
                        "7");
        assertThat(rows.get(2)[8]).isEqualTo("truncated");
    }

    @Test
    void everyFormatCountsItsRowsAndDoesWithoutWhatIsNotAsked() throws IOException {
        for (AnswerFormat format : AnswerFormat.values()) {
            for (AnswerRow.Columns columns : List.of(ALL, FEW)) {
                Path file = write(format, columns);
                assertThat(format.rows(new Configuration(), new org.apache.hadoop.fs.Path(file.toUri())))
                        .as("%s", format)
                        .isEqualTo(2);
            }
        }
    }

    private Path write(AnswerFormat format, AnswerRow.Columns columns) throws IOException {
        Path file = Files.createTempDirectory(directory, "answers").resolve("part" + format.ending());
        try (AnswerFile out =
                format.create(new Configuration(), new org.apache.hadoop.fs.Path(file.toUri()), columns)) {
            out.write(columns.row(answer(ODD_ID, 2, 0.25f, 0.5f, 0.25f)));
            out.write(columns.row(
                    Answer.refused(new Picture("b.jpg", -1, 3, null), new Refused(Reason.TRUNCATED, "ends"))));
        }
        return file;
    }

    private static Answer answer(String id, int label, float... probabilities) {
        return new Answer(new Picture(id, label, 9, null), new byte[0], probabilities, new float[] {1.5f}, null);
    }
}
