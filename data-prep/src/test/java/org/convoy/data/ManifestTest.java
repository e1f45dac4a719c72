package org.convoy.data;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class ManifestTest {
    private static final Manifest MANIFEST = Manifests.small();

    @Test
    void comesBackFromJsonAsItWas() {
        assertThat(Manifest.fromJson(MANIFEST.toJson())).isEqualTo(MANIFEST);
    }

    @Test
    void givesTheSameBytesAgain() {
        assertThat(Manifest.fromJson(MANIFEST.toJson()).toJson()).isEqualTo(MANIFEST.toJson());
    }

    @Test
    void writesColoursAsTheConfigurationNamesThem() {
        assertThat(json()).contains("\"colour\" : \"grey\"");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "shape",
                "colour",
                "classes",
                "weighted",
                "splits",
                "counts",
                "rejectedFiles",
                "trainPixels",
                "products",
                "statistics",
                "statisticsFiles",
                "mean",
                "standardDeviation",
                "splitRule",
                "configuration",
                "versions",
                "height",
                "rows",
                "rowsPerClass",
                "files",
                "digest",
                "read",
                "duplicates",
                "duplicatesAcrossSplits",
                "appended",
                "spark"
            })
    void refusesAMissingOrUnknownField(String field) {
        String renamed = json().replaceFirst("\"" + field + "\" :", "\"" + field + "2\" :");

        assertThatThrownBy(() -> parse(renamed))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(field);
    }

    @Test
    void refusesAnAdditionalField() {
        String more = json().replaceFirst("\\{", "{\"author\": \"me\",");

        assertThatThrownBy(() -> parse(more)).hasMessageContaining("Unrecognized field \"author\"");
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"cat\"", "\"/in\"", "\"grey\"", "127.25", "\"all to train\"", "400"})
    void refusesNull(String value) {
        String withNull = json().replaceFirst(value, "null");

        assertThat(withNull).isNotEqualTo(json());
        assertThatThrownBy(() -> parse(withNull)).isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @CsvSource({"400, 400.5", "400, '\"400\"'", "127.25, '\"127.25\"'"})
    void refusesAValueOfAnotherType(String value, String other) {
        String changed = json().replaceFirst(value, other);

        assertThat(changed).isNotEqualTo(json());
        assertThatThrownBy(() -> parse(changed)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void refusesAnotherFormatVersionBeforeAnythingElse() {
        assertThatThrownBy(() -> parse("{\"formatVersion\": 1, \"tensors\": []}"))
                .hasMessage("formatVersion must be 3 but was 1: it was written by another version of Convoy");
    }

    @Test
    void refusesWhatIsNotJson() {
        assertThatThrownBy(() -> parse("PAR1")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> parse("")).hasMessage("it is not a JSON object");
        assertThatThrownBy(() -> parse(json() + "{}")).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void refusesCountsThatDoNotAddUp() {
        assertThatThrownBy(() -> new Manifest.Counts(9, 5, Map.of("truncated", 2L), 1, 0))
                .hasMessage("read must be written + rejected + duplicates (8) but was 9");
        assertThatThrownBy(() -> parse(json().replaceFirst("\"written\" : 5", "\"written\" : 4")))
                .hasMessageContaining("read must be");
        assertThatThrownBy(() -> parse(json().replaceFirst("\"rows\" : 2", "\"rows\" : 1")))
                .hasMessageContaining("rejectedFiles must be as many rows as pictures were rejected (2) but was 1");
        assertThatThrownBy(() -> new Manifest.SplitContent(4, List.of(3L, 2L), List.of()))
                .hasMessage("rows must be the sum of rowsPerClass (5) but was 4");
    }

    private static String json() {
        return new String(MANIFEST.toJson(), StandardCharsets.UTF_8);
    }

    private static Manifest parse(String json) {
        return Manifest.fromJson(json.getBytes(StandardCharsets.UTF_8));
    }
}
