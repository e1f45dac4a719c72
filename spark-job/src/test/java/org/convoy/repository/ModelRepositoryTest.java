package org.convoy.repository;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.convoy.runtime.ExitCode;
import org.convoy.runtime.ProcessName;
import org.convoy.runtime.RunLock;
import org.convoy.runtime.UserError;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

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
        HistoryEntry last = repository.history("digits").get(1);
        assertThat(last.action()).isEqualTo(HistoryEntry.Action.PUBLISH);
        assertThat(last.version()).isEqualTo(2);
        assertThat(Instant.parse(last.at())).isBeforeOrEqualTo(Instant.now());
        assertThat(last.by()).isEqualTo(System.getProperty("user.name"));
        assertThat(last.host()).isNotBlank();
        assertThat(last.why()).isEqualTo("better \"still\"");
    }

    @Test
    void publishingWhatIsCurrentChangesNothing() {
        addVersions(1);
        repository.publish("digits", 1, "first");
        repository.publish("digits", 1, "again");

        assertThat(repository.history("digits")).hasSize(1);
    }

    @Test
    void rollingBackNeverComesBackToWhatItLeft() {
        addVersions(4);
        publish(1, 2, 3);

        assertThat(repository.predecessor("digits")).contains(2);
        assertThat(repository.rollback("digits", "3 is worse")).isEqualTo(2);
        assertThat(repository.current("digits")).contains(2);
        assertThat(repository.history("digits"))
                .extracting(HistoryEntry::action, HistoryEntry::version, HistoryEntry::why)
                .endsWith(tuple(HistoryEntry.Action.ROLLBACK, 2, "3 is worse"));

        publish(4);
        assertThat(repository.rollback("digits", "4 too")).isEqualTo(2);
        assertThat(repository.rollback("digits", "2 too")).isEqualTo(1);
        assertThatThrownBy(() -> repository.rollback("digits", "1 too"))
                .isInstanceOf(UserError.class)
                .hasMessageEndingWith(
                        "models/digits] has nothing to roll back to: before version 1 no other was published"
                                + " that is still there");
        assertThat(repository.current("digits")).contains(1);
    }

    @Test
    void rollingBackUndoesAPublishOfAnOlderVersion() {
        addVersions(2);
        publish(1, 2, 1);

        assertThat(repository.rollback("digits", "no")).isEqualTo(2);
        assertThat(repository.predecessor("digits")).contains(1);
    }

    @Test
    void whatWasNeverPublishedCannotBeRolledBack() {
        assertThatThrownBy(() -> repository.rollback("digits", "?"))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("has no model 'digits'");

        addVersions(2);
        assertThatThrownBy(() -> repository.rollback("digits", "?"))
                .hasMessageEndingWith("has nothing to roll back to: before now none was published that is still there");
    }

    @Test
    void readsTheHistoryOfOlderRepositories() throws IOException {
        addVersions(1);
        Files.writeString(
                directory.resolve("models/digits/HISTORY.jsonl"),
                "{\"version\":1,\"at\":\"2026-01-01T00:00:00Z\",\"by\":\"ann\",\"why\":\"first version\"}\n");
        Files.writeString(directory.resolve("models/digits/CURRENT"), "1\n");

        assertThat(repository.history("digits"))
                .containsExactly(new HistoryEntry(
                        HistoryEntry.Action.PUBLISH, 1, "2026-01-01T00:00:00Z", "ann", null, "first version"));
        addVersions(1);
        publish(2);
        assertThat(repository.rollback("digits", "no")).isEqualTo(1);
    }

    @Test
    void namesTheLineOfADamagedHistory() throws IOException {
        addVersions(1);
        publish(1);
        Files.writeString(directory.resolve("models/digits/HISTORY.jsonl"), "{\"vers\n", StandardOpenOption.APPEND);

        assertThatThrownBy(() -> repository.history("digits"))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("HISTORY.jsonl] line 2 cannot be read: ");
    }

    @Test
    void namesADamagedCurrent() throws IOException {
        addVersions(1);
        Files.writeString(directory.resolve("models/digits/CURRENT"), "seven\n");

        assertThatThrownBy(() -> repository.current("digits"))
                .isInstanceOf(UserError.class)
                .hasMessageEndingWith("models/digits/CURRENT] must hold a version's number but was 'seven'");
    }

    /** Killed between the two renames of a publish or a rollback. */
    @Test
    void theNextChangeWritesDownWhatWasCutOffBeforeItCouldSaySo() throws IOException {
        addVersions(3);
        publish(1);
        Files.writeString(directory.resolve("models/digits/CURRENT"), "2\n");
        assertThat(repository.predecessor("digits")).contains(1);

        publish(3);
        assertThat(repository.history("digits"))
                .extracting(HistoryEntry::action, HistoryEntry::version)
                .containsExactly(
                        tuple(HistoryEntry.Action.PUBLISH, 1),
                        tuple(HistoryEntry.Action.PUBLISH, 2),
                        tuple(HistoryEntry.Action.PUBLISH, 3));

        Files.writeString(directory.resolve("models/digits/CURRENT"), "2\n");
        assertThat(repository.rollback("digits", "2 too")).isEqualTo(1);
        assertThat(repository.history("digits"))
                .extracting(HistoryEntry::action, HistoryEntry::version)
                .endsWith(tuple(HistoryEntry.Action.ROLLBACK, 2), tuple(HistoryEntry.Action.ROLLBACK, 1));
        assertThat(repository.history("digits").get(3).why()).contains("cut off");
    }

    @Test
    void publishingAgainAfterACutOffWritesTheLineThatIsMissing() throws IOException {
        addVersions(1);
        Files.writeString(directory.resolve("models/digits/CURRENT"), "1\n");

        publish(1);
        publish(1);

        assertThat(repository.history("digits")).hasSize(1);
    }

    @Test
    void pruningKeepsTheNewestTheCurrentAndItsPredecessor() {
        addVersions(8);
        publish(2, 5, 4);
        repository.rollback("digits", "4 is worse");

        assertThat(repository.prune("digits", 2, "nightly")).containsExactly(1, 3, 4, 6);

        assertThat(repository.versions("digits")).containsExactly(2, 5, 7, 8);
        assertThat(repository.history("digits"))
                .extracting(HistoryEntry::action, HistoryEntry::version, HistoryEntry::why)
                .endsWith(
                        tuple(HistoryEntry.Action.PRUNE, 1, "nightly"),
                        tuple(HistoryEntry.Action.PRUNE, 3, "nightly"),
                        tuple(HistoryEntry.Action.PRUNE, 4, "nightly"),
                        tuple(HistoryEntry.Action.PRUNE, 6, "nightly"));
        assertThat(directory.resolve("models/digits/versions").toFile().list())
                .containsExactlyInAnyOrder("2", "5", "7", "8");
        assertThat(repository.prune("digits", 2, "again")).isEmpty();
        assertThat(repository.rollback("digits", "5 too")).isEqualTo(2);
        assertThatThrownBy(() -> repository.publish("digits", 3, "?"))
                .hasMessageEndingWith("models/digits] has no version 3, it was pruned; it has [2, 5, 7, 8]");
    }

    @Test
    void rollingBackPassesOverWhatIsGone() {
        addVersions(6);
        publish(1, 2, 3, 4);
        repository.prune("digits", 1, "nightly");

        assertThat(repository.rollback("digits", "no")).isEqualTo(3);
        assertThatThrownBy(() -> repository.rollback("digits", "no")).isInstanceOf(UserError.class);
    }

    @Test
    void aPrunedVersionsNumberIsNeverGivenAgain() throws IOException {
        addVersions(3);
        publish(1);
        // A prune of the newest version that was killed after its rename.
        Path versions = directory.resolve("models/digits/versions");
        Files.move(versions.resolve("3"), versions.resolve(".pruned-3"));
        addVersions(1);
        assertThat(repository.versions("digits")).containsExactly(1, 2, 4);

        assertThat(repository.prune("digits", 3, "nightly"))
                .as("what was left to delete")
                .containsExactly(3);
        assertThat(versions.resolve(".pruned-3")).doesNotExist();
        // The newest, and now nothing but the history knows of it.
        Files.move(versions.resolve("4"), versions.resolve(".pruned-4"));
        repository.prune("digits", 3, "nightly");
        addVersions(1);
        assertThat(repository.versions("digits")).containsExactly(1, 2, 5);
        assertThat(repository.history("digits"))
                .extracting(HistoryEntry::action, HistoryEntry::version)
                .endsWith(tuple(HistoryEntry.Action.PRUNE, 3), tuple(HistoryEntry.Action.PRUNE, 4));
    }

    @Test
    void pruningCleansUpBehindTheDeadAlone() throws IOException {
        addVersions(1);
        Path versions = directory.resolve("models/digits/versions");
        Path dead = Files.createDirectory(versions.resolve(".writing-" + ProcessName.name(Integer.MAX_VALUE)));
        Path alive = Files.createDirectory(versions.resolve(".writing-" + ProcessName.name()));

        repository.prune("digits", 1, "nightly");

        assertThat(dead).doesNotExist();
        assertThat(alive).exists();
    }

    @Test
    void nothingIsAddedToAVersionThatIsGone() {
        addVersions(2);
        repository.prune("digits", 1, "nightly");

        assertThatThrownBy(() -> repository.addFile("digits", 1, "evaluation-test.json", new byte[1]))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("has no version 1, it was pruned");
        assertThat(directory.resolve("models/digits/versions/1")).doesNotExist();
    }

    @Test
    void addsAndReplacesFilesBesideAVersionsOwn() {
        addVersions(1);
        repository.addFile("digits", 1, "evaluation-test.json", new byte[] {1});
        repository.addFile("digits", 1, "evaluation-test.json", new byte[] {2});
        repository.addFile("digits", 1, "note.txt", new byte[] {3});

        assertThat(repository.file("digits", 1, "evaluation-test.json")).containsExactly(2);
        assertThat(repository.file("digits", 1, "note.txt")).containsExactly(3);
    }

    @Test
    void manyPublishersAtOnceLoseNoLine() throws Exception {
        addVersions(16);
        inParallel(IntStream.rangeClosed(1, 16).<Callable<Void>>mapToObj(number -> () -> {
            publish(number);
            return null;
        }));

        List<Integer> published =
                repository.history("digits").stream().map(HistoryEntry::version).toList();
        assertThat(published)
                .containsExactlyInAnyOrderElementsOf(
                        IntStream.rangeClosed(1, 16).boxed().toList());
        assertThat(repository.current("digits")).contains(published.get(15));
    }

    @Test
    void readersAlwaysFindACurrentVersionThatIsWhole() throws Exception {
        addVersions(3);
        publish(1, 2);
        AtomicBoolean done = new AtomicBoolean();
        Callable<Void> publisher = () -> {
            for (int i = 0; i < 60; i++) {
                publish(1 + i % 3);
            }
            done.set(true);
            return null;
        };
        Callable<Void> reader = () -> {
            while (!done.get()) {
                int current = repository.current("digits").orElseThrow();
                assertThat(repository.file("digits", current, "note.txt"))
                        .asString(StandardCharsets.UTF_8)
                        .isEqualTo("version " + current);
            }
            return null;
        };

        inParallel(Stream.of(publisher, reader, reader));
    }

    @Test
    void readersFindAVersionWholeOrNotAtAllWhileItIsPruned() throws Exception {
        AtomicBoolean done = new AtomicBoolean();
        AtomicInteger whole = new AtomicInteger();
        addVersions(30);
        Callable<Void> pruner = () -> {
            for (int keep = 29; keep > 0; keep--) {
                repository.prune("digits", keep, "nightly");
            }
            done.set(true);
            return null;
        };
        Callable<Void> reader = () -> {
            while (!done.get()) {
                for (int number : repository.versions("digits")) {
                    try {
                        assertThat(repository.file("digits", number, "note.txt"))
                                .asString(StandardCharsets.UTF_8)
                                .isEqualTo("version " + number);
                        whole.incrementAndGet();
                    } catch (UserError e) {
                        assertThat(e).hasMessageContaining("has no version " + number);
                    }
                }
            }
            return null;
        };

        inParallel(Stream.of(pruner, reader, reader));
        assertThat(whole).hasPositiveValue();
    }

    @Test
    void metricsOfManyRunsAtOnceAreALineEach() throws Exception {
        inParallel(IntStream.range(0, 16).<Callable<Void>>mapToObj(run -> () -> {
            repository.addMetrics("digits", Map.of("run", run));
            return null;
        }));

        assertThat(repository.metrics("digits"))
                .containsExactlyInAnyOrderElementsOf(IntStream.range(0, 16)
                        .mapToObj(run -> "{\"run\":" + run + "}")
                        .toList());
    }

    @Test
    void metricsThatAreSaidTwiceAreThereOnce() {
        repository.addMetrics("digits", Map.of("run", 1));
        repository.addMetrics("digits", Map.of("run", 2));
        repository.addMetrics("digits", Map.of("run", 2));

        assertThat(repository.metrics("digits")).containsExactly("{\"run\":1}", "{\"run\":2}");
    }

    @Test
    void oneRunAtATimeMakesAVersionOfAModel() {
        try (RunLock lock = repository.lock("digits", "training")) {
            assertThatThrownBy(() -> repository.lock("digits", "retraining"))
                    .isInstanceOfSatisfying(
                            UserError.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.LOCKED))
                    .hasMessageContaining(
                            "models/digits/locks/run] another run holds the lock: training of digits, by ");
            repository.lock("letters", "training").close();
            // Whoever changes the repository by hand does not wait for a run.
            addVersions(1);
            publish(1);
            lock.requireHeld();
        }
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

    private void addVersions(int count) {
        for (int i = 0; i < count; i++) {
            repository.add("digits", ModelRepositoryTest::note);
        }
    }

    private void publish(int... numbers) {
        for (int number : numbers) {
            repository.publish("digits", number, "better");
        }
    }

    private static void inParallel(Stream<Callable<Void>> work) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(8);
        try {
            List<Future<Void>> all = work.map(threads::submit).toList();
            for (Future<Void> one : all) {
                one.get();
            }
        } finally {
            threads.shutdownNow();
        }
    }

    private static Map<String, byte[]> note(int number) {
        return Map.of("note.txt", ("version " + number).getBytes(StandardCharsets.UTF_8));
    }
}
