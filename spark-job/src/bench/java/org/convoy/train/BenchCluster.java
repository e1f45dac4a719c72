package org.convoy.train;

import java.time.Duration;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.convoy.cli.TaskNatives;
import org.convoy.cli.TaskSlots;
import org.convoy.model.engine.NativeSettings;
import org.convoy.runtime.Phases;

/** Spark on this machine with the training job's settings, for one part of the benchmark. One thread computes per task. */
record BenchCluster(SparkSession session, JavaSparkContext spark, Phases phases) implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofMinutes(5);

    /** Tasks in this JVM. */
    static BenchCluster local(int cores) {
        return open("local[" + cores + "]", new SparkConf());
    }

    /**
     * Executors of one core in processes of their own.
     *
     * @param memoryMib heap of each
     */
    static BenchCluster processes(int executors, int memoryMib) {
        SparkConf conf = new SparkConf()
                .set("spark.executor.memory", memoryMib + "m")
                .set("spark.executor.extraClassPath", System.getProperty("java.class.path"));
        NativeSettings.executorEnvironment(1)
                .forEach((variable, value) -> conf.set("spark.executorEnv." + variable, value));
        System.out.println("Starting " + executors + " executors of " + memoryMib + " MiB");
        BenchCluster cluster = open("local-cluster[" + executors + ",1," + memoryMib + "]", conf);
        TaskSlots.await(cluster.spark.sc(), executors, PATIENCE);
        return cluster;
    }

    private static BenchCluster open(String master, SparkConf conf) {
        Training.SPARK_DEFAULTS.forEach(conf::set);
        conf.setMaster(master)
                .setAppName("bench averaging")
                .set("spark.ui.enabled", "false")
                .set("spark.ui.showConsoleProgress", "false");
        SparkSession session = SparkSession.builder().config(conf).getOrCreate();
        JavaSparkContext spark = JavaSparkContext.fromSparkContext(session.sparkContext());
        TaskNatives.apply();
        return new BenchCluster(session, spark, new Phases(spark, System.out));
    }

    @Override
    public void close() {
        session.close();
    }
}
