package org.convoy.model;

import org.convoy.model.layer.LayerPlan;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A trained network that answers for pictures. Not thread-safe: one per task. */
public final class Classifier {
    private final Dl4jNetwork network;
    private final LayerPlan plan;
    private final Batch batch;

    Classifier(Dl4jNetwork network, ModelCard card, Normalisation normalisation) {
        this.network = network;
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
}
