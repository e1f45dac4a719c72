package org.convoy.model.architecture;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.nd4j.linalg.activations.Activation;

/** The activation functions of hidden layers. */
public enum Nonlinearity {
    /** 1 / (1 + e^-x). */
    SIGMOID(Activation.SIGMOID),
    /** (e^x - e^-x) / (e^x + e^-x). */
    TANH(Activation.TANH),
    /** max(x, 0): Nair and Hinton 2010. */
    RELU(Activation.RELU),
    /** x, or 0.01·x below 0: Maas et al. 2013. */
    LEAKY_RELU(Activation.LEAKYRELU),
    /** x, or e^x - 1 below 0: Clevert et al. 2016, α = 1. */
    ELU(Activation.ELU),
    /** x·σ(1.702·x), Hendrycks and Gimpel's own approximation (2016, section 2), which DL4J computes. */
    GELU(Activation.GELU),
    /** x·σ(x): Ramachandran et al. 2017, β = 1. */
    SWISH(Activation.SWISH),
    /** The larger of two affine functions: Goodfellow et al. 2013. A layer has twice the weights. */
    MAXOUT(Activation.IDENTITY);

    private final Activation function;

    Nonlinearity(Activation function) {
        this.function = function;
    }

    /** What follows the affine part of a layer. */
    Activation function() {
        return function;
    }

    /** The name in configuration: kebab case. */
    String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** The one of that name in configuration. */
    static Optional<Nonlinearity> named(String label) {
        return Arrays.stream(values())
                .filter(constant -> constant.label().equals(label))
                .findFirst();
    }

    static List<String> labels() {
        return Arrays.stream(values()).map(Nonlinearity::label).toList();
    }
}
