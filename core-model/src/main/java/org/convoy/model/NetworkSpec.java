package org.convoy.model;

import java.io.Serializable;
import java.util.List;
import java.util.Objects;
import org.convoy.model.engine.NativeSettings;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.layers.BaseOutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.lossfunctions.impl.LossMCXENT;

/**
 * Everything that decides a network before its first step. Equal specifications give equal initial parameters. Small and
 * Serializable: it is what travels to executors in place of a network.
 *
 * @param architecture which network
 * @param input shape of one picture
 * @param classes number of classes, 2 or more
 * @param normalisation how pixels are read
 * @param optimiser the local step
 * @param classWeights w, one per class, above 0: how much an example of the class counts; empty if all count the same, which
 *     examples with weights of their own must not ({@link Labels#weights}). The
 *     gradient of N examples is Σ w·g / N, as in Keras and DL4J, so that means over workers are those of the joined batch.
 *     The archive's configuration says them, so stock DL4J trains on with them
 * @param seed of the initial parameters
 */
public record NetworkSpec(
        Architecture architecture,
        InputShape input,
        int classes,
        Normalisation normalisation,
        Optimiser optimiser,
        List<Double> classWeights,
        long seed)
        implements Serializable {
    public NetworkSpec {
        Objects.requireNonNull(architecture, "architecture");
        if (classes < 2) {
            throw new IllegalArgumentException("classes must be at least 2 but was " + classes);
        }
        normalisation.requireFits(input);
        classWeights = List.copyOf(classWeights);
        if (!classWeights.isEmpty() && classWeights.size() != classes) {
            throw new IllegalArgumentException(
                    "class weights must be " + classes + ", one per class, but were " + classWeights.size());
        }
        for (double weight : classWeights) {
            if (!(weight > 0) || Double.isInfinite(weight)) {
                throw new IllegalArgumentException("class weights must be above 0 but were " + classWeights);
            }
        }
        NativeSettings.ensureApplied();
        // Fails here, on the driver, if the picture is too small for the network.
        architecture.configuration(input, classes, optimiser, seed);
    }

    /** All classes count the same. */
    public NetworkSpec(
            Architecture architecture,
            InputShape input,
            int classes,
            Normalisation normalisation,
            Optimiser optimiser,
            long seed) {
        this(architecture, input, classes, normalisation, optimiser, List.of(), seed);
    }

    /** The same network with another local step. */
    public NetworkSpec with(Optimiser other) {
        return new NetworkSpec(architecture, input, classes, normalisation, other, classWeights, seed);
    }

    /** How much the examples with these labels count on the average. */
    double meanWeight(Labels labels) {
        if (classWeights.isEmpty()) {
            return 1;
        }
        double sum = 0;
        for (int i = 0; i < labels.size(); i++) {
            double share = labels.shares()[i];
            double byClass =
                    share * classWeights.get(labels.first()[i]) + (1 - share) * classWeights.get(labels.second()[i]);
            sum += labels.weights()[i] * byClass;
        }
        return sum / labels.size();
    }

    /** A fresh replica with the initial parameters that {@link #seed} gives. */
    public Replica replica() {
        return new Dl4jReplica(this);
    }

    /** The network on stock layers, with its initial parameters. */
    MultiLayerNetwork network() {
        NativeSettings.ensureApplied();
        MultiLayerConfiguration configuration = architecture.configuration(input, classes, optimiser, seed);
        if (!classWeights.isEmpty()) {
            weigh((BaseOutputLayer)
                    configuration.getConf(configuration.getConfs().size() - 1).getLayer());
        }
        MultiLayerNetwork network = new MultiLayerNetwork(configuration);
        network.init();
        return network;
    }

    /** DL4J's weighted loss has the gradient p·Σw·t - w·t at the softmax: w·(p - t) where t is one-hot. */
    private void weigh(BaseOutputLayer output) {
        output.setLossFn(new LossMCXENT(Nd4j.createFromArray(
                classWeights.stream().mapToDouble(Double::doubleValue).toArray())));
    }
}
