package org.convoy.doctor;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import org.apache.spark.api.java.JavaSparkContext;
import org.convoy.train.BlockTransfer;

/** How fast processes reach each other. */
final class NetworkChecks {
    private static final String CHECK = "bandwidth";
    /** Less than a gigabit network gives. */
    private static final double SLOW = 100e6;

    private NetworkChecks() {}

    static List<Finding> bandwidth(JavaSparkContext spark, int tasks) {
        return findings(BlockTransfer.measure(spark, tasks));
    }

    static List<Finding> findings(List<BlockTransfer.Speed> speeds) {
        if (speeds.isEmpty()) {
            return List.of(Finding.ok(CHECK, "all in one process: nothing crosses a network"));
        }
        List<Finding> findings = new ArrayList<>();
        add(findings, speeds, "executor to executor", speed -> !speed.to().equals("the driver"));
        add(findings, speeds, "executor to driver", speed -> speed.to().equals("the driver"));
        return findings;
    }

    private static void add(
            List<Finding> findings,
            List<BlockTransfer.Speed> speeds,
            String way,
            Predicate<BlockTransfer.Speed> ofWay) {
        List<BlockTransfer.Speed> sorted = speeds.stream()
                .filter(ofWay)
                .sorted(Comparator.comparingDouble(BlockTransfer.Speed::bytesPerSecond))
                .toList();
        if (sorted.isEmpty()) {
            return;
        }
        BlockTransfer.Speed slowest = sorted.get(0);
        double median = sorted.get(sorted.size() / 2).bytesPerSecond();
        String what = String.format(
                Locale.ROOT,
                "%s: %s, the slowest %s (%s to %s)",
                way,
                perSecond(median),
                perSecond(slowest.bytesPerSecond()),
                slowest.from(),
                slowest.to());
        if (slowest.bytesPerSecond() >= SLOW) {
            findings.add(Finding.ok(CHECK, what));
        } else {
            findings.add(Finding.warning(
                    CHECK,
                    what,
                    "parameters cross the network three times in each round, and all wait for the slowest",
                    "look at that machine's link; a larger train.averaging-period-batches makes rounds rarer, and"
                            + " train.wire-format = bfloat16 halves one of the three"));
        }
    }

    private static String perSecond(double bytesPerSecond) {
        return String.format(Locale.ROOT, "%,.0f MB/s", bytesPerSecond / 1e6);
    }
}
