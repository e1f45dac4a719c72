package org.convoy.prepare;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.spark.api.java.JavaSparkContext;
import org.convoy.data.Example;
import org.convoy.data.Manifest;
import org.convoy.data.PreparedDataset;
import org.convoy.data.Sha256;
import org.convoy.data.Split;
import org.convoy.runtime.ExitCode;
import org.convoy.runtime.UserError;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** New pictures into a dataset that is there. */
class PrepareAppendIT {
    @TempDir
    private Path directory;

    private Path old() {
        return directory.resolve("old");
    }

    private Path more() {
        return directory.resolve("more");
    }

    private Path dataset() {
        return directory.resolve("dataset");
    }

    @Test
    void holdsWhatADatasetOfAllPicturesWouldHold() {
        Pictures.writeClasses(old(), 40, "cat", "dog");
        writeMore(25);
        Pictures.write(more().resolve("dog/empty.png"), new byte[0]);
        prepare(old(), Existing.REFUSE);
        Map<String, String> before = files();
        PreparedDataset first = Datasets.open(dataset());

        PrepareReport report = prepare(more(), Existing.APPEND);

        PreparedDataset appended = Datasets.open(dataset());
        Manifest manifest = appended.manifest();
        assertThat(manifest.counts())
                .isEqualTo(new Manifest.Counts(131, 130, Map.of("empty-file", 1L), 0, 0))
                .isEqualTo(report.counts());
        assertThat(manifest.appended())
                .extracting(Manifest.Run::counts)
                .containsExactly(new Manifest.Counts(51, 50, Map.of("empty-file", 1L), 0, 0));
        assertThat(manifest.appended().get(0).configuration()).containsEntry("prepare.input", more().toString());
        assertThat(manifest.configuration()).isEqualTo(first.manifest().configuration());
        assertThat(verify()).isEmpty();
        before.remove("manifest.json");
        before.remove("report.json");
        assertThat(files()).as("old files").containsAllEntriesOf(before);
        assertThat(directory.toFile().list()).containsExactlyInAnyOrder("old", "more", "dataset");

        Path all = directory.resolve("all");
        copy(old(), all);
        copy(more(), all);
        Path anew = directory.resolve("anew");
        LocalSpark.prepare(config(all, anew));
        PreparedDataset whole = Datasets.open(anew);
        assertThat(rows(appended)).isEqualTo(rows(whole)).hasSize(130);
        assertThat(manifest.mean()).isEqualTo(whole.manifest().mean());
        assertThat(manifest.standardDeviation()).isEqualTo(whole.manifest().standardDeviation());
        assertThat(manifest.rowsPerClass()).isEqualTo(whole.manifest().rowsPerClass());
        assertThat(report.table()).contains("appended: read 51 = written 50 + rejected 1 + duplicates 0");
    }

    @Test
    void knowsWhatIsThereAlready() {
        Pictures.writeClasses(old().resolve("train"), 10, "cat", "dog");
        Pictures.writeClasses(old().resolve("test"), 4, "cat", "dog");
        Pictures.write(old().resolve("train/cat/known.png"), Pictures.png(1));
        Pictures.write(old().resolve("train/cat/disputed.png"), Pictures.png(2));
        Pictures.write(more().resolve("train/cat/again.png"), Pictures.png(1));
        Pictures.write(more().resolve("test/cat/known-in-train.png"), Pictures.png(1));
        Pictures.write(more().resolve("train/dog/disputed.png"), Pictures.png(2));
        Pictures.write(more().resolve("train/dog/new.png"), Pictures.png(3));
        String[] noValidation = {"prepare.split.validation-share=0", "prepare.max-rejected-share=1"};
        prepare(old(), Existing.REFUSE, noValidation);

        PrepareReport report = prepare(more(), Existing.APPEND, noValidation);

        assertThat(Datasets.open(dataset()).manifest().appended().get(0).counts())
                .isEqualTo(new Manifest.Counts(4, 1, Map.of("conflicting-labels", 1L), 2, 1));
        assertThat(Datasets.splits(Datasets.open(dataset())))
                .hasSize(31)
                .containsEntry("train/cat/known.png", Split.TRAIN)
                .containsEntry("train/cat/disputed.png", Split.TRAIN)
                .containsEntry("train/dog/new.png", Split.TRAIN)
                .doesNotContainKeys("test/cat/known-in-train.png", "train/dog/disputed.png");
        assertThat(report.table()).contains("1 of the duplicates lay in another split");

        prepare(more(), Existing.APPEND, noValidation);
        assertThat(Datasets.open(dataset()).manifest().appended().get(1).counts())
                .isEqualTo(new Manifest.Counts(4, 0, Map.of("conflicting-labels", 1L), 3, 1));
        assertThat(verify()).isEmpty();
    }

    @Test
    void givesClassesTheLabelsOfTheDataset() {
        Pictures.writeClasses(old(), 10, "ant", "cat", "dog");
        Pictures.writeClasses(more(), 10, "cat", "dog");
        prepare(old(), Existing.REFUSE);

        prepare(more(), Existing.APPEND);

        PreparedDataset dataset = Datasets.open(dataset());
        assertThat(Datasets.examples(dataset)).hasSize(50).allSatisfy(example -> assertThat(
                        dataset.manifest().classes().get(example.label()))
                .isEqualTo(example.id().substring(0, 3)));
    }

    @Test
    void newClassesGetTheLabelsBehindTheOldOnesWhereTheyMayCome() {
        Pictures.writeClasses(old(), 20, "cat", "dog");
        Pictures.writeClasses(more(), 20, "ant", "dog");
        prepare(old(), Existing.REFUSE);

        PrepareReport report = prepare(more(), Existing.APPEND, "prepare.appended-classes=any");

        PreparedDataset dataset = Datasets.open(dataset());
        assertThat(dataset.manifest().classes())
                .containsExactly("cat", "dog", "ant")
                .isEqualTo(report.classes());
        assertThat(dataset.manifest().rowsPerClass().values().stream()
                        .map(rows -> rows.get(2))
                        .mapToLong(n -> n)
                        .sum())
                .isEqualTo(20);
        assertThat(Datasets.examples(dataset)).hasSize(80).allSatisfy(example -> assertThat(
                        dataset.manifest().classes().get(example.label()))
                .isEqualTo(example.id().substring(0, 3)));
        assertThat(verify()).isEmpty();
    }

    @Test
    void aClassThatIsMissingIsRefusedWhereAllMustCome() {
        Pictures.writeClasses(old(), 10, "cat", "dog");
        Pictures.writeClasses(more(), 10, "cat");
        prepare(old(), Existing.REFUSE);

        assertRefused(
                ExitCode.BAD_INPUT,
                "[" + more()
                        + "] has no class 'dog', which the dataset has; it has [cat]; add pictures of it, or let it be"
                        + " missing with appended-classes = known",
                "prepare.appended-classes=same");
    }

    @Test
    void anAppendThatDiesLeavesTheOldDatasetAndCanBeRepeated() {
        Pictures.writeClasses(old(), 20, "cat", "dog");
        writeMore(20);
        prepare(old(), Existing.REFUSE);
        PreparedDataset before = Datasets.open(dataset());
        Datasets.hadoop().set("fs.dying.impl", DyingFileSystem.class.getName());

        assertThatThrownBy(() -> prepare(more(), Existing.APPEND, "prepare.output=dying:" + dataset()))
                .hasMessageContaining("Cannot append: ");

        assertThat(Datasets.open(dataset())).isEqualTo(before);
        assertThat(verify()).isNotEmpty().allMatch(finding -> finding.endsWith("is not in the manifest"));
        assertThat(Datasets.examples(before)).hasSize(40);
        assertThat(directory.toFile().list()).containsExactlyInAnyOrder("old", "more", "dataset");

        prepare(more(), Existing.APPEND);
        assertThat(verify()).isEmpty();
        assertThat(Datasets.examples(Datasets.open(dataset()))).hasSize(80);
    }

    @Test
    void whatWasAppendedCanBeTakenOutAgainAlsoIfThatWasCutOff() throws IOException {
        Pictures.writeClasses(old(), 20, "cat", "dog");
        writeMore(20);
        Pictures.write(more().resolve("dog/empty.png"), new byte[0]);
        prepare(old(), Existing.REFUSE);
        Map<String, String> before = files();
        EarlierDataset earlier = earlier();
        earlier.save(new org.apache.hadoop.fs.Path(directory.resolve("kept").toUri()));
        prepare(more(), Existing.APPEND);
        Manifest appended = Datasets.open(dataset()).manifest();

        assertThat(earlier.restore(dataset().toString(), appended)).isTrue();
        assertThat(files()).isEqualTo(before);

        prepare(more(), Existing.APPEND);
        Files.delete(dataset().resolve(".manifest.json.crc"));
        Files.copy(
                directory.resolve("kept/manifest.json"),
                dataset().resolve("manifest.json"),
                StandardCopyOption.REPLACE_EXISTING);
        assertThat(verify()).isNotEmpty();
        assertThat(earlier.restore(dataset().toString(), appended)).isTrue();
        assertThat(verify()).isEmpty();
    }

    @Test
    void aDatasetThatHasChangedOnceMoreIsNotTakenBack() {
        Pictures.writeClasses(old(), 20, "cat", "dog");
        writeMore(20);
        prepare(old(), Existing.REFUSE);
        EarlierDataset earlier = earlier();
        prepare(more(), Existing.APPEND);
        Manifest appended = Datasets.open(dataset()).manifest();
        Pictures.write(more().resolve("cat/one-more.png"), Pictures.png(77_777));
        prepare(more(), Existing.APPEND);
        PreparedDataset now = Datasets.open(dataset());

        assertThat(earlier.restore(dataset().toString(), appended)).isFalse();

        assertThat(Datasets.open(dataset())).isEqualTo(now);
        assertThat(verify()).isEmpty();
    }

    @Test
    void aCopyThatSharesFilesCanBeAppendedToWithoutTouchingTheDataset() {
        Pictures.writeClasses(old(), 20, "cat", "dog");
        writeMore(20);
        prepare(old(), Existing.REFUSE);
        Map<String, String> before = files();
        Path copy = directory.resolve("copy");
        earlier().share(dataset().toString(), new org.apache.hadoop.fs.Path(copy.toUri()));

        LocalSpark.prepare(config(more(), copy), Existing.APPEND);

        assertThat(files()).isEqualTo(before);
        prepare(more(), Existing.APPEND);
        assertThat(rows(Datasets.open(copy)))
                .isEqualTo(rows(Datasets.open(dataset())))
                .hasSize(80);
    }

    private EarlierDataset earlier() {
        return EarlierDataset.read(
                        Datasets.hadoop(),
                        new org.apache.hadoop.fs.Path(dataset().toUri()))
                .orElseThrow();
    }

    @Test
    void namesNewFilesByTheirContent() {
        Pictures.writeClasses(old(), 20, "cat", "dog");
        Pictures.writeClasses(more(), 20, "cat", "dog");
        prepare(old(), Existing.REFUSE);
        Path twin = directory.resolve("twin");
        copy(dataset(), twin);

        prepare(more(), Existing.APPEND);
        LocalSpark.prepare(config(more(), twin), Existing.APPEND);

        assertThat(Datasets.open(twin).manifest().splits())
                .isEqualTo(Datasets.open(dataset()).manifest().splits());
    }

    @Test
    void refusesWhatDoesNotFitTheDataset() {
        Pictures.writeClasses(old(), 10, "cat", "dog");
        Pictures.writeClasses(more(), 10, "cat", "emu");
        assertRefused(ExitCode.BAD_INPUT, "[" + dataset() + "] dataset does not exist; write it with `convoy prepare`");
        prepare(old(), Existing.REFUSE);

        assertRefused(
                ExitCode.BAD_INPUT,
                "[" + more()
                        + "] has a class 'emu' that the dataset lacks; it has [cat, dog]; prepare a new dataset for"
                        + " other classes, or let it come with appended-classes = any");
        assertRefused(
                ExitCode.USAGE,
                "[" + dataset()
                        + "] holds pictures of 3x6x6 rgb but was to be given 1x6x6 grey; set prepare.image to the"
                        + " dataset's",
                "prepare.image.colour=grey");
        assertThatThrownBy(() -> prepare(more(), Existing.APPEND, "prepare.split.test-share=0.2"))
                .hasMessageStartingWith(
                        "[" + dataset() + "] was split by another rule than the new pictures would be: ");
    }

    /** The local file system under a scheme that nothing can be renamed over in: an append dies at its last step. */
    static final class DyingFileSystem extends RawLocalFileSystem {
        @Override
        public URI getUri() {
            return URI.create("dying:///");
        }

        @Override
        public String getScheme() {
            return "dying";
        }
    }

    private void assertRefused(ExitCode code, String message, String... overrides) {
        assertThatThrownBy(() -> prepare(more(), Existing.APPEND, overrides))
                .isInstanceOfSatisfying(
                        UserError.class, e -> assertThat(e.exitCode()).isEqualTo(code))
                .hasMessage(message);
    }

    /** Under other names than the old ones. */
    private void writeMore(int count) {
        for (int i = 0; i < count; i++) {
            Pictures.write(more().resolve("cat/more/" + i + ".png"), Pictures.png(10_000 + i));
            Pictures.write(more().resolve("dog/more/" + i + ".png"), Pictures.png(20_000 + i));
        }
    }

    private PrepareReport prepare(Path input, Existing existing, String... overrides) {
        return LocalSpark.prepare(config(input, dataset(), overrides), existing);
    }

    private static PrepareConfig config(Path input, Path output, String... overrides) {
        return LocalSpark.config(
                input,
                output,
                Stream.concat(Stream.of("prepare.image.height=6", "prepare.image.width=6"), Stream.of(overrides))
                        .toArray(String[]::new));
    }

    private List<String> verify() {
        return Verification.run(
                JavaSparkContext.fromSparkContext(LocalSpark.session().sparkContext()), Datasets.open(dataset()));
    }

    /** Each picture's split, label and pixels, by id. */
    private static Map<String, String> rows(PreparedDataset dataset) {
        Map<String, String> rows = new HashMap<>();
        for (Split split : Split.values()) {
            for (Example example : Datasets.examples(dataset, split)) {
                rows.put(example.id(), split + " " + example.label() + " " + Sha256.hex(Sha256.of(example.pixels())));
            }
        }
        return rows;
    }

    /** The digest of every file in the dataset, by path. */
    private Map<String, String> files() {
        Map<String, String> files = new HashMap<>();
        try (Stream<Path> walk = Files.walk(dataset())) {
            walk.filter(Files::isRegularFile)
                    .filter(file -> !file.toString().endsWith(".crc"))
                    .forEach(file -> files.put(dataset().relativize(file).toString(), Datasets.hash(file)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return files;
    }

    private static void copy(Path from, Path to) {
        try (Stream<Path> walk = Files.walk(from)) {
            for (Path path : walk.toList()) {
                Path target = to.resolve(from.relativize(path));
                if (Files.isDirectory(path)) {
                    Files.createDirectories(target);
                } else {
                    Files.copy(path, target, StandardCopyOption.REPLACE_EXISTING);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
