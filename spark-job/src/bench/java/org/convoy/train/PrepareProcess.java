package org.convoy.train;

import com.sun.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.util.concurrent.atomic.AtomicLong;
import org.convoy.job.Convoy;

/**
 * Convoy's command line in this process, which says at its end how much memory it has held. Once a second it collects garbage, to see
 * what is left.
 */
final class PrepareProcess {
    static final String RESIDENT = "peak resident bytes:";
    static final String LIVE = "peak heap bytes after a collection:";

    private static final int PERIOD_MILLISECONDS = 1_000;

    private PrepareProcess() {}

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
