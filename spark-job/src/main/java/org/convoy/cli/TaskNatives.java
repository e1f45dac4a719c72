package org.convoy.cli;

import org.apache.spark.SparkEnv;
import org.convoy.model.engine.NativeSettings;

/** ND4J's native settings for a process of Spark, driver or executor: one worker computes with a task's cores. */
public final class TaskNatives {
    private TaskNatives() {}

    /** Makes the settings, once in the life of the process; must come before the first use of ND4J. */
    public static NativeSettings apply() {
        return NativeSettings.apply(SparkEnv.get().conf().getInt("spark.task.cpus", 1));
    }
}
