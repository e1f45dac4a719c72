package org.convoy.model.architecture;

import java.util.Optional;
import java.util.function.Consumer;

/**
 * A network as it was published: its layers, and what it has of the things that may be chosen.
 *
 * @param name in configuration and model cards
 * @param layers adds them to a blueprint's picture
 * @param dropout share that is dropped where the network drops any; empty if it has no dropout
 * @param batchNorm whether there is batch norm behind its convolutions, to be chosen; empty if it is fixed
 * @param alwaysBatchNorm whether there is, where it is fixed
 * @param localResponseNorm whether it has that; empty if there is no place for it
 */
record Recipe(
        String name,
        Consumer<Activations> layers,
        Nonlinearity activation,
        Initialisation initialisation,
        Optional<Double> dropout,
        Optional<Boolean> batchNorm,
        boolean alwaysBatchNorm,
        Optional<Boolean> localResponseNorm) {

    /** A network with ReLU, He's initialisation, and nothing else to be chosen but its width. */
    static Recipe of(String name, Consumer<Activations> layers) {
        return new Recipe(
                name,
                layers,
                Nonlinearity.RELU,
                Initialisation.HE,
                Optional.empty(),
                Optional.empty(),
                false,
                Optional.empty());
    }

    Recipe withTanh() {
        return new Recipe(
                name,
                layers,
                Nonlinearity.TANH,
                Initialisation.XAVIER,
                dropout,
                batchNorm,
                alwaysBatchNorm,
                localResponseNorm);
    }

    Recipe withDropout(double share) {
        return new Recipe(
                name,
                layers,
                activation,
                initialisation,
                Optional.of(share),
                batchNorm,
                alwaysBatchNorm,
                localResponseNorm);
    }

    /** May have batch norm, and was published without. */
    Recipe withBatchNormToChoose() {
        return new Recipe(
                name, layers, activation, initialisation, dropout, Optional.of(false), false, localResponseNorm);
    }

    Recipe withBatchNorm() {
        return new Recipe(name, layers, activation, initialisation, dropout, batchNorm, true, localResponseNorm);
    }

    /** May do without local response normalisation, and was published with it. */
    Recipe withLocalResponseNorm() {
        return new Recipe(
                name, layers, activation, initialisation, dropout, batchNorm, alwaysBatchNorm, Optional.of(true));
    }
}
