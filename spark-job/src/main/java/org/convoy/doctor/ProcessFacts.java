package org.convoy.doctor;

import com.sun.management.OperatingSystemMXBean;
import java.io.Serializable;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.apache.hadoop.util.VersionInfo;
import org.apache.spark.SparkEnv;
import org.apache.spark.package$;
import org.apache.spark.storage.BlockManagerId;
import org.convoy.cli.TaskGpu;
import org.convoy.cli.TaskNatives;
import org.convoy.model.StockDl4j;
import org.convoy.model.engine.Backend;
import org.convoy.model.engine.Gpu;
import org.convoy.model.engine.NativeSettings;
import org.convoy.model.engine.SpeedProbe;
import org.convoy.runtime.ConvoyVersion;
import scala.util.Properties;

/**
 * What one process of Spark says of itself, in one of its tasks or on the driver.
 *
 * @param process host and executor, or {@code driver}
 * @param pid its number there
 * @param cores that the machine or container has
 * @param nativeSettings what ND4J runs with, in one line; empty if it could not be loaded
 * @param nativeProblem why it could not be loaded, or why it is slow; empty if all is well
 * @param heapBytes largest Java heap
 * @param offHeapBytes largest memory of ND4J; 0 if it could not be loaded
 * @param memoryBytes of the machine or container
 * @param epochMillis its clock
 * @param gpus of its machine
 * @param gpuAddress of the task's GPU; empty if it has none
 * @param gpuProblem why that one cannot be used; empty if it can
 */
public record ProcessFacts(
        String process,
        String host,
        long pid,
        int cores,
        Versions versions,
        String nativeSettings,
        String nativeProblem,
        long heapBytes,
        long offHeapBytes,
        long memoryBytes,
        long epochMillis,
        List<Gpu> gpus,
        String gpuAddress,
        String gpuProblem)
        implements Serializable {

    /** Of what must be the same everywhere. */
    public record Versions(String convoy, String java, String spark, String scala, String hadoop, String dl4j)
            implements Serializable {
        static Versions here() {
            return new Versions(
                    ConvoyVersion.current(),
                    Runtime.version().toString(),
                    package$.MODULE$.SPARK_VERSION(),
                    Properties.versionNumberString(),
                    VersionInfo.getVersion(),
                    StockDl4j.version());
        }

        @Override
        public String toString() {
            return String.format(
                    Locale.ROOT,
                    "Convoy %s, Java %s, Spark %s, Scala %s, Hadoop %s, DL4J %s",
                    convoy,
                    java,
                    spark,
                    scala,
                    hadoop,
                    dl4j);
        }
    }

    /** ND4J in this process. */
    private record Natives(String settings, String problem, long offHeapBytes) {
        static Natives here() {
            try {
                NativeSettings settings = TaskNatives.apply();
                String problem = settings.backend() == Backend.CPU
                        ? SpeedProbe.run(settings).warning().orElse("")
                        : "";
                return new Natives(settings.describe(), problem, settings.offHeapBytes());
            } catch (RuntimeException | LinkageError e) {
                return new Natives("", String.valueOf(e.getMessage()), 0);
            }
        }
    }

    /** Of this process. */
    static ProcessFacts here() {
        BlockManagerId process = SparkEnv.get().blockManager().blockManagerId();
        Optional<String> gpuProblem = TaskGpu.problem();
        Natives natives = Natives.here();
        OperatingSystemMXBean machine = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
        return new ProcessFacts(
                process.isDriver() ? "driver" : process.host() + "/" + process.executorId(),
                process.host(),
                ProcessHandle.current().pid(),
                Runtime.getRuntime().availableProcessors(),
                Versions.here(),
                natives.settings(),
                natives.problem(),
                Runtime.getRuntime().maxMemory(),
                natives.offHeapBytes(),
                machine.getTotalMemorySize(),
                System.currentTimeMillis(),
                Gpu.installed(),
                TaskGpu.address().orElse(""),
                gpuProblem.orElse(""));
    }
}
