package org.convoy.prepare;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.convoy.data.Example;
import org.convoy.data.Manifest;
import org.convoy.data.PreparedDataset;
import org.convoy.data.Split;
import org.convoy.runtime.ExitCode;
import org.convoy.runtime.UserError;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class PrepareTarIT {
    @TempDir
    private Path directory;

    @Test
    void readsGivenSplitsOutOfOneArchive() {
        byte[] tar = new Tars()
                .classes("./animals/train", 8, "cat", "dog")
                .classes("./animals/test", 3, "dog")
                .file("animals/README", new byte[] {1})
                .bytes();

        PreparedDataset dataset = prepare(write("animals.tar", tar), "prepare.split.validation-share=0");

        assertThat(dataset.manifest().classes()).containsExactly("cat", "dog");
        assertThat(dataset.manifest().split(Split.TRAIN).rowsPerClass()).containsExactly(8L, 8L);
        assertThat(dataset.manifest().split(Split.TEST).rowsPerClass()).containsExactly(0L, 3L);
        assertThat(Datasets.examples(dataset, Split.TEST))
                .extracting(Example::id)
                .containsExactlyInAnyOrder(
                        "animals/test/dog/0.png", "animals/test/dog/1.png", "animals/test/dog/2.png");
    }

    @Test
    void readsPartsOfAPlainArchiveAndAGzipOneAlike() {
        byte[] tar = new Tars().classes("animals", 60, "cat", "dog").bytes();
        // Of 84 KB for 120 pictures: 8 parts on the two cores of the tests.
        Manifest plain = prepare(write("plain/animals.tar", tar)).manifest();
        Manifest gzip = prepare(
                        write("gzip/animals.tar.gz", Idx.gzip(tar)), "prepare.output=" + directory.resolve("gz"))
                .manifest();

        assertThat(plain.counts()).isEqualTo(new Manifest.Counts(120, 120, Map.of(), 0, 0));
        assertThat(gzip.splits()).isEqualTo(plain.splits());
    }

    @Test
    void readsADirectoryOfArchivesAsIfUnpackedTogether() {
        write("animals/cat.tar", new Tars().classes(".", 10, "cat").bytes());
        write("animals/dog.tgz", Idx.gzip(new Tars().classes(".", 10, "dog").bytes()));
        write("animals/notes.txt", new byte[] {1});

        PreparedDataset dataset = prepare(directory.resolve("animals"));

        assertThat(dataset.manifest().classes()).containsExactly("cat", "dog");
        assertThat(dataset.manifest().counts().written()).isEqualTo(20);
        assertThat(Datasets.examples(dataset))
                .extracting(Example::id)
                .contains("cat.tar/cat/0.png", "dog.tgz/dog/9.png");
    }

    @Test
    void setsAsideWhatIsTooLargeOrNoPicture() {
        byte[] tar = new Tars()
                .classes("animals", 20, "cat", "dog")
                .file("animals/cat/large.png", new byte[2000])
                .file("animals/cat/notes.txt", new byte[] {1})
                .link("animals/dog/link.png", "0.png")
                .bytes();

        Manifest.Counts counts = prepare(
                        write("animals.tar", tar), "prepare.max-picture-bytes=1999", "prepare.max-rejected-share=0.5")
                .manifest()
                .counts();

        assertThat(counts.read()).isEqualTo(43);
        assertThat(counts.rejected())
                .containsOnlyKeys("too-large", "unknown-format", "empty-file")
                .allSatisfy((reason, count) -> assertThat(count).isEqualTo(1));
    }

    @Test
    void namesADamagedArchiveAndLeavesNothingBehind() {
        byte[] tar = new Tars().classes("animals", 20, "cat", "dog").bytes();
        Path cut = write("cut/animals.tar", Arrays.copyOf(tar, 20_000));

        assertRefused(cut, "[file:" + cut + "] is cut off or damaged at byte ");
        assertThat(directory.toFile().list()).containsExactly("cut");
    }

    @Test
    void saysWhatItReads() {
        Path text = write("text/notes.txt", new byte[] {1});

        assertRefused(
                text.getParent(),
                "[" + text.getParent() + "] must be a file named .tar, .tar.gz or .tgz, or a directory of such");
        assertRefused(text, "[" + text + "] must be a file named .tar, .tar.gz or .tgz, or a directory of such");
        assertRefused(directory.resolve("no.tar"), "[" + directory.resolve("no.tar") + "] input does not exist");
        assertRefused(
                write("empty.tar", new Tars().file("a.png", Pictures.png(1)).bytes()),
                "[" + directory.resolve("empty.tar") + "] has no picture to train on");
    }

    @Test
    void keepsEveryPictureOfCifar10() {
        Manifest manifest = prepare(SharedData.named("cifar10.tar.gz"), "prepare.split.validation-share=0")
                .manifest();

        assertThat(manifest.counts()).isEqualTo(new Manifest.Counts(60_000, 60_000, Map.of(), 0, 0));
        assertThat(manifest.classes())
                .containsExactly(
                        "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck");
        assertThat(manifest.split(Split.TRAIN).rowsPerClass()).isEqualTo(Collections.nCopies(10, 5000L));
        assertThat(manifest.split(Split.TEST).rowsPerClass()).isEqualTo(Collections.nCopies(10, 1000L));
    }

    @Test
    void keepsEveryPhoto() {
        Manifest manifest = prepare(SharedData.named("photos.tar")).manifest();

        assertThat(manifest.counts().read()).isEqualTo(294);
        assertThat(manifest.counts().written()).isEqualTo(294);
        assertThat(manifest.classes()).hasSize(7).contains("reptile_amphibian");
    }

    @Test
    void accountsForEveryBear() {
        Manifest manifest = prepare(SharedData.named("bears.tar"), "prepare.max-rejected-share=0.5")
                .manifest();

        assertThat(manifest.classes()).isEqualTo(List.of("black", "grizzly", "teddy"));
        assertThat(manifest.counts().read()).isEqualTo(126);
    }

    private void assertRefused(Path input, String message) {
        assertThatThrownBy(() -> prepare(input)).satisfies(thrown -> {
            UserError error = UserErrors.in(thrown);
            assertThat(error.exitCode()).isEqualTo(ExitCode.BAD_INPUT);
            assertThat(error).hasMessageStartingWith(message);
        });
    }

    private Path write(String name, byte[] bytes) {
        Path file = directory.resolve(name);
        Pictures.write(file, bytes);
        return file;
    }

    private PreparedDataset prepare(Path input, String... overrides) {
        return LocalSpark.dataset("tar", input, directory.resolve("dataset"), overrides);
    }
}
