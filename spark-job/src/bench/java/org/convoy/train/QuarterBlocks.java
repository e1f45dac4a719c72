package org.convoy.train;

import java.nio.ByteBuffer;
import java.nio.IntBuffer;
import java.util.Arrays;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.storage.StorageLevel;
import org.convoy.data.ExampleReader;
import org.convoy.data.Manifest;
import org.convoy.data.PreparedDataset;
import org.convoy.data.Split;

/**
 * The train split in quarters, so that every trainer, DL4J Spark's master as well, stops where it can be judged: its epoch
 * is a quarter, the next one each time. Only for tasks in this JVM, which find the quarter of the moment here. Its blocks
 * are stored nowhere, and each quarter must be trained under an epoch's number of its own, because windows are kept by it.
 *
 * @param whole of the split: a worker's quarters together are its shard
 * @param order within a quarter
 */
record QuarterBlocks(EpochPlan whole, ExampleOrder order) implements Block.Source {
    static final int QUARTERS = 4;

    private static volatile Block split = new Block(new int[0], new byte[0]);
    private static volatile int current;

    /** Reads the split into this JVM, and gives shards that are whatever quarter is selected when a task reads them. */
    static ShardRdd shards(JavaSparkContext spark, PreparedDataset dataset, EpochPlan whole, EpochPlan quarter) {
        int pictureBytes = dataset.manifest().shape().pixels();
        split = read(spark, dataset, Math.toIntExact(whole.examples()), pictureBytes);
        ExampleOrder order = ExampleOrder.of(quarter, pictureBytes);
        return ShardRdd.of(spark.sc(), order, new QuarterBlocks(whole, order), StorageLevel.NONE());
    }

    private static Block read(JavaSparkContext spark, PreparedDataset dataset, int rows, int pictureBytes) {
        Manifest manifest = dataset.manifest();
        Block block = new Block(new int[rows], new byte[Math.multiplyExact(rows, pictureBytes)]);
        IntBuffer labels = IntBuffer.wrap(block.labels());
        ByteBuffer pixels = ByteBuffer.wrap(block.pixels());
        ExampleReader.read(
                spark.hadoopConfiguration(),
                dataset.path(),
                manifest.split(Split.TRAIN).files(),
                0,
                rows,
                example -> {
                    labels.put(example.label());
                    pixels.put(example.pixels());
                });
        return block;
    }

    /** Says which quarter tasks find from now on. */
    static void select(int quarter) {
        current = quarter;
    }

    @Override
    public Block read(int worker, int number) {
        int quarter = Math.toIntExact(whole.firstRow(worker)) + current * order.plan().rows(worker);
        int first = quarter + order.firstRow(worker, number);
        int end = quarter + order.firstRow(worker, number + 1);
        int pictureBytes = split.pixels().length / split.labels().length;
        return new Block(
                Arrays.copyOfRange(split.labels(), first, end),
                Arrays.copyOfRange(split.pixels(), first * pictureBytes, end * pictureBytes));
    }
}
