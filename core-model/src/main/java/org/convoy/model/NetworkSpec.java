package org.convoy.model;

import java.io.Serializable;
import java.util.Objects;
import org.convoy.model.engine.NativeSettings;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;

/**
 * Everything that decides a network before its first step. Equal specifications give equal initial parameters. Small and
 * Serializable: it is what travels to executors in place of a network.
 *
 * @param architecture which network
 * @param input shape of one picture
 * @param classes number of classes, 2 or more
 * @param normalisation how pixels are read
 * @param optimiser the local step
 * @param seed of the initial parameters
 */
public record NetworkSpec(
        Architecture architecture,
        InputShape input,
        int classes,
        Normalisation normalisation,
        Optimiser optimiser,
        long seed)
        implements Serializable {
    public NetworkSpec {
        Objects.requireNonNull(architecture, "architecture");
        if (classes < 2) {
            throw new IllegalArgumentException("classes must be at least 2 but was " + classes);
        }
        if (normalisation.shift().size() != input.channels()) {
            throw new IllegalArgumentException("normalisation must have " + input.channels() + " channels but had "
                    + normalisation.shift().size());
        }
        NativeSettings.ensureApplied();
        // Fails here, on the driver, if the picture is too small for the network.
        architecture.configuration(input, classes, optimiser, seed);
    }

    /** A fresh replica with the initial parameters that {@link #seed} gives. */
    public Replica replica() {
        return new Dl4jReplica(this);
    }

    /** The network on stock layers, with its initial parameters. */
    MultiLayerNetwork network() {
        NativeSettings.ensureApplied();
        MultiLayerNetwork network = new MultiLayerNetwork(architecture.configuration(input, classes, optimiser, seed));
        network.init();
        return network;
    }
}
