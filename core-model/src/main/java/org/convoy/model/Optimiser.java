package org.convoy.model;

import java.io.Serializable;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Nesterovs;
import org.nd4j.linalg.learning.config.Sgd;

/**
 * The rule that turns a gradient into a step; {@link LocalStep} takes it.
 *
 * @param name {@code sgd}; {@code nesterov} (Sutskever et al. 2013); {@code adam} (Kingma and Ba 2015; β1 0.9, β2 0.999);
 *     {@code adamw}, Adam with weight decay (Loshchilov and Hutter 2019); {@code lamb} (You et al. 2020) and {@code lars}
 *     (You, Gitman and Ginsburg 2017), whose steps are in proportion to each layer's weights
 * @param learningRate η, above 0; the schedule's base
 * @param momentum μ of {@code nesterov} and {@code lars}, in [0, 1); the others take no notice of it
 * @param layerRates what η is multiplied by, above 0, in layers whose names begin with the key; the longest such key counts
 */
public record Optimiser(
        String name,
        double learningRate,
        double momentum,
        Regularisation regularisation,
        Schedule schedule,
        Map<String, Double> layerRates)
        implements Serializable {
    /** The names there are. */
    public static final List<String> NAMES = List.of("sgd", "nesterov", "adam", "adamw", "lamb", "lars");

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
        if (name.equals("adam") && regularisation.weightDecay() > 0) {
            throw new IllegalArgumentException("train.optimiser.weight-decay must be 0 for adam (adamw has it) but was "
                    + regularisation.weightDecay());
        }
        Objects.requireNonNull(schedule, "schedule");
        layerRates = Map.copyOf(layerRates);
        layerRates.forEach((layer, factor) -> {
            if (!(factor > 0) || Double.isInfinite(factor)) {
                throw new IllegalArgumentException(
                        "train.optimiser.layer-rates." + layer + " must be above 0 but was " + factor);
            }
        });
    }

    /** All layers step at the same rate. */
    public Optimiser(
            String name, double learningRate, double momentum, Regularisation regularisation, Schedule schedule) {
        this(name, learningRate, momentum, regularisation, schedule, Map.of());
    }

    /** At a constant rate, without regularisation. */
    public Optimiser(String name, double learningRate, double momentum) {
        this(name, learningRate, momentum, Regularisation.NONE, new Schedule.Constant());
    }

    /** The same rule at the base rate {@code rate}. */
    public Optimiser withLearningRate(double rate) {
        return new Optimiser(name, rate, momentum, regularisation, schedule, layerRates);
    }

    /** η at {@code progress} in [0, 1] of the training. */
    public double rate(double progress) {
        return schedule.rate(learningRate, progress);
    }

    /** What η is multiplied by in the layer of this name. */
    double rateFactor(String layer) {
        return layerRates.keySet().stream()
                .filter(prefix -> layer.startsWith(prefix))
                .max(Comparator.comparingInt(String::length))
                .map(layerRates::get)
                .orElse(1.0);
    }

    /** DL4J's updater of the same state: what a stock archive says, and what goes on training in stock DL4J. */
    IUpdater updater() {
        return switch (name) {
            case "sgd" -> new Sgd(learningRate);
            case "nesterov", "lars" -> new Nesterovs(learningRate, momentum);
            default -> new Adam(learningRate);
        };
    }
}
