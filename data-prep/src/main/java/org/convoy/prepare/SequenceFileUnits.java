package org.convoy.prepare;

import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.TreeSet;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.SerializableConfiguration;
import org.convoy.data.Split;
import org.convoy.runtime.UserError;

/** Hadoop sequence files as {@link SequenceFiles} reads them. A unit is a range of a file's bytes, between two sync marks. */
final class SequenceFileUnits implements PictureUnits {
    private static final long LEAST_BYTES = 1L << 20;
    private static final long MOST_BYTES = 64L << 20;
    private static final long WANTED_UNITS = 64;

    private final InputFiles input;
    private final Broadcast<SerializableConfiguration> hadoop;
    private final List<Counted> parts;
    private final FolderLayout layout;
    private final KnownClasses classes;

    private SequenceFileUnits(
            InputFiles input,
            Broadcast<SerializableConfiguration> hadoop,
            List<Counted> parts,
            FolderLayout layout,
            KnownClasses classes) {
        this.input = input;
        this.hadoop = hadoop;
        this.parts = parts;
        this.layout = layout;
        this.classes = classes;
    }

    /** A part with what its keys say. */
    private record Counted(SequenceFiles.Part part, long keys, TreeSet<String> directories) implements Serializable {}

    static SequenceFileUnits open(
            JavaSparkContext spark, Broadcast<SerializableConfiguration> hadoop, UnitsConfig config) {
        InputFiles input = InputFiles.under(
                hadoop.value().value(), config.input(), name -> true, "a sequence file, or a directory of such");
        long each = Math.min(MOST_BYTES, Math.max(LEAST_BYTES, input.bytes() / WANTED_UNITS));
        List<SequenceFiles.Part> parts = SequenceFiles.parts(input, each);
        List<Counted> counted = new ArrayList<>(spark.parallelize(parts, parts.size())
                .map(part -> counted(part, hadoop.value().value()))
                .collect());
        counted.removeIf(part -> part.keys() == 0);
        if (counted.isEmpty()) {
            throw UserError.badInput("[" + config.input() + "] has no records to score");
        }
        TreeSet<String> directories = new TreeSet<>();
        counted.forEach(part -> directories.addAll(part.directories()));
        FolderLayout layout = FolderLayout.of(directories);
        TreeSet<String> names = new TreeSet<>();
        directories.forEach(directory -> layout.place(directory).ifPresent(place -> names.add(place.className())));
        return new SequenceFileUnits(input, hadoop, counted, layout, KnownClasses.among(config, names));
    }

    private static Counted counted(SequenceFiles.Part part, Configuration hadoop) throws IOException {
        TreeSet<String> directories = new TreeSet<>();
        long keys = 0;
        try (SequenceFiles.Records records = new SequenceFiles.Records(part, hadoop)) {
            for (String key = records.nextKey(); key != null; key = records.nextKey()) {
                directories.add(FolderLayout.directoryOf(key));
                keys++;
            }
        }
        return new Counted(part, keys, directories);
    }

    @Override
    public List<Unit> units() {
        return parts.stream()
                .map(counted -> new Unit(
                        "bytes " + counted.part().start() + " to "
                                + counted.part().end() + " of "
                                + input.below(counted.part().file()),
                        counted.keys()))
                .toList();
    }

    @Override
    public boolean labelled() {
        return classes.areRead();
    }

    @Override
    public JavaRDD<UnitPictures> read(JavaSparkContext spark, List<Integer> numbers, int tasks) {
        FolderLayout places = layout;
        KnownClasses known = classes;
        Broadcast<SerializableConfiguration> configuration = hadoop;
        List<SequenceFiles.Part> wanted =
                numbers.stream().map(number -> parts.get(number).part()).toList();
        return UnitPictures.inTasks(
                spark.parallelize(wanted, wanted.size()).flatMap(part -> pictures(part, places, known, configuration)),
                tasks);
    }

    private static Iterator<Encoded> pictures(
            SequenceFiles.Part part,
            FolderLayout layout,
            KnownClasses classes,
            Broadcast<SerializableConfiguration> hadoop) {
        return new SequenceFiles.PartPictures(part, hadoop.value().value(), (id, content) -> {
            int label = classes.of(layout.place(FolderLayout.directoryOf(id))
                    .map(FolderLayout.Place::className)
                    .orElse(null));
            return Encoded.of(id, label, Split.TRAIN, content);
        });
    }
}
