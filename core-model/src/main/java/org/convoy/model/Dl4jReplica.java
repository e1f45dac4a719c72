package org.convoy.model;

import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.zip.CRC32;
import org.convoy.model.layer.ObservingPass;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** A replica on DL4J, with Convoy's layers and Convoy's local step. */
final class Dl4jReplica implements Replica {
    private final NetworkSpec spec;
    private final Dl4jNetwork network;
    private final Batch batch;
    private final double labelSmoothing;
    /** θ without its frozen part, in the network's own memory. */
    private final FloatBuffer trained;

    private final LocalStep step;
    private final long seed;
    private final boolean dropout;

    Dl4jReplica(NetworkSpec spec) {
        this.spec = spec;
        network = spec.network();
        network.installFastLayers();
        network.freeze(spec.frozenLayers());
        trained = FlatVector.view(network.parameters())
                .position(spec.frozenParameters())
                .slice();
        batch = new Batch(spec.input(), spec.classes(), spec.normalisation());
        labelSmoothing = spec.optimiser().regularisation().labelSmoothing();
        step = LocalStep.of(network, spec.frozenParameters(), spec.optimiser());
        seed = spec.seed();
        dropout = Arrays.stream(network.layers())
                .anyMatch(layer -> layer.conf().getLayer().getIDropout() != null);
    }

    @Override
    public void load(FloatBuffer parameters, FloatBuffer optimiserState, int iteration) {
        FlatVector.write(parameters, trained);
        FlatVector.written(network.parameters());
        INDArray state = network.optimiserState();
        if (state != null) {
            if (optimiserState.hasRemaining()) {
                FlatVector.write(optimiserState, state);
            } else {
                state.assign(0);
            }
        }
        network.setIteration(iteration);
    }

    @Override
    public double fit(byte[] pixels, Labels labels, double learningRate) {
        if (dropout) {
            seedDropout(pixels);
        }
        try (INDArray features = batch.features(pixels, labels.size());
                INDArray targets = batch.targets(labels, labelSmoothing)) {
            double loss = network.computeGradient(features, targets);
            FlatVector.fetch(network.gradient());
            step.take(labels.size(), network.iteration(), learningRate);
            FlatVector.written(network.parameters());
            network.setIteration(network.iteration() + 1);
            return loss / spec.meanWeight(labels);
        }
    }

    @Override
    public ObservedStatistics observe(byte[] pixels, int pictures) {
        try (INDArray features = batch.features(pixels, pictures)) {
            return ObservedStatistics.of(pictures, ObservingPass.over(network.layers(), () -> network.output(features)
                    .close()));
        }
    }

    /**
     * Makes what dropout draws next a pure function of the network's seed, the step and the batch: equal again in a retried
     * task and after a checkpoint, and another for each worker. ND4J has one generator per thread.
     */
    private void seedDropout(byte[] pixels) {
        CRC32 batchDigest = new CRC32();
        batchDigest.update(pixels);
        long step = 31 * seed + network.iteration();
        Nd4j.getRandom().setSeed(step << 32 ^ batchDigest.getValue());
    }

    @Override
    public FloatBuffer parameters() {
        return trained.duplicate();
    }

    @Override
    public FloatBuffer optimiserState() {
        INDArray state = network.optimiserState();
        return state == null ? FloatBuffer.allocate(0) : FlatVector.view(state);
    }

    @Override
    public RunningStatistics runningStatistics() {
        return RunningStatistics.of(network, spec.frozenParameters());
    }

    Dl4jNetwork network() {
        return network;
    }
}
