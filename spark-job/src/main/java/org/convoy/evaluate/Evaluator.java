package org.convoy.evaluate;

import java.util.ArrayList;
import java.util.List;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.SerializableConfiguration;
import org.convoy.data.PreparedDataset;
import org.convoy.data.Split;
import org.convoy.model.ModelArchive;
import org.convoy.model.augment.TestTimeAugmentation;

/** Judges a model on a split, in as many tasks as the cluster has cores. */
public final class Evaluator {
    private Evaluator() {}

    /**
     * Judges every row of the split once.
     *
     * @param split has at least one row
     * @param views by which each picture is judged
     */
    public static Metrics evaluate(
            JavaSparkContext spark,
            PreparedDataset dataset,
            Split split,
            ModelArchive model,
            TestTimeAugmentation views) {
        Broadcast<SerializableConfiguration> hadoop =
                spark.broadcast(new SerializableConfiguration(spark.hadoopConfiguration()));
        Broadcast<PreparedDataset> described = spark.broadcast(dataset);
        Broadcast<byte[]> archive = spark.broadcast(model.zip());
        try {
            List<EvaluationTask.Rows> ranges =
                    ranges(dataset.manifest().split(split).rows(), spark.defaultParallelism());
            List<Tally> parts = spark.parallelize(ranges, ranges.size())
                    .map(new EvaluationTask(hadoop, described, archive, split, views))
                    .collect();
            Tally whole = new Tally(dataset.manifest().classes().size());
            // In task order, so that the sums are the same bit for bit each time.
            parts.forEach(whole::add);
            return whole.metrics(dataset.manifest().classes());
        } finally {
            hadoop.destroy();
            described.destroy();
            archive.destroy();
        }
    }

    /**
     * Lets two models judge every row of the split, each row both of them, so that their answers can be compared picture by
     * picture. A class that the dataset lacks is never an answer.
     *
     * @param split has at least one row of a class that both models know
     * @param knownRows rows of the split that were there when the current model was trained: the first ones, since what is appended
     *     comes behind
     */
    public static Comparison compare(
            JavaSparkContext spark,
            PreparedDataset dataset,
            Split split,
            long knownRows,
            ModelArchive current,
            ModelArchive candidate,
            TestTimeAugmentation views) {
        Broadcast<SerializableConfiguration> hadoop =
                spark.broadcast(new SerializableConfiguration(spark.hadoopConfiguration()));
        Broadcast<PreparedDataset> described = spark.broadcast(dataset);
        Broadcast<byte[]> one = spark.broadcast(current.zip());
        Broadcast<byte[]> other = spark.broadcast(candidate.zip());
        try {
            List<EvaluationTask.Rows> ranges =
                    ranges(dataset.manifest().split(split).rows(), spark.defaultParallelism());
            return spark
                    .parallelize(ranges, ranges.size())
                    .map(new ComparisonTask(hadoop, described, one, other, split, knownRows, views))
                    .collect()
                    .stream()
                    .reduce((whole, part) -> {
                        whole.add(part);
                        return whole;
                    })
                    .orElseThrow()
                    .comparison(dataset.manifest().classes());
        } finally {
            hadoop.destroy();
            described.destroy();
            one.destroy();
            other.destroy();
        }
    }

    private static List<EvaluationTask.Rows> ranges(long rows, int most) {
        int count = (int) Math.min(rows, most);
        List<EvaluationTask.Rows> ranges = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            ranges.add(new EvaluationTask.Rows(rows * i / count, rows * (i + 1) / count));
        }
        return ranges;
    }
}
