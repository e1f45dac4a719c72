package org.convoy.train;

import java.io.IOException;
import java.io.Serializable;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import org.apache.spark.SparkEnv;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.storage.BlockId;
import org.apache.spark.storage.BlockManager;
import org.apache.spark.storage.BlockManagerId;
import org.apache.spark.storage.BroadcastBlockId;

/**
 * How fast bytes travel from executor to executor and to the driver, by Spark's own block transfer, which carries a round's slices:
 * encryption, authentication and its few threads are in the figure.
 */
public final class BlockTransfer {
    private static final int BLOCK_BYTES = 16 << 20;
    private static final int TRIES = 3;
    private static final int ATTEMPTS = 5;

    /** In an executor: measurements that one of its tasks has taken on. */
    private static final Set<Long> TAKEN = ConcurrentHashMap.newKeySet();

    /**
     * One way.
     *
     * @param from host and executor
     * @param to likewise, or the driver
     */
    public record Speed(String from, String to, double bytesPerSecond) implements Serializable {}

    private BlockTransfer() {}

    /**
     * Every executor sends to the next one, all at once as in a round, and then each to the driver.
     *
     * @param tasks that the cluster runs at once
     * @return empty where all is in one process
     */
    public static List<Speed> measure(JavaSparkContext spark, int tasks) {
        List<Integer> numbers = IntStream.range(0, tasks).boxed().toList();
        long id = SliceBlocks.newId();
        try {
            Map<String, BlockManagerId> executors = new TreeMap<>();
            for (int attempt = 0; attempt < ATTEMPTS && executors.size() < executors(spark); attempt++) {
                spark.parallelize(numbers, tasks)
                        .map(number -> laidOut(id))
                        .collect()
                        .forEach(executor -> executors.put(executor.executorId(), executor));
            }
            Map<String, Speed> speeds = new LinkedHashMap<>();
            List<BlockManagerId> ring = List.copyOf(executors.values());
            for (int attempt = 0; attempt < ATTEMPTS && ring.size() > 1 && speeds.size() < ring.size(); attempt++) {
                long measurement = SliceBlocks.newId();
                spark.parallelize(numbers, tasks)
                        .flatMap(number -> fromNext(measurement, id, ring).iterator())
                        .collect()
                        .forEach(speed -> speeds.put(speed.to(), speed));
            }
            List<Speed> all = new ArrayList<>(speeds.values());
            ring.forEach(executor -> all.add(fetch(id, executor)));
            return all;
        } finally {
            SliceBlocks.forget(id);
        }
    }

    private static int executors(JavaSparkContext spark) {
        return spark.sc().isLocal() ? 0 : spark.sc().statusTracker().getExecutorInfos().length - 1;
    }

    /** On an executor: lays its block out. */
    private static BlockManagerId laidOut(long id) {
        BlockManagerId here = SparkEnv.get().blockManager().blockManagerId();
        if (SliceBlocks.here(block(id, here)).isEmpty()) {
            byte[] bytes = new byte[BLOCK_BYTES];
            new Random(id).nextBytes(bytes);
            SliceBlocks.store(block(id, here), ByteBuffer.wrap(bytes));
        }
        return here;
    }

    /** On an executor: one of its tasks takes the next executor's block, the others do nothing. */
    private static List<Speed> fromNext(long measurement, long id, List<BlockManagerId> ring) {
        int here = ring.indexOf(SparkEnv.get().blockManager().blockManagerId());
        return here >= 0 && TAKEN.add(measurement) ? List.of(fetch(id, ring.get((here + 1) % ring.size()))) : List.of();
    }

    /** Takes an executor's block into this process a few times; the fastest counts, as connections are slow at first. */
    private static Speed fetch(long id, BlockManagerId from) {
        BlockManager blocks = SparkEnv.get().blockManager();
        long best = Long.MAX_VALUE;
        for (int attempt = 0; attempt < TRIES; attempt++) {
            long start = System.nanoTime();
            try {
                ByteBuffer bytes = blocks.blockTransferService()
                        .fetchBlockSync(
                                from.host(),
                                from.port(),
                                from.executorId(),
                                block(id, from).name(),
                                null)
                        .nioByteBuffer();
                best = Math.min(best, System.nanoTime() - start);
                if (bytes.remaining() != BLOCK_BYTES) {
                    throw new IllegalStateException(
                            "a block must have " + BLOCK_BYTES + " bytes but had " + bytes.remaining());
                }
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        }
        return new Speed(name(from), name(blocks.blockManagerId()), BLOCK_BYTES / (best / 1e9));
    }

    private static String name(BlockManagerId process) {
        return process.isDriver() ? "the driver" : process.host() + "/" + process.executorId();
    }

    private static BlockId block(long id, BlockManagerId executor) {
        return new BroadcastBlockId(id, "transfer" + executor.executorId());
    }
}
