package org.convoy.train;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.deploy.master.Master;
import org.apache.spark.deploy.worker.Worker;
import org.apache.spark.rpc.RpcEnv;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Spark's standalone master and workers of one core each in this JVM, workers with addresses of their own (127.0.0.1 and up), as if
 * they were hosts; executors are processes of their own.
 */
final class StandaloneCluster implements AutoCloseable {
    private final Path directory;
    private final SparkConf conf;
    private final RpcEnv master;
    private final List<RpcEnv> workers = new ArrayList<>();

    /**
     * Starts a cluster.
     *
     * @param directory for what executors write
     */
    StandaloneCluster(Path directory, int workers) {
        this.directory = directory;
        this.conf = new SparkConf().set("spark.local.dir", directory.toString());
        this.master = Master.startRpcEnvAndEndpoint("127.0.0.1", 0, 0, conf)._1();
        for (int worker = 0; worker < workers; worker++) {
            addWorker();
        }
    }

    void addWorker() {
        int number = workers.size() + 1;
        workers.add(Worker.startRpcEnvAndEndpoint(
                "127.0.0." + number,
                0,
                0,
                1,
                1024,
                new String[] {master.address().toSparkURL()},
                directory.toString(),
                scala.Option.apply(number),
                conf,
                scala.Option.empty()));
    }

    /** A context with the training job's settings, whose executors will come. */
    JavaSparkContext spark(SparkConf settings) {
        Training.SPARK_DEFAULTS.forEach(settings::set);
        return new JavaSparkContext(settings.setMaster(master.address().toSparkURL())
                .setAppName("StandaloneCluster")
                .set("spark.driver.host", "127.0.0.1")
                .set("spark.executor.memory", "512m")
                .set("spark.executor.extraClassPath", System.getProperty("java.class.path"))
                .set("spark.ui.enabled", "false"));
    }

    /** Waits until so many executors have registered. */
    static void await(JavaSparkContext spark, int executors) {
        // The driver counts as one.
        await(() -> spark.sc().getExecutorMemoryStatus().size() == executors + 1, executors + " executors");
    }

    /** Waits for what must come within two minutes. */
    static void await(BooleanSupplier condition, String what) {
        long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(2);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("waited too long for " + what).isLessThan(deadline);
            pause(50);
        }
    }

    static void pause(long milliseconds) {
        try {
            Thread.sleep(milliseconds);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        workers.forEach(RpcEnv::shutdown);
        master.shutdown();
    }
}
