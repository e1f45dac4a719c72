package org.convoy.cli;

import org.apache.spark.SparkEnv;
import org.convoy.model.engine.NativeSettings;
import org.convoy.model.engine.SpeedProbe;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** ND4J's native settings for a process of Spark, driver or executor: one worker computes with a task's cores. */
public final class TaskNatives {
    private static final Logger LOG = LoggerFactory.getLogger(TaskNatives.class);

    private TaskNatives() {}

    /**
     * Makes the settings, once in the life of the process, and warns if the process computes far slower than its kind of
     * processor does. Must come before the first use of ND4J.
     */
    public static NativeSettings apply() {
        boolean first = NativeSettings.applied().isEmpty();
        NativeSettings settings = NativeSettings.apply(SparkEnv.get().conf().getInt("spark.task.cpus", 1));
        if (first) {
            SpeedProbe.run(settings).warning().ifPresent(LOG::warn);
        }
        return settings;
    }
}
