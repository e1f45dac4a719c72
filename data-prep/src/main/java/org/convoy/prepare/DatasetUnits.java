package org.convoy.prepare;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.SerializableConfiguration;
import org.apache.spark.util.TaskCompletionListener;
import org.convoy.data.Example;
import org.convoy.data.ExampleReader;
import org.convoy.data.PreparedDataset;
import org.convoy.data.Split;
import org.convoy.runtime.UserError;

/** Rows of a dataset; what they hold are pixels. A unit is a range of a split's rows, in the manifest's order. */
final class DatasetUnits implements PictureUnits {
    private static final String EVERY_SPLIT = "all";

    private final Broadcast<SerializableConfiguration> hadoop;
    private final PreparedDataset dataset;
    private final List<Rows> ranges;
    private final KnownClasses classes;

    private DatasetUnits(
            Broadcast<SerializableConfiguration> hadoop,
            PreparedDataset dataset,
            List<Rows> ranges,
            KnownClasses classes) {
        this.hadoop = hadoop;
        this.dataset = dataset;
        this.ranges = ranges;
        this.classes = classes;
    }

    /** Rows {@code from} up to but without {@code to}. */
    private record Rows(Split split, long from, long to) implements Serializable {}

    static DatasetUnits open(Broadcast<SerializableConfiguration> hadoop, UnitsConfig config) {
        PreparedDataset dataset = PreparedDataset.open(hadoop.value().value(), config.input());
        List<Split> splits = Arrays.stream(Split.values())
                .filter(split ->
                        config.split().equals(EVERY_SPLIT) || config.split().equals(split.label()))
                .toList();
        long rows = splits.stream()
                .mapToLong(split -> dataset.manifest().split(split).rows())
                .sum();
        if (rows == 0) {
            throw UserError.badInput("[" + config.input() + "] has no pictures in split " + config.split()
                    + "; choose another with score.split");
        }
        long each = config.picturesPerUnit(rows);
        List<Rows> ranges = new ArrayList<>();
        for (Split split : splits) {
            long ofSplit = dataset.manifest().split(split).rows();
            for (long from = 0; from < ofSplit; from += each) {
                ranges.add(new Rows(split, from, Math.min(from + each, ofSplit)));
            }
        }
        return new DatasetUnits(
                hadoop,
                dataset,
                ranges,
                KnownClasses.among(config, dataset.manifest().classes()));
    }

    @Override
    public List<Unit> units() {
        return ranges.stream()
                .map(rows -> new Unit(
                        "rows " + rows.from() + " to " + (rows.to() - 1) + " of split "
                                + rows.split().label() + " of the dataset with manifest " + dataset.manifestDigest(),
                        rows.to() - rows.from()))
                .toList();
    }

    @Override
    public boolean labelled() {
        return classes.areRead();
    }

    @Override
    public JavaRDD<Encoded> read(JavaSparkContext spark, List<Integer> numbers) {
        Broadcast<SerializableConfiguration> configuration = hadoop;
        Broadcast<PreparedDataset> described = spark.broadcast(dataset);
        KnownClasses known = classes;
        List<Rows> wanted = numbers.stream().map(ranges::get).toList();
        return spark.parallelize(wanted, wanted.size())
                .flatMap(rows -> pictures(configuration.value(), described.value(), rows, known));
    }

    private static Iterator<Encoded> pictures(
            SerializableConfiguration hadoop, PreparedDataset dataset, Rows range, KnownClasses known) {
        ExampleReader.Rows rows = ExampleReader.rows(
                hadoop.value(),
                dataset.path(),
                dataset.manifest().split(range.split()).files(),
                range.from(),
                range.to());
        TaskContext.get().addTaskCompletionListener((TaskCompletionListener) ended -> rows.close());
        List<String> names = dataset.manifest().classes();
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                return rows.hasNext();
            }

            @Override
            public Encoded next() {
                Example example = rows.next();
                String name = example.label() < 0 ? null : names.get(example.label());
                return Encoded.of(example.id(), known.of(name), range.split(), example.pixels());
            }
        };
    }
}
