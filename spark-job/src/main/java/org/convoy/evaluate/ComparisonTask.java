package org.convoy.evaluate;

import java.util.List;
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
 * Lets two models judge the same range of a split's rows, on an executor.
 *
 * <p>On the wire: both archives, the dataset's description and the Hadoop configuration as broadcasts; a {@link PairedTally}
 * comes back.
 *
 * @param knownRows rows of the split that were there when the current model was trained, the first ones
 */
record ComparisonTask(
        Broadcast<SerializableConfiguration> hadoop,
        Broadcast<PreparedDataset> dataset,
        Broadcast<byte[]> current,
        Broadcast<byte[]> candidate,
        Split split,
        long knownRows,
        TestTimeAugmentation views)
        implements Function<EvaluationTask.Rows, PairedTally> {

    /**
     * One of the two, and how long it takes.
     *
     * @param labels the dataset's label of each of the model's classes; -1 for a class that the dataset lacks
     */
    @SuppressWarnings("ArrayRecordComponent") // carried, never compared
    private record Judge(Classifier classifier, InputShape shape, int[] labels) {
        static Judge of(byte[] archive, List<String> classes) {
            ModelArchive model = ModelArchive.read(archive, "broadcast");
            return new Judge(
                    model.classifier(),
                    model.card().input(),
                    model.card().classes().stream().mapToInt(classes::indexOf).toArray());
        }

        /** float32, N·classes of the dataset; what the model does not know has no probability. */
        float[] probabilities(TestTimeAugmentation views, byte[] pixels, int pictures, int classes) {
            float[] own = views.probabilities(classifier, pixels, pictures, shape);
            float[] all = new float[pictures * classes];
            for (int picture = 0; picture < pictures; picture++) {
                for (int c = 0; c < labels.length; c++) {
                    if (labels[c] >= 0) {
                        all[picture * classes + labels[c]] = own[picture * labels.length + c];
                    }
                }
            }
            return all;
        }
    }

    @Override
    public PairedTally call(EvaluationTask.Rows rows) {
        TaskNatives.apply();
        List<String> names = dataset.value().manifest().classes();
        int classes = names.size();
        Judge one = Judge.of(current.value(), names);
        Judge other = Judge.of(candidate.value(), names);
        PairedTally tally = new PairedTally(classes, one.labels(), other.labels());
        PictureBatches.read(hadoop.value().value(), dataset.value(), split, rows, (firstRow, examples, pixels) -> {
            int pictures = examples.size();
            long start = System.nanoTime();
            float[] ofCurrent = one.probabilities(views, pixels, pictures, classes);
            long between = System.nanoTime();
            float[] ofCandidate = other.probabilities(views, pixels, pictures, classes);
            long end = System.nanoTime();
            // The first batch of a task also builds what the later ones compute with.
            if (firstRow > rows.from()) {
                tally.addTime(pictures, between - start, end - between);
            }
            for (int i = 0; i < pictures; i++) {
                tally.add(examples.get(i).label(), firstRow + i < knownRows, ofCurrent, ofCandidate, i);
            }
        });
        return tally;
    }
}
