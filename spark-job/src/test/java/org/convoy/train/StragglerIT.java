package org.convoy.train;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.deploy.master.Master;
import org.apache.spark.deploy.worker.Worker;
import org.apache.spark.rpc.RpcEnv;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerTaskStart;
import org.apache.spark.storage.StorageLevel;
import org.convoy.model.InputShape;
import org.convoy.model.NetworkSpec;
import org.convoy.model.Normalisation;
import org.convoy.model.Optimiser;
import org.convoy.model.architecture.Architecture;
import org.convoy.model.augment.Augmentation;
import org.convoy.runtime.Phases;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * An executor that hangs for seconds, with and without speculative execution. A cluster of two workers with addresses of
 * their own, because Spark starts no speculative copy on the host that is slow; executors in processes of their own.
 */
class StragglerIT {
    private static final InputShape INPUT = new InputShape(1, 16, 16);
    private static final int CLASSES = 3;
    private static final EpochPlan PLAN = new EpochPlan(32_768, 1, 2, 8, AveragingPeriod.fixed(256), 5);
    private static final int HANG_SECONDS = 6;

    @TempDir
    private static Path localDirectory;

    private static RpcEnv master;
    private static final List<RpcEnv> WORKERS = new ArrayList<>();

    @BeforeAll
    static void startCluster() {
        SparkConf conf = new SparkConf().set("spark.local.dir", localDirectory.toString());
        master = Master.startRpcEnvAndEndpoint("127.0.0.1", 0, 0, conf)._1();
        for (int worker = 1; worker <= 2; worker++) {
            WORKERS.add(Worker.startRpcEnvAndEndpoint(
                    "127.0.0." + worker,
                    0,
                    0,
                    1,
                    1024,
                    new String[] {master.address().toSparkURL()},
                    localDirectory.toString(),
                    scala.Option.apply(worker),
                    conf,
                    scala.Option.empty()));
        }
    }

    @AfterAll
    static void stopCluster() {
        WORKERS.forEach(RpcEnv::shutdown);
        master.shutdown();
    }

    @Test
    void aSpeculativeCopyTrainsNoReplicaTwice() {
        SparkConf speculative = new SparkConf()
                .set("spark.speculation", "true")
                .set("spark.speculation.interval", "100ms")
                .set("spark.speculation.quantile", "0.5");
        AtomicInteger copies = new AtomicInteger();
        Result undisturbed;
        Result disturbed;
        try (JavaSparkContext spark = spark(speculative)) {
            spark.sc().addSparkListener(new SparkListener() {
                @Override
                public void onTaskStart(SparkListenerTaskStart task) {
                    if (task.taskInfo().speculative()) {
                        copies.incrementAndGet();
                    }
                }
            });
            undisturbed = train(spark, rounds -> {});
            copies.set(0);
            long victim = executors(spark).get(0);
            disturbed = train(spark, rounds -> hangAfter(rounds, 3, victim));
        }

        assertThat(copies.get()).as("speculative copies").isPositive();
        assertThat(disturbed.trained()).isEqualTo(PLAN.examples());
        assertThat(disturbed.parameters()).isEqualTo(undisturbed.parameters());
    }

    @Test
    void theReportNamesTheStraggler() {
        try (JavaSparkContext spark = spark(new SparkConf())) {
            List<Long> executors = executors(spark);
            Result disturbed = train(spark, rounds -> hangAfter(rounds, 3, executors.get(0)));

            // The first rounds load libraries, and wait for that.
            RoundReport hung = disturbed.rounds().stream()
                    .skip(3)
                    .max(java.util.Comparator.comparingDouble(RoundReport::seconds))
                    .orElseThrow();
            assertThat(hung.seconds()).isGreaterThan(HANG_SECONDS - 2.0);
            assertThat(hung.waitSeconds())
                    .as("half of what it is slower, for the mean of two")
                    .isGreaterThan(1);
            assertThat(hung.slowest()).matches("worker [01] on 127\\.0\\.0\\.[12]/[01]");
        }
    }

    private record Result(long trained, ByteBuffer parameters, List<RoundReport> rounds) {}

    private static Result train(JavaSparkContext spark, java.util.function.Consumer<Integer> afterRound) {
        ExampleOrder order = new ExampleOrder(PLAN, 2 * PLAN.batchSize());
        ShardRdd shards =
                ShardRdd.of(spark.sc(), order, new RandomBlocks(order, INPUT, CLASSES), StorageLevel.MEMORY_AND_DISK());
        Normalisation scale = Normalisation.of("scale", List.of(0.0), List.of(1.0));
        NetworkSpec spec = new NetworkSpec(
                Architecture.named("lenet-5"), INPUT, CLASSES, scale, new Optimiser("nesterov", 0.01, 0.9), 42);
        try (AveragingLoop loop = new AveragingLoop(
                spark, shards.toJavaRDD(), spec, PLAN, Augmentation.NONE, Averaging.PLAIN, Optional.empty())) {
            EpochTrainer.Epoch epoch = new Phases(spark, System.out)
                    .run(
                            "epoch",
                            progress -> loop.train(
                                    0, List.of(), (rounds, reached) -> afterRound.accept(rounds.size()), progress));
            return new Result(epoch.trained(), ByteBuffer.wrap(loop.state().vector()), epoch.rounds());
        }
    }

    /** Stops a process for some seconds, a moment after the next round has begun. */
    private static void hangAfter(int rounds, int when, long process) {
        if (rounds == when) {
            new Thread(() -> {
                        pause(150);
                        signal("STOP", process);
                        pause(HANG_SECONDS * 1000L);
                        signal("CONT", process);
                    })
                    .start();
        }
    }

    private static void signal(String name, long process) {
        try {
            new ProcessBuilder("kill", "-" + name, Long.toString(process))
                    .start()
                    .waitFor();
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void pause(long milliseconds) {
        try {
            Thread.sleep(milliseconds);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private JavaSparkContext spark(SparkConf conf) {
        return new JavaSparkContext(conf.setMaster(master.address().toSparkURL())
                .setAppName("StragglerIT")
                .set("spark.driver.host", "127.0.0.1")
                .set("spark.executor.memory", "512m")
                .set("spark.executor.extraClassPath", System.getProperty("java.class.path"))
                .set("spark.ui.enabled", "false"));
    }

    /** Processes of the two executors. */
    private static List<Long> executors(JavaSparkContext spark) {
        while (spark.sc().getExecutorMemoryStatus().size() < 3) {
            pause(100);
        }
        return spark
                .parallelize(List.of(1, 2, 3, 4), 4)
                .map(task -> {
                    Thread.sleep(300);
                    return ProcessHandle.current().pid();
                })
                .collect()
                .stream()
                .distinct()
                .sorted()
                .toList();
    }
}
