package org.convoy.inspect;

import com.typesafe.config.Config;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.deploy.SparkHadoopUtil;
import org.apache.spark.sql.SparkSession;
import org.convoy.cli.JobCommand;
import org.convoy.data.ImageShape;
import org.convoy.data.Manifest;
import org.convoy.data.ParquetColumns;
import org.convoy.data.PreparedDataset;
import org.convoy.data.Split;
import org.convoy.model.InputShape;
import org.convoy.model.augment.Augmentation;
import org.convoy.prepare.Verification;
import org.convoy.runtime.ExitCode;
import org.convoy.runtime.Phases;
import org.convoy.runtime.UserError;
import org.convoy.train.TrainConfig;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * Shows what a dataset holds; draws it and verifies it if asked to, which is what needs Spark.
 *
 * <pre>
 * spark-submit --class org.convoy.job.Convoy convoy.jar inspect dataset hdfs:///data/pets --verify --sheet pets.png
 * </pre>
 */
@Command(
        name = "dataset",
        description = "A dataset's schema, counts per split and class, statistics, and what was rejected and why.")
public final class InspectDataset extends JobCommand {
    private static final int PICTURES_PER_CLASS = 12;
    private static final int CLASSES_SHOWN = 100;

    /** Of a picture on the sheet of augmented ones: itself, and as this many epochs less one would see it. */
    private static final int VIEWS = 6;

    @Parameters(paramLabel = "DIR", description = "the dataset's directory, on any Hadoop file system")
    private String directory;

    @Option(
            names = "--sheet",
            paramLabel = "FILE",
            description =
                    "draw a contact sheet (PNG): a row of train pictures per class; local unless FILE has a scheme")
    private String sheet;

    @Option(
            names = "--augmented",
            paramLabel = "FILE",
            description =
                    "draw a contact sheet (PNG) of two train pictures per class, each as it is and as the first epochs of a"
                            + " training with this configuration would see it: --conf and --set with train.augmentation and"
                            + " train.transforms")
    private String augmented;

    @Option(
            names = "--verify",
            description =
                    "read every file again and compare it with the manifest; exit code 3 if one is damaged, missing or"
                            + " additional")
    private boolean verify;

    @Option(
            names = "--near-duplicates",
            description =
                    "count pairs of pictures that look the same though their bytes differ, and show a few, those across"
                            + " splits first")
    private boolean nearDuplicates;

    @Override
    public List<String> sections() {
        return List.of("cluster");
    }

    @Override
    protected boolean usesNetwork() {
        return false;
    }

    @Override
    protected ExitCode run(Config settings, PrintStream out) {
        if (sheet == null && augmented == null && !verify && !nearDuplicates) {
            show(SparkHadoopUtil.get().conf(), out);
            return ExitCode.DONE;
        }
        Augmentation augmentation = read(settings.getConfig("train"), TrainConfig::augmentation);
        if (augmented != null && augmentation.isEmpty()) {
            throw UserError.usage("--augmented needs transforms: name them in train.augmentation, by --conf or --set");
        }
        long seed = settings.getLong("train.seed");
        return onSpark(
                "inspect dataset", settings, out, (spark, phases) -> run(spark, augmentation, seed, phases, out));
    }

    private ExitCode run(SparkSession spark, Augmentation augmentation, long seed, Phases phases, PrintStream out) {
        JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
        PreparedDataset dataset = show(context.hadoopConfiguration(), out);
        out.println();
        if (sheet != null) {
            String written = draw(context, dataset, phases);
            out.println("contact sheet " + written);
        }
        if (augmented != null) {
            String written = drawAugmented(context, dataset, augmentation, seed, phases);
            out.println("augmented     " + written);
        }
        if (nearDuplicates) {
            findNearDuplicates(context, dataset, phases, out);
        }
        if (verify) {
            verify(context, dataset, phases, out);
        }
        return ExitCode.DONE;
    }

    private PreparedDataset show(Configuration hadoop, PrintStream out) {
        PreparedDataset dataset = PreparedDataset.open(hadoop, directory);
        Manifest.DataFile first = dataset.manifest().split(Split.TRAIN).files().get(0);
        DatasetSummary summary = new DatasetSummary(
                dataset,
                ParquetColumns.schema(hadoop, new Path(dataset.path(), first.path())),
                RejectedExamples.of(hadoop, dataset));
        out.print(summary.table());
        return dataset;
    }

    private String draw(JavaSparkContext context, PreparedDataset dataset, Phases phases) {
        Manifest manifest = dataset.manifest();
        Thumbnail thumbnail = Thumbnail.of(manifest.shape());
        int classes = Math.min(manifest.classes().size(), CLASSES_SHOWN);
        List<List<ClassSamples.Sample>> pictures = phases.run(
                "Picking pictures of each class",
                progress -> ClassSamples.collect(context, dataset, thumbnail, classes, PICTURES_PER_CLASS));
        List<ContactSheet.Row> rows = new ArrayList<>();
        for (int label = 0; label < classes; label++) {
            long inTrain = manifest.split(Split.TRAIN).rowsPerClass().get(label);
            rows.add(new ContactSheet.Row(
                    manifest.classes().get(label),
                    String.format(Locale.ROOT, "%,d in train", inTrain),
                    pictures.get(label).stream()
                            .map(ClassSamples.Sample::pixels)
                            .toList()));
        }
        int more = manifest.classes().size() - classes;
        byte[] png = new ContactSheet(thumbnail.shape(), PICTURES_PER_CLASS)
                .png(
                        new Path(dataset.path()).getName(),
                        manifest.shape() + " " + manifest.colour().label() + ", the first train pictures of each class",
                        rows,
                        more == 0 ? "" : more + " more classes are not shown");
        return write(context.hadoopConfiguration(), sheet, png);
    }

    private String drawAugmented(
            JavaSparkContext context, PreparedDataset dataset, Augmentation augmentation, long seed, Phases phases) {
        Manifest manifest = dataset.manifest();
        ImageShape shape = manifest.shape();
        InputShape input = new InputShape(shape.channels(), shape.height(), shape.width());
        try {
            augmentation.requireFits(input);
        } catch (IllegalArgumentException e) {
            throw UserError.usage(e.getMessage());
        }
        Augmentation fitted = augmentation.knowing(manifest.trainPixels().covariance());
        Thumbnail thumbnail = Thumbnail.of(shape);
        int classes = Math.min(manifest.classes().size(), CLASSES_SHOWN);
        List<List<ClassSamples.Sample>> pictures = phases.run(
                "Picking pictures of each class",
                progress -> ClassSamples.collect(
                        context, dataset, Thumbnail.none(shape), classes, PICTURES_PER_CLASS / VIEWS));
        List<ContactSheet.Row> rows = new ArrayList<>();
        for (int label = 0; label < classes; label++) {
            List<byte[]> views = new ArrayList<>();
            for (ClassSamples.Sample sample : pictures.get(label)) {
                views.add(thumbnail.of(sample.pixels()));
                for (int epoch = 0; epoch < VIEWS - 1; epoch++) {
                    views.add(thumbnail.of(fitted.picture(sample.pixels(), input, seed, epoch, sample.example())));
                }
            }
            rows.add(
                    new ContactSheet.Row(manifest.classes().get(label), "as it is, epochs 1 to " + (VIEWS - 1), views));
        }
        byte[] png = new ContactSheet(thumbnail.shape(), PICTURES_PER_CLASS)
                .png(
                        new Path(dataset.path()).getName(),
                        "two train pictures of each class as training would see them, with train.seed = " + seed,
                        rows,
                        fitted.mixes() ? "Training mixes pictures after that, which is not shown." : "");
        return write(context.hadoopConfiguration(), augmented, png);
    }

    /** A path without a scheme is a local file, whatever the cluster's own file system is. */
    private static String write(Configuration hadoop, String file, byte[] png) {
        Path path = new Path(file);
        try {
            FileSystem files = path.toUri().getScheme() == null
                    ? FileSystem.getLocal(hadoop).getRawFileSystem()
                    : path.getFileSystem(hadoop);
            try (FSDataOutputStream out = files.create(path, true)) {
                out.write(png);
            }
            return files.makeQualified(path).toString();
        } catch (IOException e) {
            throw new UncheckedIOException("[" + file + "] Cannot write the contact sheet: " + e.getMessage(), e);
        }
    }

    private static void findNearDuplicates(
            JavaSparkContext context, PreparedDataset dataset, Phases phases, PrintStream out) {
        NearDuplicates.Found found =
                phases.run("Looking for near-duplicates", progress -> NearDuplicates.find(context, dataset));
        out.printf(
                Locale.ROOT,
                "near-duplicates %,d pairs, %,d of them across splits, %,d under different labels%n",
                found.pairs(),
                found.acrossSplits(),
                found.acrossLabels());
        for (NearDuplicates.Pair pair : found.examples()) {
            out.printf(
                    Locale.ROOT,
                    "  %s and %s: %d of 64 bits, %.1f grey levels%n",
                    pair.a(),
                    pair.b(),
                    pair.bits(),
                    pair.grey());
        }
        if (found.cutShort() > 0) {
            out.printf(
                    Locale.ROOT,
                    "  searched in part: %,d comparisons left out, because too many pictures are alike%n",
                    found.cutShort());
        }
    }

    private void verify(JavaSparkContext context, PreparedDataset dataset, Phases phases, PrintStream out) {
        int files = Verification.files(dataset.manifest());
        List<String> findings =
                phases.run("Verifying " + files + " files", progress -> Verification.run(context, dataset));
        findings.forEach(out::println);
        if (!findings.isEmpty()) {
            throw UserError.badInput("[" + directory + "] is not what its manifest says: " + findings.size()
                    + (findings.size() == 1 ? " file is" : " files are")
                    + " damaged, missing or additional, as listed above");
        }
        out.println("verified      every file holds what the manifest says, and there is no other");
    }
}
