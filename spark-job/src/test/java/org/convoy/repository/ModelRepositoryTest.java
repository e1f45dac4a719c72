package org.convoy.repository;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.hadoop.conf.Configuration;
import org.convoy.runtime.UserError;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class ModelRepositoryTest {
    @TempDir
    private Path directory;

    private ModelRepository repository;

    @BeforeEach
    void openRepository() {
        repository = ModelRepository.at(
                new Configuration(), directory.resolve("models").toString());
    }

    @Test
    void anEmptyRepositoryHasNoModels() {
        assertThat(repository.names()).isEmpty();
        assertThat(repository.versions("digits")).isEmpty();
        assertThat(repository.current("digits")).isEmpty();
    }

    @Test
    void numbersVersionsFromOneAndTellsTheContentItsNumber() {
        assertThat(repository.add("digits", ModelRepositoryTest::note)).isEqualTo(1);
        assertThat(repository.add("digits", ModelRepositoryTest::note)).isEqualTo(2);

        assertThat(repository.versions("digits")).containsExactly(1, 2);
        assertThat(repository.file("digits", 2, "note.txt"))
                .asString(StandardCharsets.UTF_8)
                .isEqualTo("version 2");
    }

    @Test
    void concurrentRunsGetDifferentNumbers() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            List<Future<Integer>> numbers = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                numbers.add(threads.submit(() -> repository.add("digits", ModelRepositoryTest::note)));
            }
            List<Integer> taken = new ArrayList<>();
            for (Future<Integer> number : numbers) {
                taken.add(number.get());
            }
            assertThat(taken).doesNotHaveDuplicates().hasSize(8);
            assertThat(repository.versions("digits")).containsExactlyInAnyOrderElementsOf(taken);
            for (int number : taken) {
                assertThat(repository.file("digits", number, "note.txt"))
                        .asString(StandardCharsets.UTF_8)
                        .isEqualTo("version " + number);
            }
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void aVersionThatCannotBeWrittenLeavesNothingBehind() {
        assertThatThrownBy(() -> repository.add("digits", number -> {
                    throw new IllegalStateException("no content");
                }))
                .hasMessage("no content");

        assertThat(repository.versions("digits")).isEmpty();
    }

    @Test
    void halfWrittenVersionsAreNotVersions() throws IOException {
        Files.createDirectories(directory.resolve("models/digits/versions/.writing-abc"));
        Files.createDirectories(directory.resolve("models/digits/versions/not-a-number"));

        assertThat(repository.versions("digits")).isEmpty();
        assertThat(repository.names()).isEmpty();
    }

    @Test
    void publishingMovesCurrentAndKeepsTheHistory() {
        repository.add("digits", ModelRepositoryTest::note);
        repository.add("digits", ModelRepositoryTest::note);

        repository.publish("digits", 1, "first");
        repository.publish("digits", 2, "better \"still\"");

        assertThat(repository.current("digits")).contains(2);
        assertThat(repository.history("digits")).hasSize(2);
        assertThat(repository.history("digits").get(1)).contains("\"version\":2", "better \\\"still\\\"");
    }

    @Test
    void saysWhichVersionsThereAre() {
        repository.add("digits", ModelRepositoryTest::note);

        assertThatThrownBy(() -> repository.publish("digits", 7, "?"))
                .isInstanceOf(UserError.class)
                .hasMessageEndingWith("models/digits] has no version 7; it has [1]");
        assertThatThrownBy(() -> repository.publish("letters", 1, "?"))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("has no model 'letters'; it has [digits]");
    }

    @Test
    void findsTheNewestThePublishedAndANumberedVersion() {
        repository.add("digits", ModelRepositoryTest::note);
        repository.add("digits", ModelRepositoryTest::note);
        repository.publish("digits", 1, "first");

        assertThat(ModelVersion.find(repository, "digits")).isEqualTo(new ModelVersion("digits", 2));
        assertThat(ModelVersion.find(repository, "digits@CURRENT")).isEqualTo(new ModelVersion("digits", 1));
        assertThat(ModelVersion.find(repository, "digits@2")).isEqualTo(new ModelVersion("digits", 2));
        assertThatThrownBy(() -> ModelVersion.find(repository, "digits@newest"))
                .hasMessage("model must be NAME, NAME@CURRENT or NAME@NUMBER but was 'digits@newest'");
        assertThatThrownBy(() -> ModelVersion.find(repository, "letters@CURRENT"))
                .hasMessageStartingWith("model 'letters' has no published version");
    }

    @Test
    void refusesNamesThatAreNoDirectories() {
        for (String name : List.of("", "a/b", "..", ".hidden", "a b")) {
            assertThatThrownBy(() -> repository.prepareFor(name))
                    .as(name)
                    .isInstanceOf(UserError.class)
                    .hasMessageContaining("models.name must start with a letter or digit")
                    .hasMessageEndingWith("but was '" + name + "'");
        }
    }

    @Test
    void refusesADirectoryThatCannotBeWrittenBeforeAnythingIsComputed() throws IOException {
        Path file = Files.writeString(directory.resolve("file"), "in the way");
        ModelRepository blocked = ModelRepository.at(new Configuration(), file.toString());

        assertThatThrownBy(() -> blocked.prepareFor("digits"))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("models.directory cannot be written");
    }

    private static Map<String, byte[]> note(int number) {
        return Map.of("note.txt", ("version " + number).getBytes(StandardCharsets.UTF_8));
    }
}
