package org.convoy.score;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import javax.imageio.ImageIO;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.io.BytesWritable;
import org.apache.hadoop.io.SequenceFile;
import org.apache.hadoop.io.Text;
import org.apache.spark.api.java.JavaFutureAction;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.util.LongAccumulator;
import org.convoy.model.ModelArchive;
import org.convoy.model.engine.NativeSettings;
import org.convoy.prepare.Existing;
import org.convoy.prepare.Prepare;
import org.convoy.prepare.PrepareConfig;
import org.convoy.runtime.ExitCode;
import org.convoy.runtime.Phases;
import org.convoy.runtime.Settings;
import org.convoy.runtime.UserError;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.within;

/** The same pictures from every kind of input, and what is wrong with some. */
class ScoringIT {
    private static final int PER_CLASS = 110;
    private static final List<String> CLASSES = List.of("0", "1", "2");

    @TempDir
    private static Path directory;

    private static final CountDownLatch TASK_MAY_END = new CountDownLatch(1);

    private static SparkSession spark;
    private static final Map<String, byte[]> PICTURES = new TreeMap<>();

    @BeforeAll
    static void start() throws IOException {
        NativeSettings.ensureApplied();
        spark = SparkSession.builder()
                .appName("ScoringIT")
                .master("local[2]")
                .config("spark.ui.enabled", "false")
                .config("spark.executor.heartbeatInterval", "100ms")
                .config("spark.hadoop.fs.full.impl", FullFileSystem.class.getName())
                .config("spark.hadoop.fs.full.impl.disable.cache", "true")
                .config("spark.hadoop.fs.AbstractFileSystem.full.impl", FullFileSystem.ForContexts.class.getName())
                .getOrCreate();
        Random random = new Random(5);
        for (String name : CLASSES) {
            for (int i = 0; i < PER_CLASS; i++) {
                PICTURES.put(
                        name + "/deep/" + i + (i % 2 == 0 ? ".jpg" : ".png"),
                        picture(random, i % 2 == 0 ? "jpg" : "png"));
            }
        }
        byte[] whole = PICTURES.get("0/deep/0.jpg");
        PICTURES.put("0/cut-off.jpg", Arrays.copyOf(whole, whole.length / 2));
        PICTURES.put("1/empty.jpg", new byte[0]);
        PICTURES.put("2/text.png", "no picture".getBytes(StandardCharsets.UTF_8));
        for (Map.Entry<String, byte[]> picture : PICTURES.entrySet()) {
            Path file = directory.resolve("pictures").resolve(picture.getKey());
            Files.createDirectories(file.getParent());
            Files.write(file, picture.getValue());
        }
        Files.write(
                directory.resolve("model.zip"),
                SmallModel.of(3, 7, SmallModel.PREPARATION).zip());
    }

    @AfterAll
    static void stop() {
        if (spark != null) {
            spark.close();
        }
    }

    @Test
    void progressKnowsOfTasksThatStillRun() throws Exception {
        JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
        try (ScoredPictures scored = new ScoredPictures(spark.sparkContext())) {
            LongAccumulator counter = scored.counter();
            JavaFutureAction<Void> task = context.parallelize(List.of(0), 1).foreachAsync(i -> {
                counter.add(5);
                TASK_MAY_END.await();
            });

            awaitFive(scored);
            assertThat(task.isDone()).isFalse();
            TASK_MAY_END.countDown();
            task.get();
            awaitFive(scored);
        }
    }

    private static void awaitFive(ScoredPictures scored) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (scored.count() != 5) {
            assertThat(System.nanoTime()).as("waited for a heartbeat").isLessThan(deadline);
            Thread.sleep(10);
        }
    }

    @Test
    void everyKindOfInputGivesEachPictureTheSameAnswerAsTheDatasetItWasTrainedFrom() throws IOException {
        writeTar(Files.newOutputStream(directory.resolve("pictures.tar")));
        writeTar(new GZIPOutputStream(Files.newOutputStream(directory.resolve("pictures.tgz"))));
        writeSequenceFile(directory.resolve("pictures.seq"));
        writeTable(directory.resolve("table"));
        prepare("dataset", 28);

        Map<String, float[]> prepared = new HashMap<>();
        for (Row row : rows(score("dataset", "ofDataset"))) {
            prepared.put(row.getAs("id"), floats(row.getList(row.fieldIndex("probabilities"))));
        }
        assertThat(prepared).hasSize(PICTURES.size() - 3);
        for (String input : List.of("pictures", "pictures.tar", "pictures.tgz", "pictures.seq", "table")) {
            ScoreReport report = score(input, "of-" + input);

            assertThat(report.picturesIn()).as(input).isEqualTo(PICTURES.size());
            assertThat(report.rowsOut()).as(input).isEqualTo(PICTURES.size());
            assertThat(report.errors())
                    .as(input)
                    .isEqualTo(Map.of("empty-file", 1L, "truncated", 1L, "unknown-format", 1L));
            assertThat(report.labelled()).as(input).isEqualTo(PICTURES.size() - 3L);
            List<Row> rows = rows(report);
            assertThat(rows)
                    .extracting(row -> row.<String>getAs("id"))
                    .as(input)
                    .containsExactlyInAnyOrderElementsOf(PICTURES.keySet());
            for (Row row : rows) {
                String id = row.getAs("id");
                assertThat(row.<String>getAs("label")).isEqualTo(id.substring(0, 1));
                float[] expected = prepared.get(id);
                if (expected == null) {
                    assertThat(row.<String>getAs("error")).as(id).isNotNull();
                    assertThat(row.<String>getAs("class")).isNull();
                } else {
                    assertThat(row.<String>getAs("error")).isNull();
                    float[] answered = floats(row.getList(row.fieldIndex("probabilities")));
                    for (int c = 0; c < expected.length; c++) {
                        assertThat(answered[c]).as("%s of %s", id, input).isCloseTo(expected[c], within(1e-6f));
                    }
                }
            }
        }
    }

    @Test
    void judgesTheModelInTheSamePass() throws IOException {
        ScoreReport report = score("pictures", "judged", "score.unit-pictures=50");

        long right = rows(report).stream()
                .filter(row -> row.<String>getAs("error") == null)
                .filter(row -> row.<String>getAs("label").equals(row.getAs("class")))
                .count();
        assertThat(report.metrics().examples()).isEqualTo(3L * PER_CLASS);
        assertThat(report.metrics().accuracy()).isEqualTo((double) right / (3 * PER_CLASS));
        assertThat(report.metrics().confusion()).hasSize(3);
        assertThat(report.files()).hasSizeGreaterThan(3);
        assertThat(ImageIO.read(directory.resolve("judged/_surest-mistakes.png").toFile())
                        .getHeight())
                .isGreaterThan(24 * 64);
        assertThat(directory.resolve("judged/_attempts")).doesNotExist();
        assertThat(directory.resolve("judged/_units")).doesNotExist();
    }

    @Test
    void writesEmbeddingsAndFewerColumnsInEveryFormat() throws IOException {
        ModelArchive model = SmallModel.of(3, 7, SmallModel.PREPARATION);
        var layers = model.classifier().plan().placements();
        String last = layers.get(layers.size() - 1).layer();
        ScoreReport report =
                score("pictures", "embedded", "score.embedding-layer=" + last, "score.top-k=0", "score.labels=none");
        assertThat(rows(report))
                .filteredOn(row -> row.<String>getAs("error") == null)
                .allSatisfy(row -> assertThat(row.<Object>getAs("embedding")).isEqualTo(row.getAs("probabilities")));
        assertThat(spark.read().parquet(report.output()).columns()).doesNotContain("top_classes");
        assertThat(report.metrics()).isNull();

        assertThat(spark.read()
                        .json(score("pictures", "as-json", "score.format=json").output())
                        .count())
                .isEqualTo(PICTURES.size());
        assertThat(spark.read()
                        .option("header", "true")
                        .option("escape", "\"")
                        .csv(score("pictures", "as-csv", "score.format=csv").output())
                        .filter("error is null")
                        .count())
                .isEqualTo(3 * PER_CLASS);
    }

    @Test
    void aFinishedOutputIsLeftAsItIsAndOneOfAnotherRunIsRefused() throws IOException {
        score("pictures", "kept");
        byte[] manifest = Files.readAllBytes(directory.resolve("kept/_manifest.json"));

        score("pictures", "kept");
        assertRefused(
                ExitCode.USAGE,
                "[" + directory.resolve("kept") + "] belongs to another run: score.top-k was '5' and is '3'",
                "pictures",
                "kept",
                "score.top-k=3");
        Files.write(
                directory.resolve("other.zip"),
                SmallModel.of(3, 8, SmallModel.PREPARATION).zip());
        assertRefused(
                ExitCode.USAGE,
                "score.model was '" + directory.resolve("model.zip") + "' and is '" + directory.resolve("other.zip"),
                "pictures",
                "kept",
                "score.model=" + directory.resolve("other.zip"));
        Files.createDirectories(directory.resolve("theirs"));
        Files.writeString(directory.resolve("theirs/thesis.txt"), "years of work");
        assertRefused(
                ExitCode.USAGE,
                "[" + directory.resolve("theirs") + "] output exists and is of no scoring run: it holds thesis.txt",
                "pictures",
                "theirs");

        assertThat(Files.readAllBytes(directory.resolve("kept/_manifest.json"))).isEqualTo(manifest);
        assertThat(directory.resolve("theirs/thesis.txt")).exists();
    }

    @Test
    void anInputThatChangedIsNotMixedWithWhatWasScored() throws IOException {
        Path some = directory.resolve("growing/0");
        Files.createDirectories(some);
        Files.write(some.resolve("a.jpg"), PICTURES.get("0/deep/0.jpg"));
        score("growing", "grown");
        Files.write(some.resolve("b.jpg"), PICTURES.get("0/deep/2.jpg"));

        assertRefused(
                ExitCode.BAD_INPUT,
                "[" + directory.resolve("grown")
                        + "] belongs to an input of 1 pictures that has changed since and has 2: unit 0 was",
                "growing",
                "grown");
    }

    @Test
    void saysWhatDoesNotFit() throws IOException {
        assertRefused(ExitCode.BAD_INPUT, "input does not exist", "nowhere", "none");
        assertRefused(
                ExitCode.USAGE,
                "score.output must be neither inside of score.input nor around it",
                "pictures",
                "pictures/answers");
        assertRefused(
                ExitCode.BAD_INPUT,
                "score.model does not exist",
                "pictures",
                "none",
                "score.model=" + directory.resolve("gone.zip"));
        assertRefused(
                ExitCode.USAGE,
                "score.embedding-layer must be one of [",
                "pictures",
                "none",
                "score.embedding-layer=nothing");
        Path strange = directory.resolve("strange");
        for (String name : List.of("0", "elk")) {
            Files.createDirectories(strange.resolve(name));
            Files.write(strange.resolve(name).resolve("a.jpg"), PICTURES.get("0/deep/0.jpg"));
        }
        assertRefused(
                ExitCode.BAD_INPUT,
                "names classes that the model does not know: [elk]; it knows [0, 1, 2]; with score.labels = none they"
                        + " are no classes",
                "strange",
                "none");
        assertThat(score("strange", "strange-answers", "score.labels=none").labelled())
                .isZero();
        assertThat(directory.resolve("none/_manifest.json")).doesNotExist();
    }

    @Test
    void damagedInputsAndADatasetOfAnotherShapeAreNamed() throws IOException {
        Files.writeString(directory.resolve("damaged.parquet"), "no table");
        assertRefused(ExitCode.BAD_INPUT, "damaged.parquet] is not readable Parquet", "damaged.parquet", "none");
        ByteArrayOutputStream tar = new ByteArrayOutputStream();
        writeTar(tar);
        Files.write(directory.resolve("damaged.tar"), Arrays.copyOf(tar.toByteArray(), tar.size() / 2));
        assertRefused(ExitCode.BAD_INPUT, "damaged.tar] is cut off or damaged at byte", "damaged.tar", "none");
        Files.createDirectories(directory.resolve("delta/_delta_log"));
        Files.writeString(directory.resolve("delta/part.parquet"), "any");
        assertRefused(ExitCode.BAD_INPUT, "delta] is a Delta table", "delta", "none");
        prepare("small-dataset", 20);
        assertRefused(
                ExitCode.BAD_INPUT,
                "has pictures of 1x20x20 but model " + directory.resolve("model.zip") + " reads 1x28x28",
                "small-dataset",
                "none");
    }

    @Test
    void aTableMustHaveItsColumns() {
        StructType schema =
                new StructType().add("content", DataTypes.BinaryType).add("name", DataTypes.StringType);
        spark.createDataFrame(List.of(RowFactory.create(PICTURES.get("0/deep/0.jpg"), "a")), schema)
                .write()
                .parquet(directory.resolve("columns").toString());

        assertRefused(ExitCode.BAD_INPUT, "has no column 'bytes'; its columns are [content, name]", "columns", "none");
        assertRefused(
                ExitCode.BAD_INPUT,
                "column 'name' must be binary but is optional binary name (STRING)",
                "columns",
                "none",
                "score.columns.bytes=name");
    }

    @Test
    void anOldModelIsToldHowPicturesWerePrepared() throws IOException {
        Files.write(directory.resolve("old.zip"), SmallModel.of(3, 7, Map.of()).zip());
        String old = "score.model=" + directory.resolve("old.zip");

        assertRefused(
                ExitCode.USAGE,
                "does not say how its pictures were prepared: score.image.resize must be given but is missing",
                "pictures",
                "none",
                old);
        assertRefused(
                ExitCode.USAGE,
                "score.image.resize must be 'exact', as model " + directory.resolve("model.zip")
                        + " was trained, but was 'pad'; leave it out",
                "pictures",
                "none",
                "score.image.resize=pad");
        ScoreReport report = score(
                "pictures",
                "told",
                old,
                "score.image.resize=exact",
                "score.image.background=\"#ffffff\"",
                "score.image.jpeg-decode=full");
        assertThat(report.rowsOut()).isEqualTo(PICTURES.size());
    }

    @Test
    void afterAFullDiskOnlyWhatIsMissingIsScored() throws IOException {
        FullFileSystem.leaveRoomFor(2);
        String output = "score.output=full:" + directory.resolve("full");
        assertThatThrownBy(() -> score("pictures", "full", output, "score.unit-pictures=50", "score.format=json"))
                .isInstanceOfSatisfying(
                        UserError.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.BAD_INPUT))
                .hasMessageContaining("No space left on device; free space there");
        assertThat(parts("full")).hasSizeBetween(1, 2);
        assertThat(directory.resolve("full/_manifest.json")).doesNotExist();

        FullFileSystem.leaveRoomFor(Integer.MAX_VALUE);
        ScoreReport report = score("pictures", "full", output, "score.unit-pictures=50", "score.format=json");

        assertThat(report.scoredByThisRun()).isLessThan(report.rowsOut()).isPositive();
        assertThat(spark.read()
                        .json(directory.resolve("full").toString())
                        .select("id")
                        .collectAsList())
                .extracting(row -> row.getString(0))
                .containsExactlyInAnyOrderElementsOf(PICTURES.keySet());
    }

    private static List<String> parts(String output) {
        return List.of(directory.resolve(output).toFile().list((where, name) -> name.startsWith("part-")));
    }

    /** What a task throws lies below Spark's own exception, where the command line looks for it. */
    private static void assertRefused(ExitCode code, String message, String input, String output, String... settings) {
        Throwable thrown = catchThrowable(() -> score(input, output, settings));
        while (thrown != null && !(thrown instanceof UserError)) {
            thrown = thrown.getCause();
        }
        assertThat(thrown)
                .isInstanceOfSatisfying(
                        UserError.class, e -> assertThat(e.exitCode()).isEqualTo(code))
                .hasMessageContaining(message);
    }

    private static ScoreReport score(String input, String output, String... settings) {
        List<String> all = new ArrayList<>(List.of(
                "score.input=" + directory.resolve(input),
                "score.output=" + directory.resolve(output),
                "score.model=" + directory.resolve("model.zip"),
                "score.probabilities=true"));
        all.addAll(List.of(settings));
        return Scoring.run(spark, ScoreConfig.from(Settings.load(Optional.empty(), all)), phases());
    }

    private static Phases phases() {
        return new Phases(
                JavaSparkContext.fromSparkContext(spark.sparkContext()),
                new PrintStream(new ByteArrayOutputStream(), false, StandardCharsets.UTF_8));
    }

    private static List<Row> rows(ScoreReport report) {
        return spark.read().parquet(report.output()).collectAsList();
    }

    private static float[] floats(List<Float> values) {
        float[] floats = new float[values.size()];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = values.get(i);
        }
        return floats;
    }

    private static void prepare(String output, int side) {
        Prepare.run(
                spark,
                PrepareConfig.from(Settings.load(
                        Optional.empty(),
                        List.of(
                                "prepare.input=" + directory.resolve("pictures"),
                                "prepare.output=" + directory.resolve(output),
                                "prepare.image.colour=grey",
                                "prepare.image.height=" + side,
                                "prepare.image.width=" + side,
                                "prepare.image.resize=exact"))),
                Existing.REFUSE,
                phases());
    }

    private static byte[] picture(Random random, String format) throws IOException {
        BufferedImage image =
                new BufferedImage(20 + random.nextInt(40), 20 + random.nextInt(40), BufferedImage.TYPE_INT_RGB);
        int background = random.nextInt(1 << 24);
        for (int y = 0; y < image.getHeight(); y++) {
            for (int x = 0; x < image.getWidth(); x++) {
                image.setRGB(x, y, background + x * 3 + y * 1024 + random.nextInt(64));
            }
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        ImageIO.write(image, format, bytes);
        return bytes.toByteArray();
    }

    private static void writeTar(java.io.OutputStream out) throws IOException {
        try (TarArchiveOutputStream tar = new TarArchiveOutputStream(out)) {
            for (Map.Entry<String, byte[]> picture : PICTURES.entrySet()) {
                TarArchiveEntry entry = new TarArchiveEntry(picture.getKey());
                entry.setSize(picture.getValue().length);
                tar.putArchiveEntry(entry);
                tar.write(picture.getValue());
                tar.closeArchiveEntry();
            }
        }
    }

    private static void writeSequenceFile(Path file) throws IOException {
        try (SequenceFile.Writer writer = SequenceFile.createWriter(
                new Configuration(),
                SequenceFile.Writer.file(new org.apache.hadoop.fs.Path(file.toUri())),
                SequenceFile.Writer.keyClass(Text.class),
                SequenceFile.Writer.valueClass(BytesWritable.class))) {
            for (Map.Entry<String, byte[]> picture : PICTURES.entrySet()) {
                writer.append(new Text(picture.getKey()), new BytesWritable(picture.getValue()));
            }
        }
    }

    private static void writeTable(Path table) throws IOException {
        StructType schema = new StructType()
                .add("id", DataTypes.StringType)
                .add("bytes", DataTypes.BinaryType)
                .add("label", DataTypes.StringType);
        List<Row> rows = PICTURES.entrySet().stream()
                .map(picture -> RowFactory.create(
                        picture.getKey(), picture.getValue(), picture.getKey().substring(0, 1)))
                .toList();
        spark.createDataFrame(rows, schema)
                .repartition(3)
                .write()
                .partitionBy("label")
                .parquet(table.toString());
        try (Stream<Path> files = Files.walk(table)) {
            assertThat(files.filter(file -> file.toString().endsWith(".parquet")))
                    .hasSizeGreaterThan(3);
        }
    }
}
