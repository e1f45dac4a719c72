package org.convoy.train;

import com.sun.management.GarbageCollectorMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.spark.launcher.JavaModuleOptions;
import org.convoy.job.Convoy;

/**
 * Convoy's command line in a process of its own, driver and executor in one, which says at its end how much memory it has held. Once a
 * second it collects garbage, to see what is left.
 */
final class CommandProcess {
    private static final String RESIDENT = "peak resident bytes:";
    private static final String LIVE = "peak heap bytes after a collection:";

    private static final int PERIOD_MILLISECONDS = 1_000;

    private CommandProcess() {}

    /**
     * What a command took.
     *
     * @param residentBytes of the process, at most
     * @param liveBytes of the heap, after collections, at most
     */
    record Ended(double seconds, long residentBytes, long liveBytes) {}

    /**
     * Runs a command with 1 GiB of heap, of which Spark may have a tenth, on two cores.
     *
     * @param directory where it runs
     * @throws IllegalStateException if it does not say {@code expected}
     */
    static Ended run(Path directory, String expected, List<String> arguments) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of(JavaModuleOptions.defaultModuleOptions().split(" ")));
        // The whole heap is there from the start, so that what is resident shows what grows beside it.
        command.addAll(List.of("-Xms1g", "-Xmx1g", "-XX:+AlwaysPreTouch", "-XX:+UseG1GC"));
        command.addAll(List.of("-Dspark.master=local[2]", "-Dspark.ui.enabled=false"));
        // Spark sorts in as much memory as it may have: what else grows would not show behind it.
        command.add("-Dspark.memory.fraction=0.1");
        command.add("-Dlog4j2.configurationFile=" + System.getProperty("log4j2.configurationFile"));
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), CommandProcess.class.getName()));
        command.addAll(arguments);
        long start = System.nanoTime();
        Process process = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        double seconds = (System.nanoTime() - start) / 1e9;
        if (!said.contains(expected)) {
            throw new IllegalStateException(arguments.get(0) + " must say '" + expected + "' but said: " + said);
        }
        return new Ended(seconds, figure(said, RESIDENT), figure(said, LIVE));
    }

    private static long figure(String said, String name) {
        return said.lines()
                .filter(line -> line.startsWith(name))
                .mapToLong(line -> Long.parseLong(line.substring(name.length()).strip()))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("a process must say '" + name + "' but said: " + said));
    }

    public static void main(String[] arguments) {
        AtomicLong live = new AtomicLong();
        Thread sampler = new Thread(() -> sample(live), "memory sampler");
        sampler.setDaemon(true);
        sampler.start();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            System.out.println(RESIDENT + " " + ProcessFigures.here().residentBytes());
            System.out.println(LIVE + " " + live.get());
        }));
        Convoy.main(arguments);
    }

    private static void sample(AtomicLong live) {
        while (true) {
            System.gc();
            live.accumulateAndGet(leftByCollection(), Math::max);
            try {
                Thread.sleep(PERIOD_MILLISECONDS);
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    /** What the last full collection left: what the heap holds a moment later is mostly new garbage. */
    private static long leftByCollection() {
        return ManagementFactory.getPlatformMXBeans(GarbageCollectorMXBean.class).stream()
                .filter(collector -> collector.getName().equals("G1 Old Generation") && collector.getLastGcInfo() != null)
                .flatMap(collector -> collector.getLastGcInfo().getMemoryUsageAfterGc().entrySet().stream())
                .filter(pool -> pool.getKey().startsWith("G1"))
                .mapToLong(pool -> pool.getValue().getUsed())
                .sum();
    }
}
