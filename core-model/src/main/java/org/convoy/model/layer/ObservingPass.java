package org.convoy.model.layer;

import java.util.Arrays;
import java.util.List;
import org.deeplearning4j.nn.api.Layer;

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
     * @param layers of a network, Convoy's where there are such
     * @param inference of that network on the batch
     * @return of each channel, layer after layer in the order given
     */
    public static List<ChannelStatistics> over(Layer[] layers, Runnable inference) {
        List<FastBatchNorm> batchNorms = Arrays.stream(layers)
                .filter(FastBatchNorm.class::isInstance)
                .map(FastBatchNorm.class::cast)
                .toList();
        batchNorms.forEach(FastBatchNorm::startObserving);
        try {
            inference.run();
            return batchNorms.stream()
                    .flatMap(layer -> layer.observed().stream())
                    .toList();
        } finally {
            batchNorms.forEach(FastBatchNorm::stopObserving);
        }
    }
}
