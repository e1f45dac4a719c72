package org.convoy.train;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaSparkContext;
import org.convoy.runtime.Phases;
import scala.Tuple2;

/** Jobs of a round's form that neither compute nor carry anything: what Spark itself takes for them. */
final class EmptyRounds {
    private static final List<Integer> WORKERS = List.of(2, 8, 32);
    private static final int WARM_UP = 20;
    private static final int ROUNDS = 20;

    /**
     * At one K.
     *
     * @param seconds of a round, median
     * @param driverSeconds of the driver's processors, mean: it grows with K, while the executors share their part of the
     *     work among them
     */
    record Measured(int workers, double seconds, double driverSeconds) {}

    private EmptyRounds() {}

    /** By K, ascending; in the first there are as many executors as workers, in the others fewer. */
    static List<Measured> measure(JavaSparkContext spark, Phases.Progress progress) {
        return WORKERS.stream()
                .map(workers -> {
                    progress.at(WORKERS.indexOf(workers), WORKERS.size(), "rounds without work, K = " + workers);
                    return measure(spark, workers);
                })
                .toList();
    }

    private static Measured measure(JavaSparkContext spark, int workers) {
        for (int round = 0; round < WARM_UP; round++) {
            round(spark, workers);
        }
        List<Double> seconds = new ArrayList<>();
        OperatingSystemMXBean driver = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
        long start = driver.getProcessCpuTime();
        for (int round = 0; round < ROUNDS; round++) {
            seconds.add(round(spark, workers));
        }
        return new Measured(workers, Spread.median(seconds), (driver.getProcessCpuTime() - start) / 1e9 / ROUNDS);
    }

    private static double round(JavaSparkContext spark, int workers) {
        List<Integer> numbers = IntStream.range(0, workers).boxed().toList();
        long start = System.nanoTime();
        long slices = spark.parallelize(numbers, workers)
                .mapToPair(worker -> new Tuple2<>(worker, new byte[0]))
                .partitionBy(new SliceReduction.BySlice(workers))
                .count();
        double seconds = (System.nanoTime() - start) / 1e9;
        if (slices != workers) {
            throw new IllegalStateException("an empty round must bring " + workers + " slices but brought " + slices);
        }
        return seconds;
    }
}
