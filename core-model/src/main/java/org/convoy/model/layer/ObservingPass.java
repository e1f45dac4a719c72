package org.convoy.model.layer;

import java.util.Arrays;
import java.util.List;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A forward pass in which batch norm normalises by the batch's own mean and variance, as in training, and all else is as in
 * inference: dropout and weight noise are off, and nothing is kept for a backward pass. No parameter changes.
 */
public final class ObservingPass {
    private ObservingPass() {}

    /**
     * What came to one channel of a batch norm layer in one batch.
     *
     * @param variance divided by the number of values
     */
    public record ChannelStatistics(float mean, float variance) {}

    /**
     * Runs the pass over one batch.
     *
     * @param network with Convoy's layers
     * @param features [N, C, H, W]
     * @return of each channel, layer after layer in the network's order
     */
    public static List<ChannelStatistics> over(MultiLayerNetwork network, INDArray features) {
        List<FastBatchNorm> batchNorms = Arrays.stream(network.getLayers())
                .filter(FastBatchNorm.class::isInstance)
                .map(FastBatchNorm.class::cast)
                .toList();
        batchNorms.forEach(FastBatchNorm::startObserving);
        try {
            network.output(features).close();
            return batchNorms.stream()
                    .flatMap(layer -> layer.observed().stream())
                    .toList();
        } finally {
            batchNorms.forEach(FastBatchNorm::stopObserving);
        }
    }
}
