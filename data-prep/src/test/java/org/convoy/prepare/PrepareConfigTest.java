package org.convoy.prepare;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.convoy.data.Colour;
import org.convoy.data.Statistics;
import org.convoy.runtime.ExitCode;
import org.convoy.runtime.Settings;
import org.convoy.runtime.UserError;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class PrepareConfigTest {
    @Test
    void takesTheRestFromTheDefaults() {
        assertThat(config("prepare.image.height=28"))
                .isEqualTo(new PrepareConfig(
                        "/in",
                        "/out",
                        SourceKind.IMAGE_FOLDER,
                        Colour.RGB,
                        28,
                        32,
                        Resize.CENTRE_CROP,
                        0xffffff,
                        JpegDecode.FULL,
                        0.1,
                        0.1,
                        0.05,
                        67_108_864,
                        50_000_000,
                        60,
                        33_554_432,
                        1,
                        Statistics.CHANNELS,
                        AppendedClasses.KNOWN));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "prepare.input=\"\" | prepare.input must be set (the directory or file to read) but was ''",
                "prepare.output=\"\" | prepare.output must be set (the directory of the dataset to write) but was ''",
                "prepare.source=zip | prepare.source must be image-folder or idx or tar or table or parquet or sequence-file or cifar but was 'zip'",
                "prepare.appended-classes=new | prepare.appended-classes must be known or same or any but was 'new'",
                "prepare.statistics=all | prepare.statistics must be channels or mean-picture or covariance but was 'all'",
                "prepare.image.colour=gray | prepare.image.colour must be grey or rgb but was 'gray'",
                "prepare.image.height=0 | prepare.image.height must be from 1 to 4096 but was 0",
                "prepare.image.width=4097 | prepare.image.width must be from 1 to 4096 but was 4097",
                "prepare.image.width=28.5 | prepare.image.width must be a whole number but was 28.5",
                "prepare.image.width=wide | prepare.image.width must be a number but was wide",
                "prepare.image.resize=fit | prepare.image.resize must be centre-crop or exact or pad but was 'fit'",
                "prepare.image.background=white | prepare.image.background must be a colour like \"#ffffff\" but was 'white'",
                "prepare.image.jpeg-decode=fast | prepare.image.jpeg-decode must be full or reduced but was 'fast'",
                "prepare.max-picture-seconds=0 | prepare.max-picture-seconds must be from 1 to 86400 but was 0",
                "prepare.split.test-share=1 | prepare.split.test-share must be from 0 to below 1 but was 1.0",
                "prepare.split.validation-share=-0.1 | prepare.split.validation-share must be from 0 to below 1 but was -0.1",
                "prepare.split.test-share=0.9 | prepare.split.validation-share + split.test-share must be below 1 but was 1.0",
                "prepare.max-rejected-share=2 | prepare.max-rejected-share must be from 0 to 1 but was 2.0",
                "prepare.max-picture-bytes=0 | prepare.max-picture-bytes must be from 1 to 1073741824 but was 0",
                "prepare.max-picture-pixels=1e12 | prepare.max-picture-pixels must be from 1 to 268435456 but was 1000000000000",
                "prepare.target-file-bytes=1000 | prepare.target-file-bytes must be from 1048576 to 2147483648 but was 1000",
                "prepare.files-multiple-of=0 | prepare.files-multiple-of must be from 1 to 100000 but was 0",
            })
    void saysWhichRuleAValueBreaks(String override, String message) {
        assertThatThrownBy(() -> config(override))
                .isInstanceOfSatisfying(
                        UserError.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.USAGE))
                .hasMessage(message);
    }

    @Test
    void namesEveryKeyForTheManifest() {
        assertThat(config().keyValues().keySet())
                .containsExactlyInAnyOrderElementsOf(Settings.reference().getConfig("prepare").entrySet().stream()
                        .map(entry -> "prepare." + entry.getKey())
                        .toList());
    }

    private static PrepareConfig config(String... overrides) {
        return PrepareConfig.from(Settings.load(
                Optional.empty(),
                Stream.concat(List.of("prepare.input=/in", "prepare.output=/out").stream(), Stream.of(overrides))
                        .toList()));
    }
}
