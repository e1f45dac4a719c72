package org.convoy.model.architecture;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.deeplearning4j.nn.weights.WeightInit;

/** How weights start, but for those of the last layer, which start by Xavier's rule. Biases start at 0. */
public enum Initialisation {
    /** Normal, variance 2 / inputs: He et al. 2015, section 2.2. For ReLU and its like. */
    HE(WeightInit.RELU),
    /** Normal, variance 2 / (inputs + outputs): Glorot and Bengio 2010, equation 12. For tanh and sigmoid. */
    XAVIER(WeightInit.XAVIER);

    private final WeightInit weights;

    Initialisation(WeightInit weights) {
        this.weights = weights;
    }

    WeightInit weights() {
        return weights;
    }

    /** The name in configuration. */
    String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The one of that name in configuration. */
    static Optional<Initialisation> named(String label) {
        return Arrays.stream(values())
                .filter(constant -> constant.label().equals(label))
                .findFirst();
    }

    static List<String> labels() {
        return Arrays.stream(values()).map(Initialisation::label).toList();
    }
}
