package org.convoy.prepare;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.stream.IntStream;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.SerializableConfiguration;
import org.apache.spark.util.TaskCompletionListener;
import org.convoy.data.Example;
import org.convoy.data.ExampleReader;
import org.convoy.data.Manifest;
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

    /** A unit's rows, and its place among those that are read. */
    private record Wanted(int place, Rows rows) implements Serializable {}

    @Override
    public JavaRDD<UnitPictures> read(JavaSparkContext spark, List<Integer> numbers, int tasks) {
        Broadcast<SerializableConfiguration> configuration = hadoop;
        Broadcast<PreparedDataset> described = spark.broadcast(dataset);
        KnownClasses known = classes;
        List<Wanted> wanted = IntStream.range(0, numbers.size())
                .mapToObj(place -> new Wanted(place, ranges.get(numbers.get(place))))
                .toList();
        return spark.parallelize(wanted, tasks)
                .mapPartitions(units -> new InTurn(configuration.value(), described.value(), known, units));
    }

    /** Units of one task. Where one begins at the row at which the one before has ended, reading goes on. */
    private static final class InTurn implements Iterator<UnitPictures> {
        private final SerializableConfiguration hadoop;
        private final PreparedDataset dataset;
        private final KnownClasses classes;
        private final Iterator<Wanted> units;
        private Split split; // that is read
        private ExampleReader.Rows rows; // null before the first

        InTurn(
                SerializableConfiguration hadoop,
                PreparedDataset dataset,
                KnownClasses classes,
                Iterator<Wanted> units) {
            this.hadoop = hadoop;
            this.dataset = dataset;
            this.classes = classes;
            this.units = units;
            TaskContext.get().addTaskCompletionListener((TaskCompletionListener) ended -> close());
        }

        @Override
        public boolean hasNext() {
            return units.hasNext();
        }

        @Override
        public UnitPictures next() {
            Wanted unit = units.next();
            return new UnitPictures(unit.place(), new Pictures(unit.rows()));
        }

        /** Has the next row be the first of a unit. */
        private void goTo(Rows unit) {
            if (rows != null && split == unit.split() && rows.position() == unit.from()) {
                return;
            }
            close();
            Manifest.SplitContent files = dataset.manifest().split(unit.split());
            split = unit.split();
            rows = ExampleReader.rows(hadoop.value(), dataset.path(), files.files(), unit.from(), files.rows());
        }

        private void close() {
            if (rows != null) {
                rows.close();
            }
        }

        private final class Pictures implements Iterator<Encoded> {
            private final Rows unit;
            private long next;

            Pictures(Rows unit) {
                this.unit = unit;
                this.next = unit.from();
            }

            @Override
            public boolean hasNext() {
                return next < unit.to();
            }

            @Override
            public Encoded next() {
                if (!hasNext()) {
                    throw new NoSuchElementException();
                }
                if (next == unit.from()) {
                    goTo(unit);
                }
                next++;
                Example example = rows.next();
                String name = example.label() < 0
                        ? null
                        : dataset.manifest().classes().get(example.label());
                return Encoded.of(example.id(), classes.of(name), unit.split(), example.pixels());
            }
        }
    }
}
