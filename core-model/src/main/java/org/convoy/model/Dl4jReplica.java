package org.convoy.model;

import org.convoy.model.layer.FastLayers;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A replica on DL4J, with Convoy's layers. */
final class Dl4jReplica implements Replica {
    private final MultiLayerNetwork network;
    private final Batch batch;

    Dl4jReplica(NetworkSpec spec) {
        network = spec.network();
        FastLayers.install(network);
        batch = new Batch(spec.input(), spec.classes(), spec.normalisation());
    }

    @Override
    public void load(float[] parameters, float[] optimiserState, int iteration) {
        FlatVector.write(parameters, network.params());
        INDArray state = network.getUpdater().getStateViewArray();
        if (state != null) {
            if (optimiserState.length == 0) {
                state.assign(0);
            } else {
                FlatVector.write(optimiserState, state);
            }
        }
        network.setIterationCount(iteration);
    }

    @Override
    public double fit(byte[] pixels, int[] labels) {
        try (INDArray features = batch.features(pixels, labels.length);
                INDArray oneHot = batch.oneHot(labels)) {
            network.fit(features, oneHot);
            return network.score();
        }
    }

    @Override
    public float[] parameters() {
        return FlatVector.read(network.params());
    }

    @Override
    public float[] optimiserState() {
        INDArray state = network.getUpdater().getStateViewArray();
        return state == null ? new float[0] : FlatVector.read(state);
    }

    MultiLayerNetwork network() {
        return network;
    }
}
