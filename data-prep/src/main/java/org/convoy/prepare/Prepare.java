package org.convoy.prepare;

import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.util.LongAccumulator;
import org.apache.spark.util.SerializableConfiguration;
import org.convoy.data.ImageShape;
import org.convoy.data.Manifest;
import org.convoy.data.PictureSums;
import org.convoy.data.PreparedDataset;
import org.convoy.data.Sha256;
import org.convoy.data.Split;
import org.convoy.data.Statistics;
import org.convoy.runtime.ConvoyVersion;
import org.convoy.runtime.JobFigure;
import org.convoy.runtime.Phases;
import org.convoy.runtime.UserError;
import scala.Tuple2;

/**
 * Pictures to dataset. Every picture is decoded once, in executors, and goes through one shuffle by the hash of its bytes, from
 * whose files the counts and the rejected ones are read; the kept ones go through a second one into files of equal size. Only
 * counts and file lists come to the driver.
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
     * Prepares the dataset. It appears whole or not at all; what is appended likewise.
     *
     * @throws UserError (usage) if the output may not be written, or not appended to with this configuration; (bad input) if the
     *     pictures are not fit to train on
     */
    public static PrepareReport run(SparkSession spark, PrepareConfig config, Existing existing, Phases phases) {
        return new Prepare(spark, config, phases).run(existing);
    }

    private PrepareReport run(Existing existing) {
        Configuration hadoop = context.hadoopConfiguration();
        Staging staging = Staging.of(hadoop, config, existing);
        Optional<Base> base = existing == Existing.APPEND
                ? Optional.of(new Base(PreparedDataset.open(hadoop, config.output())))
                : Optional.empty();
        for (Path other : staging.leftByOthers()) {
            phases.note("[" + other + "] belongs to another run of prepare to this output; delete it if none runs");
        }
        Broadcast<SerializableConfiguration> hadoopOnExecutors =
                context.broadcast(new SerializableConfiguration(hadoop));
        context.setLocalProperty(
                DecodingMarks.DIRECTORY_PROPERTY, staging.marks().toString());
        try {
            Source source = phases.run("Counting pictures", progress -> Source.open(spark, hadoopOnExecutors, config));
            return write(source, base, staging, hadoopOnExecutors);
        } catch (Throwable e) { // Spark throws checked exceptions that it does not declare
            staging.deleteAfter(e);
            staging.throwIfFull(e);
            throw e;
        } finally {
            context.setLocalProperty(DecodingMarks.DIRECTORY_PROPERTY, null);
            staging.deleteMarks();
            hadoopOnExecutors.destroy();
        }
    }

    private PrepareReport write(
            Source source, Optional<Base> existing, Staging staging, Broadcast<SerializableConfiguration> hadoop) {
        SplitRule rule = splitRule(source.contents().givenSplits());
        checkStatistics(source.contents().shape());
        if (existing.isEmpty()) {
            checkTwoClasses(source);
        }
        Optional<Base> base = existing.map(dataset -> dataset.accepting(source, rule, config));
        List<String> classes = base.map(Base::classes).orElse(source.contents().classes());
        JavaRDD<Outcome> read = counted(source.read(context, hadoop, rule));
        JavaRDD<Outcome> outcomes = deduplicated(
                base.map(dataset -> dataset.beside(read, source.contents().classes(), context, hadoop))
                        .orElse(read),
                partitions(source, base));
        DatasetWriter writer = new DatasetWriter(spark, staging.fileSystem(), staging.directory());

        List<Tally> tallies = phases.run("Decoding pictures", progress -> tallies(outcomes, classes.size()));
        Tally total = total(tallies, classes.size());
        JobFigure.PICTURES_READ.set((double) total.read());
        JobFigure.PICTURES_REJECTED.set((double) total.rejected());
        checkClasses(total, classes, base);
        checkRead(total, source);
        FilePlan plan = FilePlan.of(
                tallies, source.contents().shape().pixels(), config.targetFileBytes(), config.filesMultipleOf());
        phases.run("Writing pictures", progress -> {
            writer.writePictures(byFile(outcomes, plan), plan, source.contents().weighted());
            return null;
        });
        List<Manifest.DataFile> rejectedFiles = total.rejected() == 0
                ? List.of()
                : phases.run("Writing the list of rejected pictures", progress -> {
                    writer.writeRejected(onlyRejecting(outcomes, tallies));
                    return describeRejected(writer.rejectedFiles(), staging, hadoop);
                });
        List<DescribedFile> files = phases.run(
                "Describing the dataset",
                progress -> describe(
                        writer.pictureFiles(), staging, source.contents().shape(), classes, hadoop));
        checkWritten(files, total, classes);
        List<Manifest.DataFile> statisticsFiles =
                statisticsFiles(files, source.contents().shape(), staging);

        Manifest made = manifest(source, classes, rule, total, files, rejectedFiles, statisticsFiles);
        Map<String, String> names = base.map(dataset -> dataset.names(made)).orElse(Map.of());
        Manifest manifest = base.map(dataset -> dataset.with(made, names)).orElse(made);
        byte[] json = manifest.toJson();
        PrepareReport report = report(staging, manifest, made.counts(), json);
        staging.write(PrepareReport.FILE_NAME, report.toJson());
        staging.write(Manifest.FILE_NAME, json);
        base.ifPresentOrElse(dataset -> staging.append(names, dataset.dataset().manifestDigest()), staging::publish);
        return report;
    }

    /** Counted for who watches the running job. Not exact, for a task may run twice: the tallies are. */
    private JavaRDD<Outcome> counted(JavaRDD<Outcome> outcomes) {
        LongAccumulator read = context.sc().longAccumulator("pictures read");
        LongAccumulator rejected = context.sc().longAccumulator("pictures rejected");
        JobFigure.PICTURES_READ.follow(read::sum);
        JobFigure.PICTURES_REJECTED.follow(rejected::sum);
        return outcomes.map(outcome -> {
            read.add(1);
            rejected.add(outcome instanceof Outcome.Rejected ? 1 : 0);
            return outcome;
        });
    }

    private void checkTwoClasses(Source source) {
        if (source.contents().classes().size() < 2) {
            throw UserError.badInput("[" + config.input() + "] has one class only to train on "
                    + source.contents().classes() + ": a classifier needs two or more");
        }
    }

    private void checkStatistics(ImageShape shape) {
        if (config.statistics() == Statistics.COVARIANCE && shape.pixels() > PicturePass.MOST_COVARIANCE_VALUES) {
            throw UserError.usage("prepare.statistics must be channels or mean-picture for pictures of " + shape
                    + ": their covariance would be of " + shape.pixels() + " values, more than "
                    + PicturePass.MOST_COVARIANCE_VALUES);
        }
    }

    private SplitRule splitRule(Set<Split> given) {
        return new SplitRule(
                given.contains(Split.VALIDATION) ? 0 : config.validationShare(),
                given.contains(Split.TEST) ? 0 : config.testShare());
    }

    /** A function of the input and the configuration alone, so that the files are, too. */
    private int partitions(Source source, Optional<Base> base) {
        long bytes = source.contents().pictures() * source.contents().shape().pixels();
        return Math.toIntExact(
                bytes / config.targetFileBytes() + base.map(Base::partitions).orElse(0L) + 1);
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

    /**
     * A partition per file. The second shuffle, because only now it is known how many pictures there are; decoding them again
     * would cost more.
     */
    private static JavaRDD<Outcome.Picture> byFile(JavaRDD<Outcome> outcomes, FilePlan plan) {
        JavaRDD<Tuple2<Long, Outcome.Picture>> numbered = outcomes.mapPartitionsWithIndex(plan::number, true);
        return JavaPairRDD.fromJavaRDD(numbered)
                .repartitionAndSortWithinPartitions(new FilePlan.Files(plan))
                .values();
    }

    private static Tally total(List<Tally> tallies, int classes) {
        Tally total = new Tally(classes);
        tallies.forEach(total::add);
        return total;
    }

    private void checkRead(Tally total, Source source) {
        if (total.read() != source.contents().pictures()) {
            throw UserError.badInput(
                    "[" + config.input() + "] held " + source.contents().pictures()
                            + " pictures when they were counted and " + total.read()
                            + " when they were read: it must not change while it is prepared");
        }
        if (total.rejected() > config.maxRejectedShare() * total.read()) {
            throw UserError.badInput("[" + config.input() + "] " + total.rejected() + " of " + total.read()
                    + " pictures were rejected, more than prepare.max-rejected-share = " + config.maxRejectedShare()
                    + " allows: " + total.rejectedInWords());
        }
    }

    /** Those that the dataset had before need no new pictures. */
    private void checkClasses(Tally total, List<String> classes, Optional<Base> base) {
        for (int label = 0; label < classes.size(); label++) {
            if (base.isEmpty() || base.get().isNew(label)) {
                checkClass(classes.get(label), label, total);
            }
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
        return DatasetWriter.only(outcomes, rejecting);
    }

    private List<DescribedFile> describe(
            List<DescribedFile.Location> files,
            Staging staging,
            ImageShape shape,
            List<String> classes,
            Broadcast<SerializableConfiguration> hadoop) {
        String dataset = staging.directory().toString();
        int labels = classes.size();
        return context.parallelize(files, Math.max(1, files.size()))
                .map(file -> DescribedFile.read(hadoop.value().value(), dataset, file, labels, shape))
                .collect();
    }

    private List<Manifest.DataFile> describeRejected(
            List<String> files, Staging staging, Broadcast<SerializableConfiguration> hadoop) {
        String dataset = staging.directory().toString();
        return context.parallelize(files, Math.max(1, files.size()))
                .map(file -> DescribedFile.rejected(hadoop.value().value(), dataset, file))
                .collect();
    }

    /** Of the new train pictures alone: what is appended adds a file. */
    private List<Manifest.DataFile> statisticsFiles(List<DescribedFile> files, ImageShape shape, Staging staging) {
        List<Path> train = files.stream()
                .filter(file -> file.split() == Split.TRAIN)
                .map(file -> new Path(staging.directory(), file.file().path()))
                .toList();
        if (config.statistics() == Statistics.CHANNELS || train.isEmpty()) {
            return List.of();
        }
        return phases.run("Summing pictures for the " + config.statistics().label(), progress -> {
            String file = PictureSums.DIRECTORY + "/part-00000.parquet";
            PicturePass.over(spark, train, shape.pixels(), config.statistics())
                    .write(context.hadoopConfiguration(), new Path(staging.directory(), file));
            return List.of(DescribedFile.statistics(
                    context.hadoopConfiguration(), staging.directory().toString(), file));
        });
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
            List<String> classes,
            SplitRule rule,
            Tally total,
            List<DescribedFile> files,
            List<Manifest.DataFile> rejectedFiles,
            List<Manifest.DataFile> statisticsFiles) {
        PixelMoments train = new PixelMoments(source.contents().shape().channels());
        Map<String, Manifest.SplitContent> splits = new LinkedHashMap<>();
        for (Split split : Split.values()) {
            List<DescribedFile> ofSplit =
                    files.stream().filter(file -> file.split() == split).toList();
            if (split == Split.TRAIN) {
                ofSplit.forEach(file -> train.add(file.moments()));
            }
            long rows = ofSplit.stream().mapToLong(file -> file.file().rows()).sum();
            splits.put(
                    split.label(),
                    new Manifest.SplitContent(
                            rows,
                            rowsPerClass(ofSplit, split, classes.size()),
                            ofSplit.stream().map(DescribedFile::file).toList()));
        }
        return new Manifest(
                Manifest.FORMAT_VERSION,
                source.contents().shape(),
                source.contents().colour(),
                classes,
                source.contents().weighted(),
                splits,
                total.counts(),
                rejectedFiles,
                train.sums().mean(),
                train.sums().standardDeviation(),
                train.sums(),
                config.statistics(),
                statisticsFiles,
                rule.inWords(),
                config.keyValues(),
                new Manifest.Versions(ConvoyVersion.current(), spark.version(), System.getProperty("java.version")),
                List.of());
    }

    private PrepareReport report(Staging staging, Manifest manifest, Manifest.Counts added, byte[] manifestJson) {
        long bytes = manifest.splits().values().stream()
                .flatMap(content -> content.files().stream())
                .mapToLong(Manifest.DataFile::bytes)
                .sum();
        return new PrepareReport(
                context.sc().applicationId(),
                staging.output().toString(),
                Sha256.hex(Sha256.of(manifestJson)),
                manifest.shape(),
                manifest.colour(),
                manifest.classes(),
                manifest.rowsPerClass(),
                manifest.counts(),
                added,
                bytes,
                phases.seconds());
    }
}
