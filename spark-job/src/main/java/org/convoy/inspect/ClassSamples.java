package org.convoy.inspect;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.SerializableConfiguration;
import org.convoy.data.ExampleReader;
import org.convoy.data.Manifest;
import org.convoy.data.PreparedDataset;
import org.convoy.data.Split;

/**
 * A few pictures of each class: the first ones of the train split, whose order is that of a hash, so they are a fair sample and the
 * same ones each time. Files are read a few at a time, a task each, until every class has its pictures; thumbnails alone come
 * to the driver.
 */
final class ClassSamples {
    private static final int FILES_AT_ONCE = 8;
    private static final int FIRST_ROWS = 1024;

    private final List<List<Sample>> byLabel = new ArrayList<>();
    private final int perClass;

    private ClassSamples(int classes, int perClass) {
        for (int label = 0; label < classes; label++) {
            byLabel.add(new ArrayList<>());
        }
        this.perClass = perClass;
    }

    /**
     * A picture on its way to the driver.
     *
     * @param example row of the train split
     * @param pixels of the thumbnail, unsigned bytes, C·H·W
     */
    @SuppressWarnings("ArrayRecordComponent") // carried, never compared
    record Sample(int label, long example, byte[] pixels) implements Serializable {}

    /**
     * Thumbnails of the first {@code classes} classes.
     *
     * @param perClass pictures of each class, fewer where there are fewer
     * @return by label
     */
    static List<List<Sample>> collect(
            JavaSparkContext spark, PreparedDataset dataset, Thumbnail thumbnail, int classes, int perClass) {
        Broadcast<SerializableConfiguration> hadoop =
                spark.broadcast(new SerializableConfiguration(spark.hadoopConfiguration()));
        FileSampler sampler = new FileSampler(hadoop, dataset.path(), thumbnail, classes, perClass);
        List<Manifest.DataFile> files = dataset.manifest().split(Split.TRAIN).files();
        ClassSamples samples = new ClassSamples(classes, perClass);
        try {
            long firstRow = 0;
            for (int first = 0; first < files.size() && !samples.full(); first += FILES_AT_ONCE) {
                List<NumberedFile> some = new ArrayList<>();
                for (Manifest.DataFile file : files.subList(first, Math.min(first + FILES_AT_ONCE, files.size()))) {
                    some.add(new NumberedFile(file, firstRow));
                    firstRow += file.rows();
                }
                spark.parallelize(some, some.size())
                        .map(sampler::sample)
                        .collect()
                        .forEach(ofFile -> ofFile.forEach(samples::add));
            }
        } finally {
            hadoop.destroy();
        }
        return samples.byLabel;
    }

    /**
     * A file of the train split.
     *
     * @param firstRow of the split
     */
    private record NumberedFile(Manifest.DataFile file, long firstRow) implements Serializable {}

    private record FileSampler(
            Broadcast<SerializableConfiguration> hadoop, String dataset, Thumbnail thumbnail, int classes, int perClass)
            implements Serializable {

        /** Reads pieces that double, so that a row group is opened a few times only though most files need no second piece. */
        List<Sample> sample(NumberedFile numbered) {
            Configuration configuration = hadoop.value().value();
            Manifest.DataFile file = numbered.file();
            ClassSamples samples = new ClassSamples(classes, perClass);
            long from = 0;
            long[] row = {numbered.firstRow()};
            for (long rows = FIRST_ROWS; from < file.rows() && !samples.full(); rows *= 2) {
                long to = Math.min(from + rows, file.rows());
                ExampleReader.read(configuration, dataset, List.of(file), from, to, example -> {
                    if (samples.wants(example.label())) {
                        samples.add(new Sample(example.label(), row[0], thumbnail.of(example.pixels())));
                    }
                    row[0]++;
                });
                from = to;
            }
            return samples.byLabel.stream().flatMap(List::stream).toList();
        }
    }

    private boolean wants(int label) {
        return label < byLabel.size() && byLabel.get(label).size() < perClass;
    }

    private void add(Sample sample) {
        if (wants(sample.label())) {
            byLabel.get(sample.label()).add(sample);
        }
    }

    private boolean full() {
        return byLabel.stream().allMatch(pictures -> pictures.size() == perClass);
    }
}
