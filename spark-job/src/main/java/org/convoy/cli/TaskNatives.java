package org.convoy.cli;

import java.util.Collection;
import java.util.Optional;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkEnv;
import org.convoy.model.engine.Backend;
import org.convoy.model.engine.ContainerTooSmallException;
import org.convoy.model.engine.GpuDevice;
import org.convoy.model.engine.NativeSettings;
import org.convoy.model.engine.SpeedProbe;
import org.convoy.runtime.UserError;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * ND4J's native settings for a process of Spark, driver or executor: one worker computes with a task's cores, and takes what the
 * container has beside the heap.
 */
public final class TaskNatives {
    private static final Logger LOG = LoggerFactory.getLogger(TaskNatives.class);

    private TaskNatives() {}

    /**
     * Makes the settings, once in the life of the process, and warns if the process computes far slower than its kind of
     * processor does. Must come before the first use of ND4J. In a task that has a GPU it is this one that the task's thread
     * computes on from now on.
     *
     * @throws UserError (usage) if the container has no memory for ND4J
     */
    public static NativeSettings apply() {
        Optional<String> gpu = TaskGpu.address();
        NativeSettings settings = apply(gpu.stream().toList());
        if (settings.backend() == Backend.CUDA) {
            gpu.ifPresent(GpuDevice::use);
        }
        return settings;
    }

    /**
     * Lets another thread of a task compute on the task's GPU; nothing where the process computes on processors.
     *
     * @param gpu as {@link TaskGpu#address()} in the task's thread
     */
    public static void computeOn(String gpu) {
        NativeSettings.applied()
                .filter(settings -> settings.backend() == Backend.CUDA)
                .ifPresent(settings -> GpuDevice.use(gpu));
    }

    /**
     * The settings alone, where no task is running.
     *
     * @param gpus addresses of those that the process has
     */
    static NativeSettings apply(Collection<String> gpus) {
        boolean first = NativeSettings.applied().isEmpty();
        NativeSettings settings = make(TaskGpu.backend(gpus));
        if (first && settings.backend() == Backend.CPU) {
            SpeedProbe.run(settings).warning().ifPresent(LOG::warn);
        }
        return settings;
    }

    private static NativeSettings make(Backend backend) {
        SparkConf conf = SparkEnv.get().conf();
        String process = SparkEnv.get().executorId();
        try {
            return NativeSettings.apply(
                    conf.getInt("spark.task.cpus", 1), ContainerMemory.bytes(conf, process), backend);
        } catch (ContainerTooSmallException e) {
            String prefix = ContainerMemory.isDriver(process) ? "spark.driver" : "spark.executor";
            throw UserError.usage(e.getMessage() + " (" + prefix + ".memory, " + prefix + ".memoryOverhead)");
        }
    }
}
