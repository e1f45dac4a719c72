package org.convoy.train;

import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileContext;
import org.apache.hadoop.fs.Options;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.function.Function;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.SerializableConfiguration;
import org.convoy.cli.TaskNatives;
import org.convoy.data.Example;
import org.convoy.data.ExampleReader;
import org.convoy.data.ExampleWriter;
import org.convoy.data.Manifest;
import org.convoy.data.PreparedDataset;
import org.convoy.data.Split;
import org.convoy.model.FeatureExtractor;
import org.convoy.model.NetworkSpec;

/**
 * Computes the features of a range of a split's rows and writes them as one file, on an executor.
 *
 * <p>On the wire: the Hadoop configuration, the dataset's description and the specification with its frozen parameters as
 * broadcasts; a file's description comes back.
 *
 * @param directory where the files are staged
 */
record FeatureTask(
        Broadcast<SerializableConfiguration> hadoop,
        Broadcast<PreparedDataset> dataset,
        Broadcast<NetworkSpec> spec,
        String directory)
        implements Function<FeatureTask.Part, FeatureTask.Written> {
    private static final int BATCH_SIZE = 256;

    /**
     * What one task does.
     *
     * @param number of the file in its split
     * @param from first row
     * @param to row before which it ends
     */
    record Part(Split split, int number, long from, long to) implements Serializable {}

    /**
     * What it has done.
     *
     * @param rowsPerClass in label order
     */
    record Written(Split split, Manifest.DataFile file, List<Long> rowsPerClass) implements Serializable {}

    @Override
    public Written call(Part part) throws IOException {
        TaskNatives.apply();
        Configuration configuration = hadoop.value().value();
        long[] rowsPerClass = new long[dataset.value().manifest().classes().size()];
        // Two attempts of a task may run at once.
        Path aside = new Path(directory, ".attempts/" + UUID.randomUUID());
        String digest = write(part, aside, rowsPerClass);
        String name =
                String.format(Locale.ROOT, "%s/part-%05d.parquet", part.split().directory(), part.number());
        Path file = new Path(directory, name);
        FileContext files = FileContext.getFileContext(file.toUri(), configuration);
        files.mkdir(file.getParent(), null, true);
        files.rename(aside, file, Options.Rename.OVERWRITE);
        long bytes = files.getFileStatus(file).getLen();
        return new Written(
                part.split(),
                new Manifest.DataFile(name, part.to() - part.from(), bytes, digest),
                Arrays.stream(rowsPerClass).boxed().toList());
    }

    /** Writes the rows into {@code file}, counts them and returns their digest. */
    private String write(Part part, Path file, long[] rowsPerClass) throws IOException {
        Configuration configuration = hadoop.value().value();
        FeatureExtractor extractor = new FeatureExtractor(spec.value());
        try (ExampleWriter writer = new ExampleWriter(configuration, file)) {
            List<Example> batch = new ArrayList<>(BATCH_SIZE);
            ExampleReader.read(
                    configuration,
                    dataset.value().path(),
                    dataset.value().manifest().split(part.split()).files(),
                    part.from(),
                    part.to(),
                    example -> {
                        rowsPerClass[example.label()]++;
                        batch.add(example);
                        if (batch.size() == BATCH_SIZE) {
                            write(batch, extractor, writer);
                        }
                    });
            if (!batch.isEmpty()) {
                write(batch, extractor, writer);
            }
            return writer.digest();
        }
    }

    private static void write(List<Example> batch, FeatureExtractor extractor, ExampleWriter writer) {
        int pictureBytes = batch.get(0).pixels().length;
        byte[] pixels = new byte[Math.multiplyExact(batch.size(), pictureBytes)];
        for (int i = 0; i < batch.size(); i++) {
            System.arraycopy(batch.get(i).pixels(), 0, pixels, i * pictureBytes, pictureBytes);
        }
        byte[] features = extractor.features(pixels, batch.size());
        int featureBytes = features.length / batch.size();
        for (int i = 0; i < batch.size(); i++) {
            Example picture = batch.get(i);
            byte[] row = Arrays.copyOfRange(features, i * featureBytes, (i + 1) * featureBytes);
            writer.write(new Example(picture.id(), picture.label(), picture.weight(), row));
        }
        batch.clear();
    }
}
