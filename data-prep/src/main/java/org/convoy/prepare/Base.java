package org.convoy.prepare;

import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.SerializableConfiguration;
import org.convoy.data.Manifest;
import org.convoy.data.ParquetColumns;
import org.convoy.data.PreparedDataset;
import org.convoy.data.Sha256;
import org.convoy.data.Split;
import org.convoy.prepare.Outcome.Known;
import org.convoy.prepare.Outcome.Origin;
import org.convoy.prepare.Outcome.Picture;
import org.convoy.prepare.Outcome.Rejected;
import org.convoy.runtime.UserError;

/**
 * The dataset that pictures are appended to. Its files are read, never written.
 *
 * @param classes class names in label order, the dataset's own first
 */
record Base(PreparedDataset dataset, List<String> classes) {
    private static final List<String> COLUMNS = List.of("id", "label", "sha256");

    /** Rows whose hashes one task of the shuffle takes in. */
    private static final long KNOWN_PER_PARTITION = 1_000_000;

    Base(PreparedDataset dataset) {
        this(dataset, dataset.manifest().classes());
    }

    private Manifest manifest() {
        return dataset.manifest();
    }

    /**
     * Checks that the new pictures make the same kind of rows, of classes that may come, in splits by the same rule.
     *
     * @return with the classes that come
     * @throws UserError (usage) if they do not; (bad input) if classes come or are missing that must not
     */
    Base accepting(Source source, SplitRule rule, PrepareConfig config) {
        if (!source.contents().shape().equals(manifest().shape())
                || source.contents().colour() != manifest().colour()) {
            throw UserError.usage(
                    "[" + config.output() + "] holds pictures of " + manifest().shape() + " "
                            + manifest().colour().label() + " but was to be given "
                            + source.contents().shape() + " "
                            + source.contents().colour().label() + "; set prepare.image to the dataset's");
        }
        if (!rule.inWords().equals(manifest().splitRule())) {
            throw UserError.usage("[" + config.output() + "] was split by another rule than the new pictures would be: "
                    + manifest().splitRule() + "; set prepare.split to the dataset's");
        }
        if (config.statistics() != manifest().statistics()) {
            throw UserError.usage("[" + config.output() + "] has statistics "
                    + manifest().statistics().label() + " but the new pictures would be given "
                    + config.statistics().label() + "; set prepare.statistics to the dataset's");
        }
        if (source.contents().weighted() != manifest().weighted()) {
            throw UserError.badInput(
                    "[" + config.input() + "] must " + (manifest().weighted() ? "have" : "not have")
                            + " weights, like the dataset that it is appended to");
        }
        return new Base(dataset, grown(source.contents().classes(), config));
    }

    private List<String> grown(List<String> sourceClasses, PrepareConfig config) {
        List<String> grown = new ArrayList<>(classes);
        for (String name : sourceClasses) {
            if (!classes.contains(name)) {
                grown.add(name);
                if (config.appendedClasses() != AppendedClasses.ANY) {
                    throw UserError.badInput("[" + config.input() + "] has a class '" + name
                            + "' that the dataset lacks; it has " + classes
                            + "; prepare a new dataset for other classes, or let it come with appended-classes = any");
                }
            }
        }
        for (String name : classes) {
            if (config.appendedClasses() == AppendedClasses.SAME && !sourceClasses.contains(name)) {
                throw UserError.badInput("[" + config.input() + "] has no class '" + name + "', which the dataset has;"
                        + " it has " + sourceClasses
                        + "; add pictures of it, or let it be missing with appended-classes = known");
            }
        }
        return List.copyOf(grown);
    }

    /** Whether the dataset had no class of this label before. */
    boolean isNew(int label) {
        return label >= manifest().classes().size();
    }

    /** Partitions that the shuffle needs for the dataset's own pictures. */
    long partitions() {
        return manifest().counts().written() / KNOWN_PER_PARTITION;
    }

    /**
     * New pictures with the dataset's labels, and every picture of the dataset, without its pixels.
     *
     * @param sourceClasses the classes by which {@code read} is labelled
     */
    JavaRDD<Outcome> beside(
            JavaRDD<Outcome> read,
            List<String> sourceClasses,
            JavaSparkContext spark,
            Broadcast<SerializableConfiguration> hadoop) {
        int[] labels = sourceClasses.stream().mapToInt(classes::indexOf).toArray();
        return read.map(outcome -> labelled(outcome, labels)).union(known(spark, hadoop));
    }

    private static Outcome labelled(Outcome outcome, int[] labels) {
        Origin origin = outcome.origin();
        Origin renamed = new Origin(
                origin.id(), labels[origin.label()], origin.split(), origin.bytes(), origin.sha256(), origin.weight());
        if (outcome instanceof Picture picture) {
            return new Picture(renamed, picture.sourceWidth(), picture.sourceHeight(), picture.pixels());
        }
        Rejected rejected = (Rejected) outcome;
        return new Rejected(renamed, rejected.reason(), rejected.detail());
    }

    private JavaRDD<Outcome> known(JavaSparkContext spark, Broadcast<SerializableConfiguration> hadoop) {
        List<DescribedFile.Location> files = new ArrayList<>();
        for (Split split : Split.values()) {
            manifest().split(split).files().forEach(file -> files.add(new DescribedFile.Location(split, file.path())));
        }
        return spark.parallelize(files, files.size()).flatMap(new KnownReader(dataset.path(), hadoop)::read);
    }

    private record KnownReader(String dataset, Broadcast<SerializableConfiguration> hadoop) implements Serializable {
        Iterator<Outcome> read(DescribedFile.Location file) {
            Configuration configuration = hadoop.value().value();
            List<Outcome> known = new ArrayList<>();
            ParquetColumns.read(
                    configuration,
                    new Path(dataset, file.path()),
                    COLUMNS,
                    row -> known.add(new Known(new Origin(
                            row.getString("id", 0),
                            row.getInteger("label", 0),
                            file.split(),
                            0,
                            row.getBinary("sha256", 0).getBytes()))));
            return known.iterator();
        }
    }

    /**
     * Names for new files, by the names they were written under. They are made of what the dataset was and what is added, so
     * the same files get the same names again, and no others do.
     */
    Map<String, String> names(Manifest added) {
        StringBuilder content = new StringBuilder(dataset.manifestDigest());
        List<Manifest.DataFile> files = files(added);
        files.forEach(file -> content.append(file.digest()));
        String mark = Sha256.hex(Sha256.of(content.toString().getBytes(StandardCharsets.UTF_8)))
                .substring(0, 12);
        Map<String, String> names = new LinkedHashMap<>();
        files.forEach(file -> names.put(file.path(), file.path().replace("/part-", "/part-" + mark + "-")));
        return names;
    }

    private static List<Manifest.DataFile> files(Manifest added) {
        List<Manifest.DataFile> files = new ArrayList<>();
        added.splits().values().forEach(split -> files.addAll(split.files()));
        files.addAll(added.rejectedFiles());
        files.addAll(added.statisticsFiles());
        return files;
    }

    /** The manifest over old and new files; the old ones come first. */
    Manifest with(Manifest added, Map<String, String> names) {
        Map<String, Manifest.SplitContent> splits = new LinkedHashMap<>();
        for (Split split : Split.values()) {
            Manifest.SplitContent old = manifest().split(split);
            Manifest.SplitContent more = added.split(split);
            List<Long> rowsPerClass = new ArrayList<>(more.rowsPerClass());
            for (int label = 0; label < old.rowsPerClass().size(); label++) {
                rowsPerClass.set(
                        label,
                        old.rowsPerClass().get(label) + more.rowsPerClass().get(label));
            }
            splits.put(
                    split.label(),
                    new Manifest.SplitContent(
                            old.rows() + more.rows(), rowsPerClass, joined(old.files(), more.files(), names)));
        }
        PixelMoments moments = PixelMoments.of(manifest().trainPixels());
        moments.add(PixelMoments.of(added.trainPixels()));
        List<Manifest.Run> appended = new ArrayList<>(manifest().appended());
        appended.add(new Manifest.Run(added.counts(), added.configuration(), added.versions()));
        return new Manifest(
                Manifest.FORMAT_VERSION,
                manifest().shape(),
                manifest().colour(),
                classes,
                manifest().weighted(),
                splits,
                manifest().counts().plus(added.counts()),
                joined(manifest().rejectedFiles(), added.rejectedFiles(), names),
                moments.sums().mean(),
                moments.sums().standardDeviation(),
                moments.sums(),
                manifest().statistics(),
                joined(manifest().statisticsFiles(), added.statisticsFiles(), names),
                manifest().splitRule(),
                manifest().configuration(),
                manifest().versions(),
                appended);
    }

    private static List<Manifest.DataFile> joined(
            List<Manifest.DataFile> old, List<Manifest.DataFile> added, Map<String, String> names) {
        List<Manifest.DataFile> files = new ArrayList<>(old);
        added.forEach(file ->
                files.add(new Manifest.DataFile(names.get(file.path()), file.rows(), file.bytes(), file.digest())));
        return files;
    }
}
