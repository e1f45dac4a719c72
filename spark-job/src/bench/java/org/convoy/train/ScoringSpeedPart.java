package org.convoy.train;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Row;
import org.convoy.data.ExampleReader;
import org.convoy.data.ImageShape;
import org.convoy.data.Manifest;
import org.convoy.data.PreparedDataset;
import org.convoy.data.Split;
import org.convoy.model.Classifier;
import org.convoy.model.ModelArchive;
import org.convoy.model.NetworkSpec;
import org.convoy.model.Optimiser;
import org.convoy.model.architecture.Architecture;
import org.convoy.prepare.Existing;
import org.convoy.prepare.Prepare;
import org.convoy.prepare.PrepareConfig;
import org.convoy.runtime.Settings;
import org.convoy.runtime.UserError;
import org.convoy.score.ScoreConfig;
import org.convoy.score.ScoreReport;
import org.convoy.score.Scoring;
import org.deeplearning4j.spark.impl.multilayer.SparkDl4jMultiLayer;
import org.deeplearning4j.util.ModelSerializer;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import scala.Tuple2;

/**
 * Pictures per second of {@code score} beside those who do the same: the network alone, DL4J Spark, and a plain loop around libtorch.
 * Two cores each, in turns, on CIFAR-10's JPEG files and the dataset that is prepared from them.
 */
final class ScoringSpeedPart {
    private static final String NETWORK = "seed-cnn";
    private static final String TITLE = "Scoring CIFAR-10, 32x32x3, with the seed CNN, two cores; medians of pictures per second,"
            + " and of the ratios within a round";

    /** Like {@code score.batch-size}'s default. */
    private static final int BATCH_SIZE = 64;

    private static final int CORES = 2;

    /** DL4J's stock layers need minutes for more. */
    private static final int MOST_FOR_DL4J = 5_000;

    /** As far as two engines may lie apart in a probability: each sums in another order. */
    private static final double ROUNDING = 1e-4;

    /** Who scores. */
    private enum Peer {
        BARE("the network alone, batches in memory"),
        PREPARED("score, prepared dataset"),
        FILES("score, JPEG files"),
        LIBTORCH_PIXELS("libtorch in a plain loop, pixels out of one file"),
        LIBTORCH_FILES("libtorch in a plain loop, JPEG files by the JDK"),
        DL4J("DL4J Spark, feedForwardWithKey, prepared dataset");

        private final String title;

        Peer(String title) {
            this.title = title;
        }
    }

    /**
     * One line.
     *
     * @param picturesPerSecond one figure per round
     * @param ofBare share of the bare network's speed in the same round, median: a machine's speed drifts from round to round
     */
    record Line(String peer, List<Double> picturesPerSecond, double median, double ofBare) {}

    private final BenchCluster cluster;
    private final Path scratch;
    private final Path pictures;
    private final PreparedDataset dataset;
    /** Ids of the pictures that are files, in the order of names. */
    private final List<String> files;
    /** Ids of the pictures that the dataset holds, in its order. */
    private final List<String> ids = new ArrayList<>();
    /** Their pixels. */
    private final List<byte[]> batches = new ArrayList<>();

    private final List<Classifier> bare = new ArrayList<>();
    private final List<ExecutorService> threads = new ArrayList<>();
    private final SparkDl4jMultiLayer dl4j;
    private final JavaRDD<Row> dl4jInput;

    private ScoringSpeedPart(BenchCluster cluster, Path scratch, PreparedDataset dataset, ModelArchive model)
            throws IOException {
        this.cluster = cluster;
        this.scratch = scratch;
        this.pictures = scratch.resolve("pictures");
        this.dataset = dataset;
        this.files = files(pictures);
        readBatches();
        for (int core = 0; core < CORES; core++) {
            bare.add(model.classifier());
            // DL4J's workspaces belong to threads.
            threads.add(Executors.newSingleThreadExecutor());
        }
        dl4j = new SparkDl4jMultiLayer(
                cluster.spark(),
                ModelSerializer.restoreMultiLayerNetwork(new ByteArrayInputStream(model.zip()), false),
                null);
        dl4jInput = cluster.session()
                .read()
                .parquet(dataset.path() + "/split=train")
                .select("id", "pixels")
                .limit(MOST_FOR_DL4J)
                .javaRDD()
                .repartition(CORES)
                .cache();
    }

    private static List<String> files(Path directory) throws IOException {
        try (Stream<Path> all = Files.walk(directory)) {
            return all.filter(Files::isRegularFile)
                    .sorted()
                    .map(file -> directory.relativize(file).toString())
                    .toList();
        }
    }

    static void run(PartOptions options, BenchReport report) throws IOException {
        Path scratch = Files.createTempDirectory("convoy-bench");
        try (BenchCluster cluster = BenchCluster.local(CORES)) {
            unpack(scratch.resolve("pictures"), options.examples());
            PreparedDataset dataset = prepared(cluster, scratch);
            ModelArchive model = trained(cluster, dataset);
            Files.write(scratch.resolve("model.zip"), model.zip());
            new ScoringSpeedPart(cluster, scratch, dataset, model).measure(options.rounds(), report);
        } finally {
            MemoryPart.delete(scratch);
        }
    }

    /** CIFAR-10's training pictures, evenly over the classes. */
    private static void unpack(Path directory, int count) throws IOException {
        Path archive = Path.of(System.getenv().getOrDefault("CONVOY_DATA", "../shared/data"), "cifar10.tar.gz");
        if (!Files.exists(archive)) {
            throw UserError.badInput("[" + archive.toAbsolutePath().normalize()
                    + "] is missing: the benchmark needs it in the directory that CONVOY_DATA names");
        }
        Map<String, Integer> perClass = new HashMap<>();
        try (TarArchiveInputStream tar = new TarArchiveInputStream(
                new GZIPInputStream(new BufferedInputStream(Files.newInputStream(archive), 1 << 16)))) {
            for (TarArchiveEntry entry = tar.getNextTarEntry(); entry != null; entry = tar.getNextTarEntry()) {
                Path name = Path.of(entry.getName()); // cifar10/train/CLASS/NNNN.jpg
                if (entry.isFile()
                        && name.getName(1).toString().equals("train")
                        && perClass.merge(name.getName(2).toString(), 1, Integer::sum) <= count / 10) {
                    Path file = directory.resolve(name.subpath(2, 4));
                    Files.createDirectories(file.getParent());
                    Files.write(file, tar.readAllBytes());
                }
            }
        }
    }

    private static PreparedDataset prepared(BenchCluster cluster, Path scratch) {
        PrepareConfig config = PrepareConfig.from(Settings.load(
                Optional.empty(),
                List.of(
                        "prepare.input=" + scratch.resolve("pictures").toUri(),
                        "prepare.output=" + scratch.resolve("dataset").toUri(),
                        "prepare.split.validation-share=0",
                        "prepare.split.test-share=0")));
        Prepare.run(cluster.session(), config, Existing.REFUSE, cluster.phases());
        return PreparedDataset.open(
                cluster.spark().hadoopConfiguration(), scratch.resolve("dataset").toUri().toString());
    }

    /** An epoch, so that the probabilities that are compared are those of a network that knows something. */
    private static ModelArchive trained(BenchCluster cluster, PreparedDataset dataset) {
        NetworkSpec spec =
                BenchTraining.spec(Architecture.named(NETWORK), dataset, new Optimiser("nesterov", 0.02, 0.9), 1);
        EpochPlan plan = new EpochPlan(
                Math.min(10_000, dataset.manifest().split(Split.TRAIN).rows()),
                1,
                2,
                BenchTraining.BATCH_SIZE,
                AveragingPeriod.fixed(16),
                1);
        ShardRdd shards = ShardLoader.shards(cluster.spark(), dataset, plan);
        try (EpochTrainer trainer = Contender.CONVOY.trainer(cluster.spark(), shards, spec, plan)) {
            BenchTraining.epoch(cluster, "Training the network", trainer, 0);
            return BenchTraining.archive(dataset, spec, trainer.state());
        }
    }

    private void readBatches() {
        List<byte[]> pictures = new ArrayList<>();
        Manifest.SplitContent train = dataset.manifest().split(Split.TRAIN);
        ExampleReader.read(
                cluster.spark().hadoopConfiguration(), dataset.path(), train.files(), 0, train.rows(), example -> {
                    ids.add(example.id());
                    pictures.add(example.pixels());
                });
        int size = dataset.manifest().shape().pixels();
        for (int from = 0; from < pictures.size(); from += BATCH_SIZE) {
            List<byte[]> some = pictures.subList(from, Math.min(from + BATCH_SIZE, pictures.size()));
            byte[] batch = new byte[some.size() * size];
            for (int i = 0; i < some.size(); i++) {
                System.arraycopy(some.get(i), 0, batch, i * size, size);
            }
            batches.add(batch);
        }
    }

    private void writePixels(Path file) throws IOException {
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file), 1 << 20)) {
            for (byte[] batch : batches) {
                out.write(batch);
            }
        }
    }

    private void measure(int rounds, BenchReport report) throws IOException {
        writePixels(scratch.resolve("pixels"));
        Map<Peer, List<Double>> speeds = new EnumMap<>(Peer.class);
        ImageShape shape = dataset.manifest().shape();
        try (LibtorchLoop libtorch = LibtorchLoop.start(NETWORK, shape, scratch.resolve("model.zip"), CORES, scratch)) {
            check(libtorch); // and warm up
            for (int round = 0; round < rounds; round++) {
                for (Peer peer : Peer.values()) {
                    System.gc(); // what the peer before left behind is not this one's to clear away
                    Scored scored = turn(peer, libtorch);
                    double speed = scored.pictures() / scored.seconds();
                    speeds.computeIfAbsent(peer, any -> new ArrayList<>()).add(speed);
                    System.out.printf(Locale.ROOT, "%s: %,.0f pictures/s%n", peer.title, speed);
                }
            }
        }
        report(report, speeds);
    }

    /** One turn of a peer. */
    private record Scored(int pictures, double seconds) {}

    private Scored turn(Peer peer, LibtorchLoop libtorch) throws IOException {
        return switch (peer) {
            case BARE -> timed(ids.size(), this::bare);
            case PREPARED -> timed(ids.size(), () -> score("dataset", dataset.path(), false));
            case FILES -> timed(files.size(), () -> score("image-folder", pictures.toUri().toString(), false));
            case LIBTORCH_PIXELS ->
                new Scored(ids.size(), libtorch.scorePixels(scratch.resolve("pixels"), scratch.resolve("answers")));
            case LIBTORCH_FILES -> new Scored(files.size(), libtorch.scoreFiles(pictures, scratch.resolve("answers")));
            case DL4J -> timed((int) dl4jInput.count(), () -> dl4j().count());
        };
    }

    private static Scored timed(int pictures, Runnable work) {
        long start = System.nanoTime();
        work.run();
        return new Scored(pictures, (System.nanoTime() - start) / 1e9);
    }

    /** Every second batch in either of two threads, each with its own network, as two tasks have. */
    private void bare() {
        List<CompletableFuture<Void>> halves = new ArrayList<>();
        for (int thread = 0; thread < bare.size(); thread++) {
            int first = thread;
            halves.add(CompletableFuture.runAsync(() -> bareHalf(first), threads.get(first)));
        }
        halves.forEach(CompletableFuture::join);
    }

    private void bareHalf(int first) {
        for (int batch = first; batch < batches.size(); batch += bare.size()) {
            bare.get(first).probabilities(batches.get(batch), picturesIn(batch));
        }
    }

    private int picturesIn(int batch) {
        return batches.get(batch).length / dataset.manifest().shape().pixels();
    }

    /** Stock layers, and DL4J's own way to score on Spark; of pixels that lie in memory in as many partitions as there are cores. */
    private JavaPairRDD<String, INDArray> dl4j() {
        ImageShape shape = dataset.manifest().shape();
        return dl4j.feedForwardWithKey(
                dl4jInput.mapToPair(row -> new Tuple2<>(row.getString(0), features(row.getAs(1), shape))), BATCH_SIZE);
    }

    /** In [-1, 1], [1, C, H, W]. */
    private static INDArray features(byte[] pixels, ImageShape shape) {
        float[] values = new float[pixels.length];
        for (int i = 0; i < pixels.length; i++) {
            values[i] = (pixels[i] & 0xff) / 127.5f - 1;
        }
        return Nd4j.createFromArray(values).reshape(1, shape.channels(), shape.height(), shape.width());
    }

    /**
     * Lets everybody score everything once.
     *
     * @throws IllegalStateException if one leaves out a picture, or gives other probabilities than the bare network
     */
    private void check(LibtorchLoop libtorch) throws IOException {
        Map<String, float[]> expected = new HashMap<>();
        for (int batch = 0; batch < batches.size(); batch++) {
            add(expected, batch * BATCH_SIZE, bare.get(0).probabilities(batches.get(batch), picturesIn(batch)));
        }
        require(Peer.PREPARED, expected, answers(score("dataset", dataset.path(), true)));
        require(Peer.FILES, expected, answers(score("image-folder", pictures.toUri().toString(), true)));
        libtorch.scorePixels(scratch.resolve("pixels"), scratch.resolve("answers"));
        Map<String, float[]> ofLibtorch = new HashMap<>();
        add(ofLibtorch, 0, LibtorchLoop.probabilities(scratch.resolve("answers")));
        require(Peer.LIBTORCH_PIXELS, expected, ofLibtorch);
        libtorch.scoreFiles(pictures, scratch.resolve("answers"));
        require(Peer.LIBTORCH_FILES, expected, byFile(LibtorchLoop.probabilities(scratch.resolve("answers"))));
        Map<String, float[]> ofDl4j = new HashMap<>();
        dl4j().collect().forEach(pair -> ofDl4j.put(pair._1, pair._2.toFloatVector()));
        require(Peer.DL4J, expected, ofDl4j);
    }

    /** The answers for pictures of the dataset, from number {@code first} on. */
    private void add(Map<String, float[]> answers, int first, float[] probabilities) {
        int classes = dataset.manifest().classes().size();
        for (int i = 0; i < probabilities.length / classes; i++) {
            answers.put(ids.get(first + i), Arrays.copyOfRange(probabilities, i * classes, (i + 1) * classes));
        }
    }

    /** The answers for the files in the order of their names, of which the dataset has all but duplicates. */
    private Map<String, float[]> byFile(float[] probabilities) {
        int classes = dataset.manifest().classes().size();
        Map<String, float[]> answers = new HashMap<>();
        for (int i = 0; i < files.size(); i++) {
            answers.put(files.get(i), Arrays.copyOfRange(probabilities, i * classes, (i + 1) * classes));
        }
        return answers;
    }

    /** Compares the answers that both have, which must be all but for DL4J's part. */
    private static void require(Peer peer, Map<String, float[]> expected, Map<String, float[]> given) {
        double apart = 0;
        int compared = 0;
        for (Map.Entry<String, float[]> answer : given.entrySet()) {
            float[] own = expected.get(answer.getKey());
            if (own != null) {
                for (int c = 0; c < own.length; c++) {
                    apart = Math.max(apart, Math.abs(own[c] - answer.getValue()[c]));
                }
                compared++;
            }
        }
        System.out.printf(
                Locale.ROOT,
                "%s: %,d pictures, probabilities at most %.1e apart from the network alone%n",
                peer.title,
                compared,
                apart);
        int least = Math.min(expected.size(), peer == Peer.DL4J ? MOST_FOR_DL4J : expected.size());
        if (compared < least || !(apart <= ROUNDING)) {
            throw new IllegalStateException(peer.title + " must answer for " + least + " pictures within " + ROUNDING
                    + " but did for " + compared + ", " + apart + " apart");
        }
    }

    private static void report(BenchReport report, Map<Peer, List<Double>> speeds) {
        report.table(TITLE, "who", "pictures/s", "of the network alone", "score, prepared, is faster by");
        speeds.forEach((peer, measured) -> {
            double median = Spread.median(measured);
            double ofBare = Interleaved.ratio(measured, speeds.get(Peer.BARE));
            report.line(
                    TITLE,
                    new Line(peer.title, measured, median, ofBare),
                    peer.title,
                    String.format(Locale.ROOT, "%,.0f", median),
                    String.format(Locale.ROOT, "%.1f %%", 100 * ofBare),
                    peer == Peer.PREPARED
                            ? "–"
                            : String.format(
                                    Locale.ROOT, "%.2f", Interleaved.ratio(speeds.get(Peer.PREPARED), measured)));
        });
    }

    /** The job, as the command line runs it, into an output of its own. */
    private ScoreReport score(String source, String input, boolean probabilities) {
        String output = scratch.resolve("scored-" + UUID.randomUUID()).toUri().toString();
        ScoreConfig config = ScoreConfig.from(Settings.load(
                Optional.empty(),
                List.of(
                        "score.input=" + input,
                        "score.source=" + source,
                        "score.output=" + output,
                        "score.model=" + scratch.resolve("model.zip"),
                        "score.labels=none",
                        "score.batch-size=" + BATCH_SIZE,
                        "score.probabilities=" + probabilities)));
        return Scoring.run(cluster.session(), config, cluster.phases());
    }

    private Map<String, float[]> answers(ScoreReport report) {
        Map<String, float[]> answers = new HashMap<>();
        cluster.session()
                .read()
                .parquet(report.output())
                .select("id", "probabilities")
                .collectAsList()
                .forEach(row -> answers.put(row.getString(0), floats(row.getList(1))));
        return answers;
    }

    private static float[] floats(List<Float> values) {
        float[] floats = new float[values.size()];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = values.get(i);
        }
        return floats;
    }
}
