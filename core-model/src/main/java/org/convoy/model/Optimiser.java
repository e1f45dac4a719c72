package org.convoy.model;

import java.io.Serializable;
import java.util.List;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Nesterovs;
import org.nd4j.linalg.learning.config.Sgd;

/**
 * The rule that turns a gradient into a step.
 *
 * @param name {@code sgd}, {@code nesterov} (Sutskever et al. 2013) or {@code adam} (Kingma and Ba 2015; β1 0.9, β2 0.999)
 * @param learningRate η, above 0
 * @param momentum μ of {@code nesterov}, in [0, 1); the others take no notice of it
 */
public record Optimiser(String name, double learningRate, double momentum) implements Serializable {
    /** The names there are. */
    public static final List<String> NAMES = List.of("sgd", "nesterov", "adam");

    public Optimiser {
        if (!NAMES.contains(name)) {
            throw new IllegalArgumentException(
                    "train.optimiser.name must be one of " + NAMES + " but was '" + name + "'");
        }
        if (!(learningRate > 0) || Double.isInfinite(learningRate)) {
            throw new IllegalArgumentException("train.optimiser.learning-rate must be above 0 but was " + learningRate);
        }
        if (!(momentum >= 0 && momentum < 1)) {
            throw new IllegalArgumentException("train.optimiser.momentum must be in [0, 1) but was " + momentum);
        }
    }

    IUpdater updater() {
        return switch (name) {
            case "sgd" -> new Sgd(learningRate);
            case "nesterov" -> new Nesterovs(learningRate, momentum);
            default -> new Adam(learningRate);
        };
    }
}
