package org.convoy.score;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.hadoop.conf.Configuration;
import org.convoy.runtime.AtomicFiles;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

class OutputFilesTest {
    private final Configuration hadoop = new Configuration();

    @TempDir
    private Path directory;

    @Test
    void aUnitIsFinishedOnceItsFileIsThere() throws IOException {
        OutputFiles files = new OutputFiles(directory.toUri().toString(), AnswerFormat.CSV);
        assertThat(files.isTriedAgain(hadoop, 3)).isFalse();
        org.apache.hadoop.fs.Path attempt = attempt(files, 3, "first");
        assertThat(files.finished(hadoop, 5)).isEmpty();
        assertThat(files.isTriedAgain(hadoop, 3)).isTrue();
        assertThat(files.isTriedAgain(hadoop, 4)).isFalse();

        files.commit(hadoop, 3, attempt, new byte[] {1});

        assertThat(files.finished(hadoop, 5)).containsExactly(3);
        assertThat(files.isFinished(hadoop, 3)).isTrue();
        assertThat(files.isFinished(hadoop, 4)).isFalse();
        assertThat(directory.resolve("part-00003.csv")).hasContent("first");
        Files.delete(directory.resolve("_units/part-00003.json"));
        assertThat(files.finished(hadoop, 5)).isEmpty();
        assertThat(files.isFinished(hadoop, 3)).isFalse();
    }

    @Test
    void ofTwoAttemptsTheFirstStaysAndTheOtherLeavesNothing() throws IOException {
        OutputFiles files = new OutputFiles(directory.toUri().toString(), AnswerFormat.CSV);
        org.apache.hadoop.fs.Path one = attempt(files, 3, "first");
        org.apache.hadoop.fs.Path two = attempt(files, 3, "second");

        files.commit(hadoop, 3, one, new byte[] {1});
        files.commit(hadoop, 3, two, new byte[] {2});

        assertThat(directory.resolve("part-00003.csv")).hasContent("first");
        assertThat(Files.readAllBytes(directory.resolve("_units/part-00003.json")))
                .containsExactly(1);
        assertThat(directory.resolve("_attempts")).isEmptyDirectory();
        files.deleteAsides(hadoop);
        assertThat(directory.toFile().list((where, name) -> !name.startsWith(".")))
                .containsExactly("part-00003.csv");
    }

    private org.apache.hadoop.fs.Path attempt(OutputFiles files, int unit, String content) throws IOException {
        org.apache.hadoop.fs.Path attempt = files.attempt(unit);
        AtomicFiles.at(hadoop, attempt).write(attempt, content.getBytes(StandardCharsets.UTF_8));
        return attempt;
    }
}
