package org.convoy.doctor;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.convoy.train.TrainingNeeds;

/** What the training's network and batches take, against what processes have. */
final class MemoryChecks {
    private static final String CHECK = "memory";

    private MemoryChecks() {}

    static List<Finding> memory(Census census, TrainingNeeds needs, int tasks) {
        List<Finding> findings = new ArrayList<>();
        int each = census.tasksPerProcess(Math.min(tasks, needs.workers()));
        for (ProcessFacts process : census.workers()) {
            offHeap(process, needs, each, findings);
            heap(process, needs, each, findings);
            gpu(process, needs, findings);
        }
        if (!census.executors().isEmpty() && census.driver().heapBytes() < needs.driverHeapBytes()) {
            findings.add(Finding.error(
                    CHECK,
                    "the driver has a heap of " + Sizes.bytes(census.driver().heapBytes()) + " and needs "
                            + Sizes.bytes(needs.driverHeapBytes()) + " for a few vectors of "
                            + Sizes.bytes(needs.vectorBytes()),
                    "the driver would die in its first round",
                    "give it more: --driver-memory"));
        }
        machines(census, needs, each, findings);
        if (findings.isEmpty()) {
            findings.add(Finding.ok(CHECK, summary(census, needs, each)));
        }
        return findings;
    }

    private static String summary(Census census, TrainingNeeds needs, int each) {
        ProcessFacts smallest = census.workers().stream()
                .min((one, other) -> Long.compare(one.offHeapBytes(), other.offHeapBytes()))
                .orElseThrow();
        return String.format(
                Locale.ROOT,
                "%s (%,d parameters) at batch %d, %d at once in a process: %s of %s off the heap (each: parameters %s, gradient %s,"
                        + " optimiser %s, activations %s), %s of %s on it (a window of pictures %s each, vectors of %s)",
                needs.network(),
                needs.parameters(),
                needs.batchSize(),
                each,
                Sizes.bytes(needs.offHeapBytes(each)),
                Sizes.bytes(smallest.offHeapBytes()),
                Sizes.bytes(needs.worker().parameters()),
                Sizes.bytes(needs.worker().gradient()),
                Sizes.bytes(needs.worker().optimiserState()),
                Sizes.bytes(needs.worker().activations()),
                Sizes.bytes(needs.heapBytes(each)),
                Sizes.bytes(smallest.heapBytes()),
                Sizes.bytes(needs.windowBytes()),
                Sizes.bytes(needs.vectorBytes()));
    }

    private static void offHeap(ProcessFacts process, TrainingNeeds needs, int each, List<Finding> findings) {
        long needed = needs.offHeapBytes(each);
        if (process.offHeapBytes() > 0 && needed > process.offHeapBytes()) {
            findings.add(Finding.error(
                    CHECK,
                    process.process() + " has " + Sizes.bytes(process.offHeapBytes()) + " off the heap, and " + each
                            + (each == 1 ? " network needs " : " networks need ") + Sizes.bytes(needed)
                            + " (activations of a batch of " + needs.batchSize() + ": "
                            + Sizes.bytes(each * needs.worker().activations()) + ")",
                    "ND4J would fail to allocate, or the container would be killed",
                    "a larger container (spark.executor.memoryOverhead on YARN, a smaller spark.executor.memory elsewhere),"
                            + " a smaller train.batch-size, or fewer tasks at once in an executor"));
        }
    }

    private static void heap(ProcessFacts process, TrainingNeeds needs, int each, List<Finding> findings) {
        String has = process.process() + " has a heap of " + Sizes.bytes(process.heapBytes());
        String parts = "windows of pictures (" + Sizes.bytes(each * needs.windowBytes()) + ") and vectors of "
                + Sizes.bytes(needs.vectorBytes());
        if (process.heapBytes() < needs.heapBytes(each)) {
            findings.add(Finding.error(
                    CHECK,
                    has + " and needs " + Sizes.bytes(needs.heapBytes(each)) + " for " + parts,
                    "the executor would die with OutOfMemoryError",
                    "give it more: spark.executor.memory"));
        } else if (process.heapBytes() < needs.comfortableHeapBytes(each)) {
            findings.add(Finding.warning(
                    CHECK,
                    has + "; " + Sizes.bytes(needs.comfortableHeapBytes(each)) + " would be enough for " + parts
                            + " without haste",
                    "the garbage collector would stop rounds, and pictures would be read from disk",
                    "give it more: spark.executor.memory"));
        }
    }

    private static void gpu(ProcessFacts process, TrainingNeeds needs, List<Finding> findings) {
        process.gpus().stream()
                .filter(gpu -> gpu.address().equals(process.gpuAddress()))
                .filter(gpu -> gpu.memoryBytes() < needs.worker().total())
                .forEach(gpu -> findings.add(Finding.error(
                        CHECK,
                        process.process() + ": GPU " + gpu.address() + " (" + gpu.name() + ") has "
                                + Sizes.bytes(gpu.memoryBytes()) + ", and the network needs "
                                + Sizes.bytes(needs.worker().total()),
                        "CUDA would fail to allocate",
                        "a smaller train.batch-size")));
    }

    /** Executors of one machine must fit into it together. */
    private static void machines(Census census, TrainingNeeds needs, int each, List<Finding> findings) {
        Map<String, List<ProcessFacts>> byHost = census.executors().stream()
                .collect(Collectors.groupingBy(ProcessFacts::host, LinkedHashMap::new, Collectors.toList()));
        byHost.forEach((host, processes) -> {
            long needed = processes.stream()
                    .mapToLong(process -> process.heapBytes() + needs.offHeapBytes(each))
                    .sum();
            long has = processes.get(0).memoryBytes();
            if (needed > has) {
                findings.add(Finding.error(
                        CHECK,
                        host + " has " + Sizes.bytes(has) + ", and its " + processes.size() + " executors may take "
                                + Sizes.bytes(needed) + " with their heaps",
                        "the kernel kills the process that takes most when memory runs out",
                        "fewer executors on a machine, or a smaller spark.executor.memory"));
            }
        });
    }
}
