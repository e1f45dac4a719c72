package org.convoy.prepare;

import java.io.Serializable;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.rdd.PartitionPruningRDD;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.util.SerializableConfiguration;
import org.convoy.data.ImageShape;
import org.convoy.data.Manifest;
import org.convoy.data.Sha256;
import org.convoy.data.Split;
import org.convoy.runtime.ConvoyVersion;
import org.convoy.runtime.Phases;
import org.convoy.runtime.UserError;
import scala.Function1;
import scala.Tuple2;

/**
 * Pictures to dataset. Every picture is decoded once, in executors, and goes through one shuffle by the hash of its bytes; the
 * counts, the rows and the rejected ones are read from that shuffle's files. Only counts and file lists come to the driver.
 *
 * <p>The same input and configuration give the same manifest and the same rows in the same order, whatever the cluster.
 */
public final class Prepare {
    private final SparkSession spark;
    private final JavaSparkContext context;
    private final PrepareConfig config;
    private final Phases phases;

    private Prepare(SparkSession spark, PrepareConfig config, Phases phases) {
        this.spark = spark;
        this.context = JavaSparkContext.fromSparkContext(spark.sparkContext());
        this.config = config;
        this.phases = phases;
    }

    /**
     * Prepares the dataset. It appears whole or not at all.
     *
     * @throws UserError (usage) if the output may not be written; (bad input) if the pictures are not fit to train on
     */
    public static PrepareReport run(SparkSession spark, PrepareConfig config, Existing existing, Phases phases) {
        return new Prepare(spark, config, phases).run(existing);
    }

    private PrepareReport run(Existing existing) {
        Configuration hadoop = context.hadoopConfiguration();
        Staging staging = Staging.of(hadoop, config, existing);
        Source source = phases.run("Listing pictures", progress -> Source.open(hadoop, config));
        Broadcast<SerializableConfiguration> hadoopOnExecutors =
                context.broadcast(new SerializableConfiguration(hadoop));
        try {
            return write(source, staging, hadoopOnExecutors);
        } catch (RuntimeException | Error e) {
            staging.deleteAfter(e);
            throw e;
        } finally {
            hadoopOnExecutors.destroy();
        }
    }

    private PrepareReport write(Source source, Staging staging, Broadcast<SerializableConfiguration> hadoop) {
        SplitRule rule = splitRule(source.givenSplits());
        JavaRDD<Outcome> outcomes = deduplicated(source.read(context, hadoop, rule), partitions(source));
        DatasetWriter writer = new DatasetWriter(spark, staging.fileSystem(), staging.directory());

        List<Tally> tallies = phases.run(
                "Decoding pictures",
                progress -> tallies(outcomes, source.classes().size()));
        Tally total = total(tallies, source.classes().size());
        checkFit(total, source);
        phases.run("Writing pictures", progress -> {
            writer.writePictures(outcomes);
            return null;
        });
        if (total.rejected() > 0) {
            phases.run("Writing the list of rejected pictures", progress -> {
                writer.writeRejected(onlyRejecting(outcomes, tallies));
                return null;
            });
        }
        List<DescribedFile> files = phases.run(
                "Describing the dataset", progress -> describe(writer.pictureFiles(), staging, source, hadoop));
        checkWritten(files, total, source.classes());
        List<Manifest.DataFile> rejectedFiles = describeRejected(writer.rejectedFiles(), staging, hadoop);

        Manifest manifest = manifest(source, rule, total, files, rejectedFiles);
        byte[] json = manifest.toJson();
        PrepareReport report = report(staging, manifest, json);
        staging.write(PrepareReport.FILE_NAME, report.toJson());
        staging.write(Manifest.FILE_NAME, json);
        staging.publish();
        return report;
    }

    private SplitRule splitRule(Set<Split> given) {
        return new SplitRule(
                given.contains(Split.VALIDATION) ? 0 : config.validationShare(),
                given.contains(Split.TEST) ? 0 : config.testShare());
    }

    /** A function of the input and the configuration alone, so that the files are, too. */
    private int partitions(Source source) {
        long bytes = source.pictures() * source.shape().pixels();
        return Math.toIntExact(bytes / config.targetFileBytes() + 1);
    }

    private static JavaRDD<Outcome> deduplicated(JavaRDD<Outcome> decoded, int partitions) {
        JavaPairRDD<ContentKey, Outcome> sorted = decoded.mapToPair(
                        outcome -> new Tuple2<>(ContentKey.of(outcome.origin()), outcome))
                .repartitionAndSortWithinPartitions(new ContentKey.Ranges(partitions));
        return sorted.values().mapPartitions(Deduplication::new);
    }

    /** One tally per partition. */
    private static List<Tally> tallies(JavaRDD<Outcome> outcomes, int classes) {
        return outcomes.mapPartitions(partition -> tally(partition, classes)).collect();
    }

    private static Iterator<Tally> tally(Iterator<Outcome> partition, int classes) {
        Tally tally = new Tally(classes);
        partition.forEachRemaining(tally::add);
        return List.of(tally).iterator();
    }

    private static Tally total(List<Tally> tallies, int classes) {
        Tally total = new Tally(classes);
        tallies.forEach(total::add);
        return total;
    }

    private void checkFit(Tally total, Source source) {
        if (total.read() != source.pictures()) {
            throw new IllegalStateException("Read " + total.read() + " pictures but listed " + source.pictures());
        }
        for (int label = 0; label < source.classes().size(); label++) {
            checkClass(source.classes().get(label), label, total);
        }
        if (total.rejected() > config.maxRejectedShare() * total.read()) {
            throw UserError.badInput("[" + config.input() + "] " + total.rejected() + " of " + total.read()
                    + " pictures were rejected, more than prepare.max-rejected-share = " + config.maxRejectedShare()
                    + " allows: " + total.rejectedInWords());
        }
    }

    private void checkClass(String name, int label, Tally total) {
        long validation = total.rows(Split.VALIDATION, label);
        long test = total.rows(Split.TEST, label);
        if (total.rows(Split.TRAIN, label) > 0) {
            return;
        }
        if (validation + test == 0) {
            throw UserError.badInput("[" + config.input() + "] all " + total.rejectedOfClass(label)
                    + " pictures of class '" + name + "' were rejected: " + total.rejectedInWords());
        }
        throw UserError.badInput("[" + config.input() + "] class '" + name + "' has no picture left to train on ("
                + validation + " in validation, " + test + " in test): add pictures of it");
    }

    /** The partitions that hold a rejected picture. */
    private static JavaRDD<Outcome> onlyRejecting(JavaRDD<Outcome> outcomes, List<Tally> tallies) {
        Set<Integer> rejecting = IntStream.range(0, tallies.size())
                .filter(partition -> tallies.get(partition).rejected() > 0)
                .boxed()
                .collect(Collectors.toSet());
        Function1<Object, Object> holdsOne = (Function1<Object, Object> & Serializable) rejecting::contains;
        return PartitionPruningRDD.create(outcomes.rdd(), holdsOne).toJavaRDD();
    }

    private List<DescribedFile> describe(
            List<DescribedFile.Location> files,
            Staging staging,
            Source source,
            Broadcast<SerializableConfiguration> hadoop) {
        String dataset = staging.directory().toString();
        int classes = source.classes().size();
        ImageShape shape = source.shape();
        return context.parallelize(files, files.size())
                .map(file -> DescribedFile.read(hadoop.value().value(), dataset, file, classes, shape))
                .collect();
    }

    private List<Manifest.DataFile> describeRejected(
            List<String> files, Staging staging, Broadcast<SerializableConfiguration> hadoop) {
        String dataset = staging.directory().toString();
        return files.isEmpty()
                ? List.of()
                : context.parallelize(files, files.size())
                        .map(file -> DescribedFile.rejected(hadoop.value().value(), dataset, file))
                        .collect();
    }

    private static void checkWritten(List<DescribedFile> files, Tally total, List<String> classes) {
        for (Split split : Split.values()) {
            List<Long> written = rowsPerClass(files, split, classes.size());
            if (!written.equals(total.rowsPerClass(split))) {
                throw new IllegalStateException("Decoded " + total.rowsPerClass(split) + " pictures by class for "
                        + split.label() + " but wrote " + written);
            }
        }
    }

    private static List<Long> rowsPerClass(List<DescribedFile> files, Split split, int classes) {
        long[] rows = new long[classes];
        for (DescribedFile file : files) {
            for (int label = 0; file.split() == split && label < classes; label++) {
                rows[label] += file.rowsPerClass()[label];
            }
        }
        return Arrays.stream(rows).boxed().toList();
    }

    private Manifest manifest(
            Source source,
            SplitRule rule,
            Tally total,
            List<DescribedFile> files,
            List<Manifest.DataFile> rejectedFiles) {
        PixelMoments train = new PixelMoments(source.shape().channels());
        Map<String, Manifest.SplitContent> splits = new LinkedHashMap<>();
        long written = 0;
        for (Split split : Split.values()) {
            List<DescribedFile> ofSplit =
                    files.stream().filter(file -> file.split() == split).toList();
            if (split == Split.TRAIN) {
                ofSplit.forEach(file -> train.add(file.moments()));
            }
            long rows = ofSplit.stream().mapToLong(file -> file.file().rows()).sum();
            written += rows;
            splits.put(
                    split.label(),
                    new Manifest.SplitContent(
                            rows,
                            rowsPerClass(ofSplit, split, source.classes().size()),
                            ofSplit.stream().map(DescribedFile::file).toList()));
        }
        return new Manifest(
                Manifest.FORMAT_VERSION,
                source.shape(),
                source.colour(),
                source.classes(),
                splits,
                // Checks that read = written + rejected + duplicates.
                new Manifest.Counts(total.read(), written, total.rejectedByReason(), total.duplicates()),
                rejectedFiles,
                train.mean(),
                train.standardDeviation(),
                train.sums(),
                rule.inWords(),
                config.keyValues(),
                new Manifest.Versions(ConvoyVersion.current(), spark.version(), System.getProperty("java.version")));
    }

    private PrepareReport report(Staging staging, Manifest manifest, byte[] manifestJson) {
        long bytes = manifest.splits().values().stream()
                .flatMap(content -> content.files().stream())
                .mapToLong(Manifest.DataFile::bytes)
                .sum();
        return new PrepareReport(
                staging.output().toString(),
                Sha256.hex(Sha256.of(manifestJson)),
                manifest.shape(),
                manifest.colour(),
                manifest.classes(),
                manifest.rowsPerClass(),
                manifest.counts(),
                bytes,
                phases.seconds());
    }
}
