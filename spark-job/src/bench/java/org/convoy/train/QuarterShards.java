package org.convoy.train;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;

/**
 * The train split in quarters, so that every trainer, DL4J Spark's master as well, stops where it can be judged: its epoch
 * is a quarter, the next one each time. Only for tasks in this JVM, which find the quarter of the moment here.
 */
final class QuarterShards {
    static final int QUARTERS = 4;

    private static final List<List<Shard>> BY_QUARTER = new ArrayList<>();
    private static volatile int current;

    private QuarterShards() {}

    /**
     * Takes the pictures over.
     *
     * @param whole one shard per worker
     * @param pictureSize bytes of one picture: C·H·W
     * @param rows of one worker in a quarter; what is left over is not trained
     */
    static void load(List<Shard> whole, int pictureSize, int rows) {
        BY_QUARTER.clear();
        for (int quarter = 0; quarter < QUARTERS; quarter++) {
            int first = quarter * rows;
            BY_QUARTER.add(whole.stream()
                    .map(shard -> part(shard, first, rows, pictureSize))
                    .toList());
        }
    }

    private static Shard part(Shard whole, int first, int rows, int pictureSize) {
        Shard part = new Shard(whole.worker(), rows, pictureSize);
        for (int row = first; row < first + rows; row++) {
            int[] one = {row};
            part.add(whole.labels(one, 0, 1)[0], whole.pixels(one, 0, 1));
        }
        return part;
    }

    /** Says which quarter tasks find from now on. */
    static void select(int quarter) {
        current = quarter;
    }

    /** Shards that are whatever quarter is selected when a task reads them. */
    static JavaRDD<Shard> shards(JavaSparkContext spark, int workers) {
        List<Integer> numbers = IntStream.range(0, workers).boxed().toList();
        return spark.parallelize(numbers, workers)
                .map(worker -> BY_QUARTER.get(current).get(worker));
    }
}
