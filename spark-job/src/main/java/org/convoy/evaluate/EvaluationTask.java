package org.convoy.evaluate;

import java.io.Serializable;
import org.apache.spark.api.java.function.Function;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.SerializableConfiguration;
import org.convoy.cli.TaskNatives;
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

    /** Rows {@code from} up to but without {@code to}. */
    record Rows(long from, long to) implements Serializable {}

    @Override
    public Tally call(Rows rows) {
        TaskNatives.apply();
        ModelArchive model = ModelArchive.read(archive.value(), "broadcast");
        Classifier classifier = model.classifier();
        InputShape shape = model.card().input();
        Tally tally = new Tally(dataset.value().manifest().classes().size());
        PictureBatches.read(hadoop.value().value(), dataset.value(), split, rows, (firstRow, examples, pixels) -> {
            float[] probabilities = views.probabilities(classifier, pixels, examples.size(), shape);
            for (int i = 0; i < examples.size(); i++) {
                tally.add(examples.get(i).label(), probabilities, i);
            }
        });
        return tally;
    }
}
