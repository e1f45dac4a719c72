package org.convoy.prepare;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.rdd.RDD;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.util.SerializableConfiguration;
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

class PrepareImageFolderIT {
    @TempDir
    private Path directory;

    private Path input() {
        return directory.resolve("pictures");
    }

    private Path output() {
        return directory.resolve("dataset");
    }

    @Test
    void writesWhatTheDecoderMakesOfEveryFile() throws IOException {
        Pictures.writeClasses(input(), 10, "dog", "cat");
        Pictures.write(input().resolve("cat/more/nested.png"), Pictures.png(77));

        PrepareReport report = prepare();

        PreparedDataset dataset = Datasets.open(output());
        Manifest manifest = dataset.manifest();
        assertThat(manifest.classes()).containsExactly("cat", "dog");
        assertThat(manifest.counts()).isEqualTo(new Manifest.Counts(21, 21, Map.of(), 0, 0));
        assertThat(report.manifestDigest()).isEqualTo(dataset.manifestDigest());
        assertThat(report.counts()).isEqualTo(manifest.counts());
        ImageDecoder decoder = LocalSpark.decoder(manifest.colour(), 6, 6);
        List<Example> examples = Datasets.examples(dataset);
        assertThat(examples).extracting(Example::id).hasSize(21).contains("cat/more/nested.png", "dog/3.jpg");
        for (Example example : examples) {
            byte[] encoded = Files.readAllBytes(input().resolve(example.id()));
            assertThat(example.pixels()).isEqualTo(((ImageDecoder.Decoded) decoder.decode(encoded)).pixels());
            assertThat(manifest.classes().get(example.label()))
                    .isEqualTo(example.id().substring(0, 3));
        }
    }

    @Test
    void writesTheColumnsOfTheContract() {
        Pictures.writeClasses(input(), 10, "cat", "dog");

        prepare();

        List<Row> rows = LocalSpark.session()
                .read()
                .option("pathGlobFilter", "*.parquet")
                .parquet(output().toString())
                .filter("id = 'cat/3.jpg'")
                .select("id", "label", "source_width", "source_height", "sha256", "split")
                .collectAsList();
        assertThat(rows).hasSize(1);
        assertThat(rows.get(0).getInt(1)).isZero();
        assertThat(rows.get(0).getInt(2)).isEqualTo(10);
        assertThat(rows.get(0).getInt(3)).isEqualTo(8);
        assertThat((byte[]) rows.get(0).get(4)).hasSize(32);
    }

    @Test
    void measuresTheTrainSplitAlone() {
        Pictures.writeClasses(input(), 20, "cat", "dog");

        prepare();

        PreparedDataset dataset = Datasets.open(output());
        List<Example> train = Datasets.examples(dataset, Split.TRAIN);
        assertThat(train).hasSizeLessThan(40);
        for (int channel = 0; channel < 3; channel++) {
            int first = channel * 36;
            double[] values = train.stream()
                    .flatMapToInt(example ->
                            Datasets.unsigned(example.pixels()).skip(first).limit(36))
                    .asDoubleStream()
                    .toArray();
            double mean = Arrays.stream(values).average().orElseThrow();
            double variance = Arrays.stream(values)
                    .map(value -> (value - mean) * (value - mean))
                    .average()
                    .orElseThrow();
            assertThat(dataset.manifest().mean().get(channel)).isCloseTo(mean, Datasets.NEARLY);
            assertThat(dataset.manifest().standardDeviation().get(channel))
                    .isCloseTo(Math.sqrt(variance), Datasets.NEARLY);
        }
    }

    @Test
    void honoursGivenSplits() {
        Pictures.writeClasses(input().resolve("train"), 5, "cat", "dog");
        Pictures.writeClasses(input().resolve("val"), 3, "cat", "dog");
        Pictures.writeClasses(input().resolve("test"), 2, "dog");

        prepare();

        PreparedDataset dataset = Datasets.open(output());
        assertThat(dataset.manifest().split(Split.TRAIN).rowsPerClass()).containsExactly(5L, 5L);
        assertThat(dataset.manifest().split(Split.VALIDATION).rowsPerClass()).containsExactly(3L, 3L);
        assertThat(dataset.manifest().split(Split.TEST).rowsPerClass()).containsExactly(0L, 2L);
        assertThat(Datasets.examples(dataset, Split.VALIDATION))
                .extracting(Example::id)
                .allMatch(id -> id.startsWith("val/"));
    }

    @Test
    void movesNoPictureWhenDataIsAdded() throws IOException {
        Pictures.writeClasses(input(), 30, "cat", "dog");
        prepare("prepare.split.test-share=0.3");
        Map<String, Split> before = Datasets.splits(Datasets.open(output()));
        Pictures.writeClasses(input(), 60, "cat", "dog");

        prepare(Existing.REPLACE, "prepare.split.test-share=0.3");

        Map<String, Split> after = Datasets.splits(Datasets.open(output()));
        assertThat(after).hasSize(120).containsAllEntriesOf(before);
        assertThat(new HashSet<>(after.values())).containsExactlyInAnyOrder(Split.values());
    }

    @Test
    void keepsOneOfEqualPicturesAndNeverTestInTrain() {
        Pictures.writeClasses(input().resolve("train"), 5, "cat", "dog");
        Pictures.writeClasses(input().resolve("test"), 2, "cat", "dog");
        Pictures.write(input().resolve("train/cat/copy-of-test.png"), Pictures.png(1));
        Pictures.write(input().resolve("test/cat/one.png"), Pictures.png(1));
        Pictures.write(input().resolve("train/dog/a.png"), Pictures.png(2));
        Pictures.write(input().resolve("train/dog/b.png"), Pictures.png(2));

        PrepareReport report = prepare("prepare.split.validation-share=0");

        PreparedDataset dataset = Datasets.open(output());
        assertThat(report.table()).contains("1 of the duplicates lay in another split than the picture that is kept");
        assertThat(dataset.manifest().counts()).isEqualTo(new Manifest.Counts(18, 16, Map.of(), 2, 1));
        assertThat(Datasets.splits(dataset))
                .containsEntry("test/cat/one.png", Split.TEST)
                .containsEntry("train/dog/a.png", Split.TRAIN)
                .doesNotContainKeys("train/cat/copy-of-test.png", "train/dog/b.png");
    }

    @Test
    void setsBrokenPicturesAsideAndSaysWhy() throws IOException {
        Pictures.writeClasses(input(), 20, "cat", "dog");
        Pictures.write(input().resolve("cat/empty.jpg"), new byte[0]);
        Pictures.write(input().resolve("cat/empty-too.jpg"), new byte[0]);
        byte[] jpeg = Pictures.jpeg(500);
        Pictures.write(input().resolve("dog/cut.jpg"), Arrays.copyOf(jpeg, jpeg.length / 2));
        Pictures.write(input().resolve("dog/notes.png"), "not a picture".getBytes(StandardCharsets.UTF_8));
        Pictures.write(input().resolve("cat/large.png"), new byte[5000]);
        Pictures.write(input().resolve("cat/either.png"), Pictures.png(600));
        Pictures.write(input().resolve("dog/either.png"), Pictures.png(600));

        PrepareReport report = prepare("prepare.max-rejected-share=0.2", "prepare.max-picture-bytes=4999");

        assertThat(report.counts())
                .isEqualTo(new Manifest.Counts(
                        47,
                        40,
                        Map.of(
                                "empty-file", 2L,
                                "truncated", 1L,
                                "unknown-format", 1L,
                                "too-large", 1L,
                                "conflicting-labels", 2L),
                        0,
                        0));
        List<Row> rejected = LocalSpark.session()
                .read()
                .parquet(output().resolve("_rejected").toString())
                .orderBy("id")
                .collectAsList();
        assertThat(rejected)
                .extracting(Row::toString)
                .containsExactly(
                        "[cat/either.png," + Pictures.png(600).length
                                + ",conflicting-labels,the same bytes as dog/either.png under another label]",
                        "[cat/empty-too.jpg,0,empty-file,0 bytes]",
                        "[cat/empty.jpg,0,empty-file,0 bytes]",
                        "[cat/large.png,5000,too-large,5000 bytes, more than 4999]",
                        "[dog/cut.jpg," + jpeg.length / 2 + ",truncated,JPEG without end marker]",
                        "[dog/either.png," + Pictures.png(600).length
                                + ",conflicting-labels,the same bytes as cat/either.png under another label]",
                        "[dog/notes.png,13,unknown-format,none of [JPEG, PNG, WEBP, GIF, BMP, TIFF]]");
        assertThat(report.table())
                .contains("read 47 = written 40 + rejected 7 + duplicates 0")
                .contains("conflicting-labels 2");
    }

    @Test
    void readsNoHiddenFiles() {
        Pictures.writeClasses(input(), 10, "cat", "dog");
        Pictures.write(input().resolve(".hidden/a.png"), Pictures.png(1));
        Pictures.write(input().resolve("cat/_temporary/a.png"), Pictures.png(2));
        Pictures.write(input().resolve("cat/.a.png"), Pictures.png(3));
        Pictures.write(input().resolve("readme.txt"), new byte[] {1});

        assertThat(prepare().counts().read()).isEqualTo(20);
    }

    @Test
    void theDriverKnowsDirectoriesAndNoFiles() {
        Pictures.writeClasses(input(), 10, "cat", "dog");
        SparkSession spark = LocalSpark.session();
        JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
        Broadcast<SerializableConfiguration> hadoop =
                context.broadcast(new SerializableConfiguration(context.hadoopConfiguration()));

        RDD<?> rdd = Source.open(spark, hadoop, LocalSpark.config(input(), output()))
                .read(context, hadoop, new SplitRule(0, 0))
                .rdd();

        assertThat(rdd.count()).isEqualTo(20);
        while (!rdd.dependencies().isEmpty()) {
            rdd = rdd.dependencies().head().rdd();
        }
        assertThat(rdd.count()).isEqualTo(2);
    }

    @Test
    void givesTheSameManifestAgain() throws IOException {
        Pictures.writeClasses(input(), 300, "cat", "dog");
        // 600 pictures of 3x64x64 are 7 MB: several files per split.
        String[] overrides = {"prepare.image.height=64", "prepare.image.width=64", "prepare.target-file-bytes=1048576"};
        prepare(overrides);
        Manifest first = Datasets.open(output()).manifest();
        String digest = Datasets.open(output()).manifestDigest();

        prepare(Existing.REPLACE, overrides);

        assertThat(first.split(Split.TRAIN).files()).hasSizeGreaterThan(4);
        assertThat(Datasets.open(output()).manifest()).isEqualTo(first);
        assertThat(Datasets.open(output()).manifestDigest()).isEqualTo(digest);
    }

    @Test
    void filesOfASplitAreEqualWithinARowAndAMultipleOfTheWorkers() {
        Pictures.writeClasses(input(), 300, "cat", "dog");

        prepare(
                "prepare.image.height=64",
                "prepare.image.width=64",
                "prepare.target-file-bytes=1048576",
                "prepare.files-multiple-of=4");

        Manifest manifest = Datasets.open(output()).manifest();
        for (Split split : Split.values()) {
            List<Long> rows = manifest.split(split).files().stream()
                    .map(Manifest.DataFile::rows)
                    .sorted()
                    .toList();
            assertThat(rows).hasSize(split == Split.TRAIN ? 8 : 4);
            assertThat(rows.get(rows.size() - 1) - rows.get(0)).isLessThanOrEqualTo(1);
        }
    }

    @Test
    void liesInContentHashOrder() {
        Pictures.writeClasses(input(), 300, "cat", "dog");

        prepare("prepare.image.height=64", "prepare.image.width=64", "prepare.target-file-bytes=1048576");

        List<String> hashes = Datasets.examples(Datasets.open(output()), Split.TRAIN).stream()
                .map(example -> Datasets.hash(input().resolve(example.id())))
                .toList();
        assertThat(hashes).isSorted();
    }

    @Test
    void writesNoEmptyFiles() throws IOException {
        Pictures.writeClasses(input(), 10, "cat", "dog");

        prepare("prepare.split.validation-share=0", "prepare.split.test-share=0");

        try (var files = Files.walk(output())) {
            assertThat(files.filter(Files::isRegularFile)
                            .map(file -> output().relativize(file).toString())
                            .filter(file -> !file.endsWith(".crc")))
                    .containsExactlyInAnyOrder("manifest.json", "report.json", "split=train/part-00000.parquet");
        }
    }

    @Test
    void saysThatTheInputIsMissing() {
        assertRefused("[file:" + input() + "] input does not exist");
    }

    @Test
    void saysThatThereAreNoClassDirectories() {
        Pictures.write(input().resolve("a.png"), Pictures.png(1));

        assertRefused("[" + input() + "] has no class directories:"
                + " an image folder has one directory per class with its pictures below");
    }

    @Test
    void namesAnEmptyClassDirectory() throws IOException {
        Pictures.writeClasses(input(), 2, "cat", "dog");
        Files.createDirectories(input().resolve("emu"));

        assertRefused("[file:" + input() + "/emu] class directory holds no files");
    }

    @Test
    void refusesASingleClass() {
        Pictures.writeClasses(input(), 2, "cat");

        assertRefused("[" + input() + "] has one class only to train on [cat]: a classifier needs two or more");
    }

    @Test
    void refusesATestClassThatTrainLacks() {
        Pictures.writeClasses(input().resolve("train"), 2, "cat", "dog");
        Pictures.writeClasses(input().resolve("test"), 2, "emu");

        assertRefused("[" + input() + "] has class 'emu' in test but not in train, which has [cat, dog]");
    }

    @Test
    void namesAClassOfWhichNothingIsLeft() {
        Pictures.writeClasses(input(), 10, "cat", "dog");
        Pictures.write(input().resolve("emu/a.png"), new byte[0]);
        Pictures.write(input().resolve("emu/b.png"), new byte[] {1});

        assertThatThrownBy(this::prepare)
                .isInstanceOf(UserError.class)
                .hasMessageStartingWith("[" + input() + "] all 2 pictures of class 'emu' were rejected:"
                        + " empty-file 1, unknown-format 1; for example ")
                .hasMessageContaining("emu/a.png (0 bytes)");
    }

    @Test
    void namesAClassThatIsNotInTrain() {
        Pictures.writeClasses(input().resolve("train"), 4, "cat", "dog");
        Pictures.writeClasses(input().resolve("test"), 1, "cat");
        Pictures.write(input().resolve("train/emu/copy.png"), Pictures.png(9));
        Pictures.write(input().resolve("test/emu/a.png"), Pictures.png(9));

        assertRefused(
                "[" + input() + "] class 'emu' has no picture left to train on (0 in validation, 1 in test):"
                        + " add pictures of it",
                "prepare.split.validation-share=0");
    }

    @Test
    void stopsWhenTooManyAreRejected() {
        Pictures.writeClasses(input(), 9, "cat", "dog");
        Pictures.write(input().resolve("cat/a.png"), new byte[0]);
        Pictures.write(input().resolve("dog/b.png"), new byte[0]);

        assertThatThrownBy(this::prepare)
                .isInstanceOf(UserError.class)
                .hasMessageStartingWith("[" + input() + "] 2 of 20 pictures were rejected, more than"
                        + " prepare.max-rejected-share = 0.05 allows: empty-file 2; for example ");
        assertThat(prepare("prepare.max-rejected-share=0.1").counts().rejectedTotal())
                .isEqualTo(2);
    }

    private void assertRefused(String message, String... overrides) {
        assertThatThrownBy(() -> prepare(overrides))
                .isInstanceOfSatisfying(
                        UserError.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.BAD_INPUT))
                .hasMessage(message);
        assertThat(Set.of(directory.toFile().list())).isSubsetOf("pictures");
    }

    private PrepareReport prepare(String... overrides) {
        return prepare(Existing.REFUSE, overrides);
    }

    private PrepareReport prepare(Existing existing, String... overrides) {
        String[] small = {"prepare.image.height=6", "prepare.image.width=6"};
        String[] all = Arrays.copyOf(small, small.length + overrides.length);
        System.arraycopy(overrides, 0, all, small.length, overrides.length);
        return LocalSpark.prepare(LocalSpark.config(input(), output(), all), existing);
    }
}
