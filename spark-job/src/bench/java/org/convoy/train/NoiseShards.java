package org.convoy.train;

import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.Function;
import org.apache.spark.storage.StorageLevel;

/** Shards of random pictures with random labels, made on the executors: where the time goes is no matter of the picture. */
record NoiseShards(EpochPlan plan, int pictureSize, int classes) implements Function<Integer, Shard> {

    static JavaRDD<Shard> shards(JavaSparkContext spark, NoiseShards noise) {
        int workers = noise.plan().workers();
        List<Integer> numbers = IntStream.range(0, workers).boxed().toList();
        return spark.parallelize(numbers, workers).map(noise).persist(StorageLevel.MEMORY_AND_DISK());
    }

    @Override
    public Shard call(Integer worker) {
        Shard shard = new Shard(worker, plan.rows(worker), pictureSize);
        Random random = new Random(worker);
        byte[] pixels = new byte[pictureSize];
        for (int row = 0; row < plan.rows(worker); row++) {
            random.nextBytes(pixels);
            shard.add(random.nextInt(classes), pixels);
        }
        return shard;
    }
}
