package org.convoy.train;

import java.util.HashMap;
import java.util.Map;
import org.apache.spark.SparkContext;
import org.apache.spark.executor.TaskMetrics;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerBlockUpdated;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.apache.spark.storage.BlockUpdatedInfo;
import org.apache.spark.storage.BroadcastBlockId;

/** Counts, by Spark's own metrics, the bytes that tasks and broadcasts move. */
final class Traffic extends SparkListener {
    private static final String DRIVER = "driver";

    private long results;
    private long shuffleWritten;
    private long shuffleFromOthers;
    private long shuffleFromItself;
    private final Map<String, Long> broadcasts = new HashMap<>();

    /**
     * Bytes since the counting began.
     *
     * @param results sent to the driver by all tasks, and what of the mean lay out for it
     * @param broadcastByDriver θ and the tasks' code as the driver laid them out
     * @param broadcastToExecutors what of it all executors together laid out for each other: one copy, of the slices
     * @param shuffleWritten by all executors together
     * @param shuffleFromOthers read by executors from another one
     * @param shuffleFromItself read by executors from their own files
     */
    record Bytes(
            long results,
            long broadcastByDriver,
            long broadcastToExecutors,
            long shuffleWritten,
            long shuffleFromOthers,
            long shuffleFromItself) {}

    static Traffic of(SparkContext spark) {
        Traffic traffic = new Traffic();
        spark.addSparkListener(traffic);
        return traffic;
    }

    /** Forgets what was counted; Spark's events up to now are waited for. */
    void restart(SparkContext spark) throws InterruptedException {
        await(spark);
        synchronized (this) {
            results = 0;
            shuffleWritten = 0;
            shuffleFromOthers = 0;
            shuffleFromItself = 0;
            broadcasts.clear();
        }
    }

    Bytes bytes(SparkContext spark) throws InterruptedException {
        await(spark);
        synchronized (this) {
            long byDriver = broadcasts.getOrDefault(DRIVER, 0L);
            long everywhere =
                    broadcasts.values().stream().mapToLong(bytes -> bytes).sum();
            return new Bytes(
                    results, byDriver, everywhere - byDriver, shuffleWritten, shuffleFromOthers, shuffleFromItself);
        }
    }

    private static void await(SparkContext spark) throws InterruptedException {
        try {
            spark.listenerBus().waitUntilEmpty();
        } catch (java.util.concurrent.TimeoutException e) {
            throw new IllegalStateException("Spark's events do not end", e);
        }
    }

    @Override
    public synchronized void onTaskEnd(SparkListenerTaskEnd end) {
        TaskMetrics metrics = end.taskMetrics();
        results += metrics.resultSize();
        shuffleWritten += metrics.shuffleWriteMetrics().bytesWritten();
        shuffleFromOthers += metrics.shuffleReadMetrics().remoteBytesRead();
        shuffleFromItself += metrics.shuffleReadMetrics().localBytesRead();
    }

    @Override
    public synchronized void onBlockUpdated(SparkListenerBlockUpdated update) {
        BlockUpdatedInfo block = update.blockUpdatedInfo();
        if (block.blockId() instanceof BroadcastBlockId id && block.storageLevel().isValid()) {
            long bytes = block.memSize() + block.diskSize();
            if (MeanSlices.isSlice(id)) {
                results += bytes;
            } else {
                broadcasts.merge(block.blockManagerId().executorId(), bytes, Long::sum);
            }
        }
    }
}
