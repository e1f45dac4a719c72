package org.convoy.model;

import java.nio.FloatBuffer;
import org.convoy.model.layer.FastLayers;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A replica on DL4J, with Convoy's layers and Convoy's local step. */
final class Dl4jReplica implements Replica {
    private final MultiLayerNetwork network;
    private final Batch batch;
    private final double labelSmoothing;
    private final LocalStep step;

    Dl4jReplica(NetworkSpec spec) {
        network = spec.network();
        FastLayers.install(network);
        batch = new Batch(spec.input(), spec.classes(), spec.normalisation());
        labelSmoothing = spec.optimiser().regularisation().labelSmoothing();
        step = LocalStep.of(network, spec.optimiser());
    }

    @Override
    public void load(FloatBuffer parameters, FloatBuffer optimiserState, int iteration) {
        FlatVector.write(parameters, network.params());
        INDArray state = network.getUpdater().getStateViewArray();
        if (state != null) {
            if (optimiserState.hasRemaining()) {
                FlatVector.write(optimiserState, state);
            } else {
                state.assign(0);
            }
        }
        network.setIterationCount(iteration);
    }

    @Override
    public double fit(byte[] pixels, int[] labels, double learningRate) {
        try (INDArray features = batch.features(pixels, labels.length);
                INDArray targets = batch.oneHot(labels, labelSmoothing)) {
            network.setInput(features);
            network.setLabels(targets);
            network.computeGradientAndScore();
        }
        // What the layers kept lies in workspaces that are closed now.
        for (Layer layer : network.getLayers()) {
            layer.clear();
        }
        step.take(labels.length, network.getIterationCount(), learningRate);
        network.setIterationCount(network.getIterationCount() + 1);
        return network.score();
    }

    @Override
    public FloatBuffer parameters() {
        return FlatVector.view(network.params());
    }

    @Override
    public FloatBuffer optimiserState() {
        INDArray state = network.getUpdater().getStateViewArray();
        return state == null ? FloatBuffer.allocate(0) : FlatVector.view(state);
    }

    MultiLayerNetwork network() {
        return network;
    }
}
