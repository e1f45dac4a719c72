package org.convoy.doctor;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaSparkContext;

/**
 * Every process of the cluster, asked by tasks.
 *
 * @param driver itself
 * @param executors one of its tasks for each; empty where the driver computes itself
 * @param gpuTasks of every task that ran at once with others: its executor and its GPU's address; empty if tasks have none
 * @param skewMillis by executor, by how much its clock is ahead of the driver's at least (negative if behind); 0 within what asking takes
 */
record Census(ProcessFacts driver, List<ProcessFacts> executors, List<GpuTask> gpuTasks, Map<String, Long> skewMillis) {
    private static final int SWEEPS = 20;
    /** So long that all tasks of a sweep are there at once, and no executor gets two in a row while another has none. */
    private static final int TASK_MILLIS = 300;

    /** Where a task ran, and on which GPU. */
    record GpuTask(String host, String process, String address) {}

    /** A task's answer between the driver's looks at its clock. */
    private record Sweep(long before, long after, List<ProcessFacts> answers) {}

    /**
     * Asks until every executor has answered.
     *
     * @param tasks that the cluster runs at once
     * @throws IllegalStateException if one does not
     */
    static Census take(JavaSparkContext spark, int tasks) {
        ProcessFacts driver = ProcessFacts.here();
        if (spark.sc().isLocal()) {
            return new Census(driver, List.of(), List.of(), Map.of());
        }
        int registered = spark.sc().statusTracker().getExecutorInfos().length - 1;
        Map<String, ProcessFacts> executors = new TreeMap<>();
        Map<String, Long> skews = new TreeMap<>();
        List<GpuTask> gpuTasks = List.of();
        for (int sweep = 0; sweep < SWEEPS && executors.size() < registered; sweep++) {
            Sweep swept = sweep(spark, tasks);
            for (ProcessFacts answer : swept.answers()) {
                executors.put(answer.process(), answer);
                skews.put(answer.process(), skew(answer.epochMillis(), swept));
            }
            gpuTasks = swept.answers().stream()
                    .filter(answer -> !answer.gpuAddress().isEmpty())
                    .map(answer -> new GpuTask(answer.host(), answer.process(), answer.gpuAddress()))
                    .toList();
        }
        if (executors.size() < registered) {
            throw new IllegalStateException(
                    "of " + registered + " executors only " + executors.keySet() + " ran a task");
        }
        return new Census(driver, List.copyOf(executors.values()), gpuTasks, new LinkedHashMap<>(skews));
    }

    private static Sweep sweep(JavaSparkContext spark, int tasks) {
        List<Integer> numbers = IntStream.range(0, tasks).boxed().toList();
        long before = System.currentTimeMillis();
        List<ProcessFacts> answers = new ArrayList<>(spark.parallelize(numbers, tasks)
                .map(number -> {
                    Thread.sleep(TASK_MILLIS);
                    return ProcessFacts.here();
                })
                .collect());
        return new Sweep(before, System.currentTimeMillis(), answers);
    }

    private static long skew(long clock, Sweep sweep) {
        if (clock > sweep.after()) {
            return clock - sweep.after();
        }
        return Math.min(0, clock - sweep.before());
    }

    /** Driver and executors. */
    List<ProcessFacts> all() {
        List<ProcessFacts> all = new ArrayList<>(List.of(driver));
        all.addAll(executors);
        return all;
    }

    /** The processes that train: the driver itself where there are no executors. */
    List<ProcessFacts> workers() {
        return executors.isEmpty() ? List.of(driver) : executors;
    }

    /** Tasks that one of them runs at once. */
    int tasksPerProcess(int tasks) {
        return Math.floorDiv(tasks + workers().size() - 1, workers().size());
    }
}
