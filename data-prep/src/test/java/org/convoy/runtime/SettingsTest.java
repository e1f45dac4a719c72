package org.convoy.runtime;

import com.typesafe.config.Config;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class SettingsTest {
    @TempDir
    private Path directory;

    @Test
    void setWinsOverTheFileAndTheFileOverTheDefaults() throws IOException {
        Path file = file("prepare { source = idx, split.test-share = 0.2 }");

        Config settings = Settings.load(Optional.of(file), List.of("prepare.split.test-share=0.3"));

        assertThat(settings.getString("prepare.source")).isEqualTo("idx");
        assertThat(settings.getDouble("prepare.split.test-share")).isEqualTo(0.3);
        assertThat(settings.getDouble("prepare.split.validation-share")).isEqualTo(0.1);
    }

    @Test
    void theLastSetOfAKeyWins() {
        Config settings = Settings.load(Optional.empty(), List.of("prepare.source=idx", "prepare.source=image-folder"));

        assertThat(settings.getString("prepare.source")).isEqualTo("image-folder");
    }

    @Test
    void pathsNeedNoQuotesOnTheCommandLine() {
        String path = "hdfs://name-node:8020/a b/c=d,e";

        Config settings = Settings.load(Optional.empty(), List.of("prepare.input=" + path));

        assertThat(settings.getString("prepare.input")).isEqualTo(path);
    }

    @Test
    void referencesInTheFileFollowASet() throws IOException {
        Path file = file("prepare.input = /raw\nprepare.output = ${prepare.input}/dataset");

        Config settings = Settings.load(Optional.of(file), List.of("prepare.input=/other"));

        assertThat(settings.getString("prepare.output")).isEqualTo("/other/dataset");
    }

    @Test
    void anUnknownKeyNamesTheNearestKnownOne() throws IOException {
        Path file = file("prepare.split.test-shares = 0.2");

        assertUsage(
                () -> Settings.load(Optional.of(file), List.of()),
                "Unknown configuration key 'prepare.split.test-shares'; did you mean 'prepare.split.test-share'?"
                        + " (`bin/convoy COMMAND --help` lists the keys)");
    }

    @Test
    void saysWhatIsWrongWithFileAndSets() throws IOException {
        Path broken = file("prepare {");

        assertUsage(
                () -> Settings.load(Optional.of(Path.of("nowhere.conf")), List.of()),
                "[nowhere.conf] configuration file does not exist");
        assertThatThrownBy(() -> Settings.load(Optional.of(broken), List.of()))
                .isInstanceOf(UserError.class)
                .hasMessageStartingWith("[" + broken + "] is not valid HOCON: ");
        assertUsage(
                () -> Settings.load(Optional.empty(), List.of("prepare.source")),
                "--set must be key=value but was 'prepare.source'");
    }

    @Test
    void everyKeyIsDocumented() {
        List<String> lines = Settings.documented("prepare");

        assertThat(lines).contains("  prepare.max-rejected-share = 0.05");
        for (int i = 0; i < lines.size(); i++) {
            if (lines.get(i).startsWith("  prepare.")) {
                assertThat(lines.get(i - 1))
                        .as("the line above " + lines.get(i))
                        .startsWith("  # ");
            }
        }
    }

    @Test
    void linesListTheEffectiveValues() {
        Config settings = Settings.load(Optional.empty(), List.of("prepare.source=idx", "prepare.image.height=28"));

        assertThat(Settings.lines(settings, List.of("prepare")))
                .contains("prepare.source = \"idx\"", "prepare.image.height = 28", "prepare.image.width = 32");
    }

    private Path file(String content) throws IOException {
        return Files.writeString(directory.resolve("my.conf"), content);
    }

    private static void assertUsage(ThrowingCallable call, String message) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        UserError.class, error -> assertThat(error.exitCode()).isEqualTo(ExitCode.USAGE))
                .hasMessage(message);
    }
}
