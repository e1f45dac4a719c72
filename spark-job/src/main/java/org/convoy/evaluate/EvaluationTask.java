package org.convoy.evaluate;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.api.java.function.Function;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.SerializableConfiguration;
import org.convoy.cli.TaskNatives;
import org.convoy.data.Example;
import org.convoy.data.ExampleReader;
import org.convoy.data.PreparedDataset;
import org.convoy.data.Split;
import org.convoy.model.Classifier;
import org.convoy.model.ModelArchive;

/**
 * Judges one range of a split's rows, on an executor.
 *
 * <p>On the wire: the archive, the dataset's description and the Hadoop configuration as broadcasts; a {@link Tally} comes
 * back.
 */
record EvaluationTask(
        Broadcast<SerializableConfiguration> hadoop,
        Broadcast<PreparedDataset> dataset,
        Broadcast<byte[]> archive,
        Split split)
        implements Function<EvaluationTask.Rows, Tally> {
    /** Enough to keep the network busy, few enough to stay small in memory. */
    private static final int BATCH_SIZE = 256;

    /** Rows {@code from} up to but without {@code to}. */
    record Rows(long from, long to) implements Serializable {}

    @Override
    public Tally call(Rows rows) {
        TaskNatives.apply();
        int classes = dataset.value().manifest().classes().size();
        Classifier classifier = ModelArchive.read(archive.value(), "broadcast").classifier();
        Tally tally = new Tally(classes);
        List<Example> batch = new ArrayList<>(BATCH_SIZE);
        ExampleReader.read(
                hadoop.value().value(),
                dataset.value().path(),
                dataset.value().manifest().split(split).files(),
                rows.from(),
                rows.to(),
                example -> {
                    batch.add(example);
                    if (batch.size() == BATCH_SIZE) {
                        judge(batch, classifier, tally);
                    }
                });
        if (!batch.isEmpty()) {
            judge(batch, classifier, tally);
        }
        return tally;
    }

    private static void judge(List<Example> batch, Classifier classifier, Tally tally) {
        int pictureSize = batch.get(0).pixels().length;
        byte[] pixels = new byte[batch.size() * pictureSize];
        for (int i = 0; i < batch.size(); i++) {
            System.arraycopy(batch.get(i).pixels(), 0, pixels, i * pictureSize, pictureSize);
        }
        float[] probabilities = classifier.probabilities(pixels, batch.size());
        for (int i = 0; i < batch.size(); i++) {
            tally.add(batch.get(i).label(), probabilities, i);
        }
        batch.clear();
    }
}
