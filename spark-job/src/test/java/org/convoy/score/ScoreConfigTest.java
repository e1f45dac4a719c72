package org.convoy.score;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.convoy.prepare.UnitsConfig.Labels;
import org.convoy.prepare.UnitsKind;
import org.convoy.runtime.Settings;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class ScoreConfigTest {
    @Test
    void hasDefaultsForAllButInputOutputAndModel() {
        ScoreConfig config = read("models.name=pets");

        assertThat(config.model()).isEqualTo("pets");
        assertThat(config.source()).isEqualTo(UnitsKind.AUTO);
        assertThat(config.labels()).isEqualTo(Labels.AUTO);
        assertThat(config.format()).isEqualTo(AnswerFormat.PARQUET);
        assertThat(config.preparation()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "score.input=\"\"|score.input must be given: set it in the --conf file or with --set",
                "score.output=\"\"|score.output must be given: set it in the --conf file or with --set",
                "models.name=\"\"|score.model (or models.name) must be given: set it in the --conf file or with --set",
                "score.batch-size=0|score.batch-size must be from 1 to 4096 but was 0",
                "score.top-k=-1|score.top-k must be from 0 to 1000 but was -1",
                "score.unit-pictures=0|score.unit-pictures must be from 1 to 1000000 but was 0",
                "score.format=xml|score.format must be one of parquet, csv, json but was 'xml'",
                "score.labels=maybe|score.labels must be one of auto, required, none but was 'maybe'",
                "score.split=half|score.split must be one of all, train, validation, test but was 'half'"
            })
    void saysWhichValueBreaksWhichRule(String setting, String message) {
        assertThatThrownBy(() -> read("models.name=pets", setting))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
    }

    private static ScoreConfig read(String... settings) {
        List<String> all = new ArrayList<>(List.of("score.input=in", "score.output=out"));
        all.addAll(List.of(settings));
        return ScoreConfig.from(Settings.load(Optional.empty(), all));
    }
}
