package org.convoy.cli;

import java.util.Map;
import org.apache.spark.api.plugin.DriverPlugin;
import org.apache.spark.api.plugin.ExecutorPlugin;
import org.apache.spark.api.plugin.PluginContext;
import org.apache.spark.api.plugin.SparkPlugin;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the native settings when an executor starts, before its first task. A task that decodes pictures loads OpenCV, and with it
 * the OpenBLAS that ND4J computes with: after that it would be too late for a task that trains.
 */
public final class NativesPlugin implements SparkPlugin {
    private static final Logger LOG = LoggerFactory.getLogger(NativesPlugin.class);

    @Override
    public DriverPlugin driverPlugin() {
        return null;
    }

    @Override
    public ExecutorPlugin executorPlugin() {
        return new ExecutorPlugin() {
            @Override
            public void init(PluginContext context, Map<String, String> fromDriver) {
                try {
                    TaskNatives.apply(TaskGpu.addresses(context.resources()));
                } catch (RuntimeException e) {
                    // Tasks that need the settings ask for them again, and fail with a message that reaches the user.
                    LOG.warn("Cannot make the native settings: {}", e.getMessage());
                }
            }
        };
    }
}
