package org.convoy.score;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.univocity.parsers.csv.CsvParser;
import com.univocity.parsers.csv.CsvParserSettings;
import com.univocity.parsers.csv.CsvWriter;
import com.univocity.parsers.csv.CsvWriterSettings;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** CSV in UTF-8 with a header, a quote within quotes doubled; lists are JSON arrays within a field, nulls are empty. */
final class CsvAnswers implements AnswerFile {
    private final AnswerRow.Columns columns;
    private final CsvWriter writer;

    CsvAnswers(OutputStream out, AnswerRow.Columns columns) {
        this.columns = columns;
        CsvWriterSettings settings = new CsvWriterSettings();
        settings.setIgnoreLeadingWhitespaces(false);
        settings.setIgnoreTrailingWhitespaces(false);
        settings.setQuoteEscapingEnabled(true);
        settings.setMaxColumns(header(columns).size());
        settings.getFormat().setQuoteEscape('"');
        settings.getFormat().setLineSeparator("\n");
        this.writer = new CsvWriter(out, StandardCharsets.UTF_8, settings);
        writer.writeHeaders(header(columns));
    }

    private static List<String> header(AnswerRow.Columns columns) {
        List<String> names = new ArrayList<>(List.of("id", "label", "class", "probability"));
        if (columns.topK() > 0) {
            names.addAll(List.of("top_classes", "top_probabilities"));
        }
        if (columns.probabilities()) {
            names.add("probabilities");
        }
        if (columns.embedding()) {
            names.add("embedding");
        }
        names.addAll(List.of("error", "error_detail", "model", "version"));
        return names;
    }

    @Override
    public void write(AnswerRow row) throws IOException {
        List<Object> fields = new ArrayList<>();
        fields.add(row.id());
        fields.add(row.label());
        fields.add(row.predicted());
        fields.add(row.probability());
        if (columns.topK() > 0) {
            fields.add(json(row.topClasses()));
            fields.add(json(row.topProbabilities()));
        }
        if (columns.probabilities()) {
            fields.add(json(row.probabilities()));
        }
        if (columns.embedding()) {
            fields.add(json(row.embedding()));
        }
        fields.add(row.error());
        fields.add(row.errorDetail());
        fields.add(columns.model());
        fields.add(columns.version() > 0 ? columns.version() : null);
        writer.writeRow(fields);
    }

    private static String json(List<String> values) throws IOException {
        if (values == null) {
            return null;
        }
        StringWriter text = new StringWriter();
        try (JsonGenerator json = new JsonFactory().createGenerator(text)) {
            JsonAnswers.write(json, values);
        }
        return text.toString();
    }

    private static String json(float[] values) throws IOException {
        if (values == null) {
            return null;
        }
        StringWriter text = new StringWriter();
        try (JsonGenerator json = new JsonFactory().createGenerator(text)) {
            JsonAnswers.write(json, values);
        }
        return text.toString();
    }

    @Override
    public void close() {
        writer.close();
    }

    /** Records behind the header. */
    static long rows(InputStream file) throws IOException {
        CsvParserSettings settings = new CsvParserSettings();
        settings.getFormat().setQuoteEscape('"');
        settings.setMaxCharsPerColumn(-1);
        settings.setHeaderExtractionEnabled(true);
        CsvParser parser = new CsvParser(settings);
        long rows = 0;
        try (file) {
            parser.beginParsing(file, StandardCharsets.UTF_8);
            while (parser.parseNext() != null) {
                rows++;
            }
        } finally {
            parser.stopParsing();
        }
        return rows;
    }
}
