package org.convoy.cli;

import org.apache.spark.SparkConf;

/**
 * The memory that a process of Spark may take: its container's, which is heap and overhead by Spark's own settings. YARN and
 * Kubernetes kill a process that takes more. Standalone workers count heaps alone and limit nothing; there the same sum keeps the
 * executors of a machine from each taking all of it.
 */
final class ContainerMemory {
    /** Spark's name for the process that the driver runs in. */
    private static final String DRIVER_ID = "driver";

    private static final String EXECUTOR = "spark.executor.";
    private static final String DRIVER = "spark.driver.";

    /** What Spark adds to a heap if nobody says anything: a tenth, and this at least. */
    private static final long SPARK_SMALLEST_OVERHEAD_MEBIBYTES = 384;

    private static final double SPARK_OVERHEAD_FACTOR = 0.1;

    /** The JVM's own part, and as much for ND4J or for decoding pictures. */
    private static final long SMALLEST_OVERHEAD_MEBIBYTES = 768;

    private ContainerMemory() {}

    /** Asks for executors with as much memory off the heap as on it, unless the user has said how much. */
    static void askForExecutors(SparkConf conf) {
        if (!isGiven(conf, EXECUTOR)) {
            conf.set(EXECUTOR + "memoryOverhead", executorOverheadMebibytes(conf) + "m");
        }
    }

    /**
     * Bytes of this process' container, heap included; no limit for embedded Spark and for a driver on the user's own machine.
     *
     * @param executorId Spark's name for the process
     */
    static long bytes(SparkConf conf, String executorId) {
        if (!isDriver(executorId)) {
            return (heapMebibytes(conf, EXECUTOR) + executorOverheadMebibytes(conf)) << 20;
        }
        boolean contained = conf.get("spark.submit.deployMode", "client").equals("cluster")
                && !conf.get("spark.master").startsWith("spark:");
        return contained ? (heapMebibytes(conf, DRIVER) + overheadMebibytes(conf, DRIVER)) << 20 : Long.MAX_VALUE;
    }

    /** @param executorId Spark's name for the process */
    static boolean isDriver(String executorId) {
        return executorId.equals(DRIVER_ID);
    }

    /** An executor's container in words, for who must find room for it. */
    static String executorInWords(SparkConf conf) {
        return heapMebibytes(conf, EXECUTOR) + " MiB of heap and " + executorOverheadMebibytes(conf)
                + " MiB of overhead";
    }

    private static long executorOverheadMebibytes(SparkConf conf) {
        return isGiven(conf, EXECUTOR)
                ? overheadMebibytes(conf, EXECUTOR)
                : Math.max(SMALLEST_OVERHEAD_MEBIBYTES, heapMebibytes(conf, EXECUTOR));
    }

    private static boolean isGiven(SparkConf conf, String process) {
        return conf.contains(process + "memoryOverhead") || conf.contains(process + "memoryOverheadFactor");
    }

    /** As Spark computes it. */
    private static long overheadMebibytes(SparkConf conf, String process) {
        if (conf.contains(process + "memoryOverhead")) {
            return conf.getSizeAsMb(process + "memoryOverhead");
        }
        return Math.max(SPARK_SMALLEST_OVERHEAD_MEBIBYTES, (long) (heapMebibytes(conf, process)
                * conf.getDouble(process + "memoryOverheadFactor", SPARK_OVERHEAD_FACTOR)));
    }

    private static long heapMebibytes(SparkConf conf, String process) {
        return conf.getSizeAsMb(process + "memory", "1g");
    }
}
