package org.convoy.model;

import org.convoy.model.layer.LayerPlan;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A trained network that answers for pictures. Not thread-safe: one per task. */
public final class Classifier {
    private final Dl4jNetwork network;
    private final ModelCard card;
    private final Normalisation normalisation;
    private final LayerPlan plan;
    private final Batch batch;

    /**
     * What a network says of some pictures.
     *
     * @param probabilities float32, N·classes
     * @param activations of the layer that was asked for, float32, N times its values (of maps C·H·W)
     */
    @SuppressWarnings("ArrayRecordComponent") // carried, never compared
    public record Answer(float[] probabilities, float[] activations) {}

    Classifier(Dl4jNetwork network, ModelCard card, Normalisation normalisation) {
        this.network = network;
        this.card = card;
        this.normalisation = normalisation;
        this.plan = network.installFastLayers();
        this.batch = new Batch(card.input(), card.classes().size(), normalisation);
    }

    /** The network's layers, and the vertices of a graph, from the picture to the classes, with what computes each. */
    public LayerPlan plan() {
        return plan;
    }

    /**
     * Class probabilities.
     *
     * @param pixels uint8, N·C·H·W, not normalised
     * @param pictures N, at least 1
     * @return float32, N·classes; each picture's probabilities sum to 1
     */
    public float[] probabilities(byte[] pixels, int pictures) {
        try (INDArray features = batch.features(pixels, pictures);
                INDArray output = network.output(features)) {
            return output.dup('c').data().asFloat();
        }
    }

    /**
     * Class probabilities and what one layer gives, from one pass.
     *
     * @param layer one of {@link #plan()}'s
     * @param pixels uint8, N·C·H·W, not normalised
     * @param pictures N, at least 1
     */
    public Answer answer(String layer, byte[] pixels, int pictures) {
        try (INDArray features = batch.features(pixels, pictures)) {
            INDArray[] outputs = network.outputAndActivation(layer, features);
            return new Answer(
                    outputs[0].dup('c').data().asFloat(),
                    outputs[1].dup('c').data().asFloat());
        }
    }

    /** Another one, for another thread; the parameters are in memory once. */
    public Classifier sharingParameters() {
        return new Classifier(network.sharingParameters(), card, normalisation);
    }
}
