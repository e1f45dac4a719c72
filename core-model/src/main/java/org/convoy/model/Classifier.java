package org.convoy.model;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.convoy.model.layer.LayerPlan;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A trained network that answers for pictures. Not thread-safe: one per task. */
public final class Classifier {
    private final MultiLayerNetwork network;
    private final LayerPlan plan;
    private final Batch batch;

    Classifier(MultiLayerNetwork network, LayerPlan plan, ModelCard card, Normalisation normalisation) {
        this.network = network;
        this.plan = plan;
        this.batch = new Batch(card.input(), card.classes().size(), normalisation);
    }

    /**
     * One layer of the network.
     *
     * @param type DL4J's name for the kind of layer
     * @param stockBecause why DL4J's own layer computes it; empty if Convoy's does
     */
    public record LayerSummary(String name, String type, long parameters, Optional<String> stockBecause) {}

    /** The network's layers from the picture to the classes. */
    public List<LayerSummary> layers() {
        List<LayerSummary> layers = new ArrayList<>();
        for (int i = 0; i < network.getnLayers(); i++) {
            LayerPlan.Placement placement = plan.placements().get(i);
            layers.add(new LayerSummary(
                    placement.layer(), placement.type(), network.getLayer(i).numParams(), placement.stockBecause()));
        }
        return layers;
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
