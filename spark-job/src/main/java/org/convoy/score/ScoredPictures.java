package org.convoy.score;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.spark.SparkContext;
import org.apache.spark.scheduler.AccumulableInfo;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerExecutorMetricsUpdate;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.apache.spark.util.LongAccumulator;
import scala.collection.JavaConverters;

/**
 * How many pictures have been scored, for the progress. Spark adds up what tasks count when they end, which for a large network is after an
 * hour; of tasks that run their executors tell it with each heartbeat.
 */
final class ScoredPictures extends SparkListener implements AutoCloseable {
    private final SparkContext spark;
    private final LongAccumulator ofEnded;
    private final Map<Long, Long> ofRunning = new ConcurrentHashMap<>();

    ScoredPictures(SparkContext spark) {
        this.spark = spark;
        this.ofEnded = spark.longAccumulator("pictures scored");
        spark.addSparkListener(this);
    }

    /** What tasks count with. */
    LongAccumulator counter() {
        return ofEnded;
    }

    /** May count a task twice that has just ended. */
    long count() {
        return ofEnded.value()
                + ofRunning.values().stream().mapToLong(pictures -> pictures).sum();
    }

    @Override
    public void onExecutorMetricsUpdate(SparkListenerExecutorMetricsUpdate heartbeat) {
        JavaConverters.seqAsJavaList(heartbeat.accumUpdates()).forEach(task -> {
            for (AccumulableInfo counted : JavaConverters.seqAsJavaList(task._4())) {
                if (counted.id() == ofEnded.id() && counted.update().get() instanceof Long pictures) {
                    ofRunning.put((Long) task._1(), pictures);
                }
            }
        });
    }

    @Override
    public void onTaskEnd(SparkListenerTaskEnd task) {
        ofRunning.remove(task.taskInfo().taskId());
    }

    @Override
    public void close() {
        spark.removeSparkListener(this);
    }
}
