package org.convoy.cli;

import org.apache.spark.SparkConf;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class ContainerMemoryTest {
    private static final long MIB = 1L << 20;
    private static final String DRIVER = "driver";

    @Test
    void asksForAsMuchMemoryOffTheHeapAsOnIt() {
        assertThat(asked(conf("yarn").set("spark.executor.memory", "4g"))).isEqualTo("4096m");
        assertThat(asked(conf("yarn"))).as("Spark's default heap is 1 GiB").isEqualTo("1024m");
        assertThat(asked(conf("yarn").set("spark.executor.memory", "512m")))
                .as("the JVM takes 384 MiB of it")
                .isEqualTo("768m");
    }

    @Test
    void leavesWhatTheUserAsksFor() {
        assertThat(asked(conf("yarn").set("spark.executor.memoryOverhead", "2g")))
                .isEqualTo("2g");
        SparkConf byFactor = conf("yarn").set("spark.executor.memoryOverheadFactor", "0.5");
        ContainerMemory.askForExecutors(byFactor);
        assertThat(byFactor.contains("spark.executor.memoryOverhead")).isFalse();
    }

    @Test
    void anExecutorsContainerIsHeapAndOverhead() {
        SparkConf asked = conf("yarn").set("spark.executor.memory", "2g");
        ContainerMemory.askForExecutors(asked);
        assertThat(ContainerMemory.bytes(asked, "1")).isEqualTo(4096 * MIB);
        assertThat(ContainerMemory.bytes(conf("spark://master:7077"), "1")).isEqualTo(2048 * MIB);
        assertThat(ContainerMemory.bytes(conf("yarn").set("spark.executor.memoryOverhead", "900"), "1"))
                .isEqualTo((1024 + 900) * MIB);
        assertThat(ContainerMemory.bytes(
                        conf("yarn")
                                .set("spark.executor.memory", "10g")
                                .set("spark.executor.memoryOverheadFactor", "0.2"),
                        "1"))
                .isEqualTo((10240 + 2048) * MIB);
    }

    @Test
    void aDriversContainerCountsWhereTheClusterRunsIt() {
        assertThat(ContainerMemory.bytes(conf("local[2]"), DRIVER)).isEqualTo(Long.MAX_VALUE);
        assertThat(ContainerMemory.bytes(conf("yarn"), DRIVER)).isEqualTo(Long.MAX_VALUE);
        SparkConf cluster = conf("yarn").set("spark.submit.deployMode", "cluster");
        assertThat(ContainerMemory.bytes(cluster, DRIVER))
                .as("what Spark gives if nobody asks for more")
                .isEqualTo((1024 + 384) * MIB);
        assertThat(ContainerMemory.bytes(cluster.set("spark.driver.memoryOverheadFactor", "1.0"), DRIVER))
                .isEqualTo(2048 * MIB);
        assertThat(ContainerMemory.bytes(conf("spark://master:7077").set("spark.submit.deployMode", "cluster"), DRIVER))
                .as("a standalone worker limits no driver")
                .isEqualTo(Long.MAX_VALUE);
    }

    private static String asked(SparkConf conf) {
        ContainerMemory.askForExecutors(conf);
        return conf.get("spark.executor.memoryOverhead");
    }

    private static SparkConf conf(String master) {
        return new SparkConf(false).set("spark.master", master);
    }
}
