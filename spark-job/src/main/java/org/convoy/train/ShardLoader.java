package org.convoy.train;

import java.util.List;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.Function;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.storage.StorageLevel;
import org.apache.spark.util.SerializableConfiguration;
import org.convoy.data.ExampleReader;
import org.convoy.data.Manifest;
import org.convoy.data.PreparedDataset;
import org.convoy.data.Split;

/**
 * Reads a worker's shard, on an executor.
 *
 * <p>On the wire: the Hadoop configuration and the dataset's description as broadcasts, the plan, and a worker's number.
 *
 * @param hadoop how to reach the file system
 * @param dataset what to read
 * @param plan which rows are whose
 */
record ShardLoader(Broadcast<SerializableConfiguration> hadoop, Broadcast<PreparedDataset> dataset, EpochPlan plan)
        implements Function<Integer, Shard> {

    /** K partitions of one shard each, in executor memory, or on its disk where memory is short; nothing is read yet. */
    static JavaRDD<Shard> shards(JavaSparkContext spark, PreparedDataset dataset, EpochPlan plan) {
        Configuration configuration = spark.hadoopConfiguration();
        ShardLoader loader = new ShardLoader(
                spark.broadcast(new SerializableConfiguration(configuration)), spark.broadcast(dataset), plan);
        List<Integer> workers = IntStream.range(0, plan.workers()).boxed().toList();
        return spark.parallelize(workers, plan.workers())
                .map(loader)
                .setName("shards")
                .persist(StorageLevel.MEMORY_AND_DISK());
    }

    @Override
    public Shard call(Integer worker) {
        Manifest manifest = dataset.value().manifest();
        Shard shard = new Shard(worker, plan.rows(worker), manifest.shape().pixels());
        ExampleReader.read(
                hadoop.value().value(),
                dataset.value().path(),
                manifest.split(Split.TRAIN).files(),
                plan.firstRow(worker),
                plan.firstRow(worker + 1),
                example -> shard.add(example.label(), example.pixels()));
        return shard;
    }
}
