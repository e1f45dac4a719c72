package org.convoy.train;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.hdfs.MiniDFSCluster;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.core.config.Configurator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/** Checkpoints on a real HDFS whose servers go away. */
class CheckpointsIT {
    private static final Map<String, String> IDENTITY = Map.of("K", "2");
    private static final int VALUES = 1_000_000;

    @TempDir
    private static Path local;

    private static MiniDFSCluster hdfs;

    @BeforeAll
    static void startHdfs() throws IOException {
        Configurator.setLevel("org.apache.hadoop", Level.OFF);
        Configuration hadoop = new Configuration();
        hadoop.set(MiniDFSCluster.HDFS_MINIDFS_BASEDIR, local.resolve("hdfs").toString());
        hdfs = new MiniDFSCluster.Builder(hadoop).numDataNodes(3).build();
        hdfs.waitActive();
    }

    @AfterAll
    static void stopHdfs() {
        if (hdfs != null) {
            hdfs.shutdown(true);
        }
    }

    @Test
    void aDataNodeThatDiesChangesNothing() {
        Checkpoints checkpoints = checkpoints("datanode");
        checkpoints.write(checkpoint(1));
        hdfs.stopDataNode(0);
        checkpoints.write(checkpoint(2));
        assertThat(checkpoints.newest(IDENTITY).orElseThrow().state().vector())
                .isEqualTo(checkpoint(2).state().vector());
    }

    @Test
    void aNameNodeThatIsAwayForTwentySecondsDelaysAndLosesNothing() throws Exception {
        Checkpoints checkpoints = checkpoints("namenode");
        checkpoints.write(checkpoint(1));
        hdfs.shutdownNameNode(0);
        long start = System.nanoTime();
        CompletableFuture<Void> back = CompletableFuture.runAsync(
                () -> {
                    try {
                        hdfs.restartNameNode(0, true);
                    } catch (IOException e) {
                        throw new IllegalStateException(e);
                    }
                },
                CompletableFuture.delayedExecutor(20, TimeUnit.SECONDS));

        checkpoints.write(checkpoint(2));

        assertThat(System.nanoTime() - start).isGreaterThan(TimeUnit.SECONDS.toNanos(19));
        back.join();
        hdfs.waitActive();
        assertThat(checkpoints.newest(IDENTITY).orElseThrow().rounds()).hasSize(2);
    }

    private static Checkpoints checkpoints(String name) {
        return Checkpoints.at(
                new Configuration(),
                new org.apache.hadoop.fs.Path("hdfs://127.0.0.1:" + hdfs.getNameNodePort() + "/" + name));
    }

    private static Checkpoint checkpoint(int rounds) {
        float[] vector = new float[VALUES];
        Arrays.fill(vector, rounds + 0.5f);
        List<RoundReport> done = IntStream.rangeClosed(1, rounds)
                .mapToObj(number -> new RoundReport(1, number, 8, 1, 1, 0.5, 0.1, "worker 0 on host/0", 0.2, 0.3, 0.01))
                .toList();
        return new Checkpoint(
                IDENTITY, 0, done, new State(FloatBytes.encode(vector), VALUES, new float[0]), Outcome.none());
    }
}
