package org.convoy.retrain;

import com.typesafe.config.Config;
import java.util.Map;
import java.util.TreeMap;

/**
 * How good a candidate must be; {@code reference.conf} documents each key below {@code retrain.gates}.
 *
 * @param tolerance by how much the metric may be lower than the current version's
 * @param significance at which a lower metric counts as no chance
 * @param labelDrift by how much the current version's metric may be lower on new pictures than on those of its time
 * @param classRecall lowest recall of a class
 * @param classRecalls likewise for classes by name
 * @param calibrationError largest expected calibration error
 * @param predictionDrift largest population stability index of the answers
 * @param classMixDrift largest population stability index of the new pictures' classes
 * @param channelDrift how far the new pictures' channels may be off, in standard deviations
 * @param sizeRatio how many times as large as the current version's archive
 * @param timeRatio how many times as long a picture may take
 */
record GateLimits(
        GateMetric metric,
        double tolerance,
        double significance,
        double labelDrift,
        double classRecall,
        Map<String, Double> classRecalls,
        double calibrationError,
        double predictionDrift,
        double classMixDrift,
        double channelDrift,
        double sizeRatio,
        double timeRatio) {

    private static final String SECTION = "retrain.gates.";

    GateLimits {
        requireRange("tolerance", tolerance, 0, 1);
        requireRange("significance", significance, 0, 0.5);
        requireRange("label-drift", labelDrift, 0, 1);
        requireRange("class-recall", classRecall, 0, 1);
        classRecalls.forEach((name, recall) -> requireRange("class-recalls." + name, recall, 0, 1));
        requireRange("calibration-error", calibrationError, 0, 1);
        requireRange("prediction-drift", predictionDrift, 0, Double.MAX_VALUE);
        requireRange("class-mix-drift", classMixDrift, 0, Double.MAX_VALUE);
        requireRange("channel-drift", channelDrift, 0, Double.MAX_VALUE);
        requireRange("size-ratio", sizeRatio, 0, Double.MAX_VALUE);
        requireRange("time-ratio", timeRatio, 0, Double.MAX_VALUE);
    }

    /** Reads section {@code retrain.gates}. */
    static GateLimits from(Config gates) {
        return new GateLimits(
                RetrainConfig.oneOf(
                        SECTION + "metric", GateMetric.values(), GateMetric::label, gates.getString("metric")),
                gates.getDouble("tolerance"),
                gates.getDouble("significance"),
                gates.getDouble("label-drift"),
                gates.getDouble("class-recall"),
                recalls(gates.getObject("class-recalls").unwrapped()),
                gates.getDouble("calibration-error"),
                gates.getDouble("prediction-drift"),
                gates.getDouble("class-mix-drift"),
                gates.getDouble("channel-drift"),
                gates.getDouble("size-ratio"),
                gates.getDouble("time-ratio"));
    }

    private static Map<String, Double> recalls(Map<String, Object> given) {
        Map<String, Double> recalls = new TreeMap<>();
        given.forEach((name, recall) -> {
            if (!(recall instanceof Number number)) {
                throw new IllegalArgumentException(
                        SECTION + "class-recalls." + name + " must be a number but was " + recall);
            }
            recalls.put(name, number.doubleValue());
        });
        return recalls;
    }

    private static void requireRange(String key, double value, double least, double most) {
        if (!(value >= least && value <= most)) {
            throw new IllegalArgumentException(SECTION + key + " must be "
                    + (most == Double.MAX_VALUE ? least + " or more" : "from " + least + " to " + most) + " but was "
                    + value);
        }
    }

    /** The lowest recall that a class may have. */
    double recallOf(String className) {
        return classRecalls.getOrDefault(className, classRecall);
    }
}
