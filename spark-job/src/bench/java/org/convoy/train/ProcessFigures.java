package org.convoy.train;

import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * What Linux and the JVM say of one process.
 *
 * @param pid its number
 * @param residentBytes the most memory it has held so far
 * @param heapBytes the same of its heap, garbage counted in: the sum of its pools' peaks
 * @param readBytes by system calls, from sockets and files, since it started
 * @param writtenBytes likewise
 */
record ProcessFigures(long pid, long residentBytes, long heapBytes, long readBytes, long writtenBytes)
        implements Serializable {
    /** What proc(5) wants to be told. */
    private static final String FORGET_RESIDENT_PEAK = "5";

    private static final int ATTEMPTS = 20;
    private static final int TASK_MILLISECONDS = 300;

    /** Lets this process's peaks begin anew. */
    static void forgetPeaks() {
        System.gc();
        ManagementFactory.getMemoryPoolMXBeans().forEach(MemoryPoolMXBean::resetPeakUsage);
        try {
            Files.writeString(Path.of("/proc/self/clear_refs"), FORGET_RESIDENT_PEAK);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Of this process. */
    static ProcessFigures here() {
        long heap = ManagementFactory.getMemoryPoolMXBeans().stream()
                .filter(pool -> pool.getType() == MemoryType.HEAP)
                .mapToLong(pool -> pool.getPeakUsage().getUsed())
                .sum();
        return new ProcessFigures(
                ProcessHandle.current().pid(),
                1024 * number("status", "VmHWM:"),
                heap,
                number("io", "rchar:"),
                number("io", "wchar:"));
    }

    /** Of every executor, in the order of their numbers; there are as many as given, of one core each. */
    static List<ProcessFigures> ofExecutors(BenchCluster cluster, int executors) {
        List<Integer> tasks = IntStream.range(0, executors).boxed().toList();
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            List<ProcessFigures> figures = new ArrayList<>(cluster.spark()
                    .parallelize(tasks, executors)
                    .map(task -> {
                        // So long that every executor gets one.
                        Thread.sleep(TASK_MILLISECONDS);
                        return here();
                    })
                    .collect());
            Set<Long> seen = new HashSet<>();
            figures.removeIf(figure -> !seen.add(figure.pid()));
            if (figures.size() == executors) {
                return figures;
            }
        }
        throw new IllegalStateException("Cannot reach all " + executors + " executors");
    }

    private static long number(String file, String key) {
        Path path = Path.of("/proc/self", file);
        try {
            String line = Files.readAllLines(path).stream()
                    .filter(text -> text.startsWith(key))
                    .findFirst()
                    .orElseThrow();
            return Long.parseLong(line.replaceAll("[^0-9]", ""));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
