package org.convoy.runtime;

import com.codahale.metrics.Gauge;
import org.apache.spark.api.plugin.DriverPlugin;
import org.apache.spark.api.plugin.ExecutorPlugin;
import org.apache.spark.api.plugin.PluginContext;
import org.apache.spark.api.plugin.SparkPlugin;

/** Shows each {@link JobFigure} as a gauge of Spark's metrics system, and so to all its sinks, on the driver. */
public final class MetricsPlugin implements SparkPlugin {
    @Override
    public DriverPlugin driverPlugin() {
        return new DriverPlugin() {
            @Override
            public void registerMetrics(String applicationId, PluginContext context) {
                for (JobFigure figure : JobFigure.values()) {
                    context.metricRegistry().register(figure.label(), (Gauge<Double>) figure::value);
                }
            }
        };
    }

    @Override
    public ExecutorPlugin executorPlugin() {
        return null;
    }
}
