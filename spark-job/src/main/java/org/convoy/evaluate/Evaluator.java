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

    private static List<EvaluationTask.Rows> ranges(long rows, int most) {
        int count = (int) Math.min(rows, most);
        List<EvaluationTask.Rows> ranges = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            ranges.add(new EvaluationTask.Rows(rows * i / count, rows * (i + 1) / count));
        }
        return ranges;
    }
}
