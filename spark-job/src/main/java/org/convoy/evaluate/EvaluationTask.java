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
import org.convoy.model.InputShape;
import org.convoy.model.ModelArchive;
import org.convoy.model.augment.TestTimeAugmentation;

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
        Split split,
        TestTimeAugmentation views)
        implements Function<EvaluationTask.Rows, Tally> {
    /** Enough to keep the network busy, few enough to stay small in memory. */
    private static final int BATCH_SIZE = 256;

    /** Rows {@code from} up to but without {@code to}. */
    record Rows(long from, long to) implements Serializable {}

    @Override
    public Tally call(Rows rows) {
        TaskNatives.apply();
        int classes = dataset.value().manifest().classes().size();
        ModelArchive model = ModelArchive.read(archive.value(), "broadcast");
        Classifier classifier = model.classifier();
        InputShape shape = model.card().input();
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
                        judge(batch, shape, classifier, tally);
                    }
                });
        if (!batch.isEmpty()) {
            judge(batch, shape, classifier, tally);
        }
        return tally;
    }

    private void judge(List<Example> batch, InputShape shape, Classifier classifier, Tally tally) {
        byte[] pixels = new byte[batch.size() * shape.size()];
        for (int i = 0; i < batch.size(); i++) {
            System.arraycopy(batch.get(i).pixels(), 0, pixels, i * shape.size(), shape.size());
        }
        float[] probabilities = views.probabilities(classifier, pixels, batch.size(), shape);
        for (int i = 0; i < batch.size(); i++) {
            tally.add(batch.get(i).label(), probabilities, i);
        }
        batch.clear();
    }
}
