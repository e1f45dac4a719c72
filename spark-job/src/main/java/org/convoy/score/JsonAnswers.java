package org.convoy.score;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.List;

/** JSON, an object a line, in UTF-8. */
final class JsonAnswers implements AnswerFile {
    private final AnswerRow.Columns columns;
    private final JsonGenerator json;

    JsonAnswers(OutputStream out, AnswerRow.Columns columns) throws IOException {
        this.columns = columns;
        this.json = new JsonFactory().createGenerator(out).setRootValueSeparator(null);
    }

    @Override
    public void write(AnswerRow row) throws IOException {
        json.writeStartObject();
        json.writeStringField("id", row.id());
        json.writeStringField("label", row.label());
        json.writeStringField("class", row.predicted());
        if (row.probability() == null) {
            json.writeNullField("probability");
        } else {
            json.writeNumberField("probability", row.probability());
        }
        if (columns.topK() > 0) {
            json.writeFieldName("top_classes");
            write(json, row.topClasses());
            json.writeFieldName("top_probabilities");
            write(json, row.topProbabilities());
        }
        if (columns.probabilities()) {
            json.writeFieldName("probabilities");
            write(json, row.probabilities());
        }
        if (columns.embedding()) {
            json.writeFieldName("embedding");
            write(json, row.embedding());
        }
        json.writeStringField("error", row.error());
        json.writeStringField("error_detail", row.errorDetail());
        json.writeStringField("model", columns.model());
        if (columns.version() > 0) {
            json.writeNumberField("version", columns.version());
        } else {
            json.writeNullField("version");
        }
        json.writeEndObject();
        json.writeRaw('\n');
    }

    /** An array, or null. */
    static void write(JsonGenerator json, List<String> values) throws IOException {
        if (values == null) {
            json.writeNull();
            return;
        }
        json.writeStartArray();
        for (String value : values) {
            json.writeString(value);
        }
        json.writeEndArray();
    }

    /** An array, or null. */
    static void write(JsonGenerator json, float[] values) throws IOException {
        if (values == null) {
            json.writeNull();
            return;
        }
        json.writeStartArray();
        for (float value : values) {
            json.writeNumber(value);
        }
        json.writeEndArray();
    }

    @Override
    public void close() throws IOException {
        json.close();
    }

    /** Lines: an object has none within. */
    static long rows(InputStream file) throws IOException {
        byte[] buffer = new byte[1 << 16];
        long lines = 0;
        try (file) {
            for (int read = file.read(buffer); read >= 0; read = file.read(buffer)) {
                for (int i = 0; i < read; i++) {
                    lines += buffer[i] == '\n' ? 1 : 0;
                }
            }
        }
        return lines;
    }
}
