package org.convoy.train;

import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.storage.StorageLevel;
import org.apache.spark.util.SerializableConfiguration;
import org.convoy.data.ExampleReader;
import org.convoy.data.Manifest;
import org.convoy.data.PreparedDataset;
import org.convoy.data.Split;

/**
 * Reads a shard's blocks from the dataset, on an executor.
 *
 * <p>On the wire: the Hadoop configuration and the dataset's description as broadcasts, and the order, which says which rows
 * are whose.
 *
 * @param hadoop how to reach the file system
 * @param dataset what to read
 * @param order how it is cut
 */
record ShardLoader(Broadcast<SerializableConfiguration> hadoop, Broadcast<PreparedDataset> dataset, ExampleOrder order)
        implements Block.Source {

    /** The shards of a dataset; their blocks lie in executor memory, or on its disk where memory is short. */
    static ShardRdd shards(JavaSparkContext spark, PreparedDataset dataset, EpochPlan plan) {
        return shards(spark, dataset, plan, dataset.manifest().shape().pixels());
    }

    /**
     * Likewise, in the order of rows of this size, where the dataset's own are not larger.
     *
     * @param rowBytes decides how many rows a block has, and with it the order
     */
    static ShardRdd shards(JavaSparkContext spark, PreparedDataset dataset, EpochPlan plan, int rowBytes) {
        Configuration configuration = spark.hadoopConfiguration();
        ExampleOrder order = ExampleOrder.of(
                plan, Math.max(rowBytes, dataset.manifest().shape().pixels()));
        ShardLoader loader = new ShardLoader(
                spark.broadcast(new SerializableConfiguration(configuration)), spark.broadcast(dataset), order);
        return ShardRdd.of(spark.sc(), order, loader, StorageLevel.MEMORY_AND_DISK());
    }

    @Override
    public Block read(int worker, int number) {
        Manifest manifest = dataset.value().manifest();
        int first = order.firstRow(worker, number);
        int rows = order.firstRow(worker, number + 1) - first;
        long firstOfAll = order.plan().firstRow(worker) + first;
        Block block = new Block(
                new int[rows],
                new float[manifest.weighted() ? rows : 0],
                new byte[Math.multiplyExact(rows, manifest.shape().pixels())]);
        IntBuffer labels = IntBuffer.wrap(block.labels());
        FloatBuffer weights = FloatBuffer.wrap(block.weights());
        ByteBuffer pixels = ByteBuffer.wrap(block.pixels());
        ExampleReader.read(
                hadoop.value().value(),
                dataset.value().path(),
                manifest.split(Split.TRAIN).files(),
                firstOfAll,
                firstOfAll + rows,
                example -> {
                    labels.put(example.label());
                    if (weights.hasRemaining()) {
                        weights.put(example.weight());
                    }
                    pixels.put(example.pixels());
                });
        return block;
    }
}
