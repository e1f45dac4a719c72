package org.convoy.train;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.CreateFlag;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileAlreadyExistsException;
import org.apache.hadoop.fs.FileContext;
import org.apache.hadoop.fs.Options;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.SerializableConfiguration;
import org.convoy.data.Colour;
import org.convoy.data.ImageShape;
import org.convoy.data.Manifest;
import org.convoy.data.PreparedDataset;
import org.convoy.data.Sha256;
import org.convoy.data.Split;
import org.convoy.data.Statistics;
import org.convoy.model.NetworkSpec;
import org.convoy.runtime.ConvoyVersion;
import org.convoy.runtime.Phases;

/**
 * What frozen layers make of a dataset, computed once on the cluster and kept as a dataset of its own: the train and the
 * validation split with the same rows in the same order, whose column {@code pixels} has F little-endian float32 in place
 * of a picture. It lies in a directory named by all that its values come from, written aside, and appears by one rename.
 */
final class FeatureCache {
    private static final long FILE_BYTES = 32 << 20;

    private final JavaSparkContext spark;
    private final PreparedDataset dataset;
    private final NetworkSpec spec;
    private final int rowBytes;
    private final FileContext files;
    private final Path directory;

    /**
     * Names the cache.
     *
     * @param in where caches are kept
     * @param dataset of pictures
     * @param spec of the network, frozen below its head
     * @param head of it, {@link NetworkSpec#head}
     * @param frozen what decides the frozen layers and how they read pictures, in words
     */
    FeatureCache(
            JavaSparkContext spark,
            Path in,
            PreparedDataset dataset,
            NetworkSpec spec,
            NetworkSpec head,
            String frozen) {
        this.spark = spark;
        this.dataset = dataset;
        this.spec = spec;
        this.rowBytes = head.input().size();
        Configuration hadoop = spark.hadoopConfiguration();
        try {
            this.files = FileContext.getFileContext(
                    in.getFileSystem(hadoop).makeQualified(in).toUri(), hadoop);
        } catch (IOException e) {
            throw new UncheckedIOException("[" + in + "] Cannot reach the cached features: " + e.getMessage(), e);
        }
        String key = String.join(
                " ",
                dataset.manifestDigest(),
                frozen,
                Integer.toString(spec.frozenParameters()),
                Integer.toString(rowBytes));
        this.directory = new Path(
                files.makeQualified(in),
                Sha256.hex(Sha256.of(key.getBytes(StandardCharsets.UTF_8))).substring(0, 32));
    }

    Path directory() {
        return directory;
    }

    boolean exists() {
        try {
            return files.util().exists(new Path(directory, Manifest.FILE_NAME));
        } catch (IOException e) {
            throw cannot("read", e);
        }
    }

    /** The features, computed if they are not there. */
    PreparedDataset open(Phases phases) {
        if (exists()) {
            phases.note("Training the head on the features in " + directory);
        } else {
            phases.run("Computing features", this::compute);
        }
        return PreparedDataset.open(spark.hadoopConfiguration(), directory.toString());
    }

    private Void compute(Phases.Progress progress) {
        Path staging = new Path(directory.getParent(), ".writing-" + UUID.randomUUID());
        try {
            Manifest manifest = manifest(written(staging));
            files.delete(new Path(staging, ".attempts"), true);
            write(new Path(staging, Manifest.FILE_NAME), manifest.toJson());
            if (!exists()) {
                // Half of one, which no run of Convoy's leaves there.
                files.delete(directory, true);
            }
            files.rename(staging, directory, Options.Rename.NONE);
            progress.result(manifest.counts().written() + " rows of " + rowBytes + " bytes in " + directory);
        } catch (FileAlreadyExistsException e) {
            // Another run was faster; the same came out.
            delete(staging);
        } catch (IOException e) {
            delete(staging);
            throw cannot("write", e);
        } catch (RuntimeException e) {
            delete(staging);
            throw e;
        }
        return null;
    }

    private List<FeatureTask.Written> written(Path staging) {
        Broadcast<SerializableConfiguration> hadoop =
                spark.broadcast(new SerializableConfiguration(spark.hadoopConfiguration()));
        Broadcast<PreparedDataset> pictures = spark.broadcast(dataset);
        Broadcast<NetworkSpec> network = spark.broadcast(spec.forWorkers());
        try {
            List<FeatureTask.Part> parts = parts();
            return spark.parallelize(parts, parts.size())
                    .map(new FeatureTask(hadoop, pictures, network, staging.toString()))
                    .collect();
        } finally {
            hadoop.destroy();
            pictures.destroy();
            network.destroy();
        }
    }

    private List<FeatureTask.Part> parts() {
        List<FeatureTask.Part> parts = new ArrayList<>();
        for (Split split : List.of(Split.TRAIN, Split.VALIDATION)) {
            long rows = dataset.manifest().split(split).rows();
            long wanted = Math.max(spark.defaultParallelism(), Math.floorDiv(rows * rowBytes, FILE_BYTES) + 1);
            int count = (int) Math.min(rows, wanted);
            for (int i = 0; i < count; i++) {
                parts.add(new FeatureTask.Part(split, i, rows * i / count, rows * (i + 1) / count));
            }
        }
        return parts;
    }

    private Manifest manifest(List<FeatureTask.Written> written) {
        Manifest pictures = dataset.manifest();
        Map<String, Manifest.SplitContent> splits = new LinkedHashMap<>();
        long all = 0;
        for (Split split : Split.values()) {
            List<Manifest.DataFile> ofSplit = new ArrayList<>();
            long[] rowsPerClass = new long[pictures.classes().size()];
            for (FeatureTask.Written part : written) {
                if (part.split() == split) {
                    ofSplit.add(part.file());
                    for (int c = 0; c < rowsPerClass.length; c++) {
                        rowsPerClass[c] += part.rowsPerClass().get(c);
                    }
                }
            }
            long rows = ofSplit.stream().mapToLong(Manifest.DataFile::rows).sum();
            splits.put(
                    split.label(),
                    new Manifest.SplitContent(
                            rows, Arrays.stream(rowsPerClass).boxed().toList(), ofSplit));
            all += rows;
        }
        return new Manifest(
                Manifest.FORMAT_VERSION,
                new ImageShape(1, 1, rowBytes),
                Colour.GREY,
                pictures.classes(),
                pictures.weighted(),
                splits,
                new Manifest.Counts(all, all, Map.of(), 0, 0),
                List.of(),
                List.of(0.0),
                List.of(0.0),
                new Manifest.PixelSums(0, List.of(0L), List.of(0L)),
                Statistics.CHANNELS,
                List.of(),
                "as in the dataset of the pictures, " + dataset.manifestDigest(),
                Map.of("features of", dataset.path()),
                new Manifest.Versions(
                        ConvoyVersion.current(),
                        spark.version(),
                        Runtime.version().toString()),
                List.of());
    }

    private void write(Path file, byte[] content) throws IOException {
        try (FSDataOutputStream out = files.create(file, EnumSet.of(CreateFlag.CREATE))) {
            out.write(content);
        }
    }

    private void delete(Path staging) {
        try {
            files.delete(staging, true);
        } catch (IOException e) {
            throw cannot("delete " + staging + " in", e);
        }
    }

    private UncheckedIOException cannot(String what, IOException e) {
        return new UncheckedIOException("[" + directory + "] Cannot " + what + " the features: " + e.getMessage(), e);
    }
}
