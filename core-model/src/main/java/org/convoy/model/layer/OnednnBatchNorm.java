package org.convoy.model.layer;

import org.bytedeco.dnnl.batch_normalization_backward;
import org.bytedeco.dnnl.batch_normalization_forward;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.dnnl.memory;
import org.convoy.model.layer.OnednnPrimitive.WorkingMemory;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Batch normalisation over the channels of [N, H, W, C], for one input shape. */
final class OnednnBatchNorm {
    private static final int SCALED_AND_SHIFTED = dnnl.dnnl_use_scale | dnnl.dnnl_use_shift;

    private final OnednnPrimitive training;
    private final OnednnPrimitive inference;
    private final OnednnPrimitive backward;
    private final INDArray mean;
    private final INDArray variance;

    OnednnBatchNorm(long[] shape, float epsilon) {
        memory.desc images = Onednn.channelsLast(shape);
        long C = shape[3];
        memory.desc channels = Onednn.vector(C);
        mean = Nd4j.createUninitializedDetached(DataType.FLOAT, C);
        variance = Nd4j.createUninitializedDetached(DataType.FLOAT, C);

        batch_normalization_forward.primitive_desc trainingDescription =
                describeForward(dnnl.dnnl_forward_training, images, epsilon, SCALED_AND_SHIFTED);
        training = new OnednnPrimitive(new batch_normalization_forward(trainingDescription), trainingDescription)
                .reads(dnnl.DNNL_ARG_SRC, images, images)
                .reads(dnnl.DNNL_ARG_SCALE, channels, channels)
                .reads(dnnl.DNNL_ARG_SHIFT, channels, channels)
                .writes(dnnl.DNNL_ARG_MEAN, channels, channels)
                .writes(dnnl.DNNL_ARG_VARIANCE, channels, channels)
                .writes(dnnl.DNNL_ARG_DST, images, images);

        batch_normalization_forward.primitive_desc inferenceDescription = describeForward(
                dnnl.dnnl_forward_inference, images, epsilon, SCALED_AND_SHIFTED | dnnl.dnnl_use_global_stats);
        inference = new OnednnPrimitive(new batch_normalization_forward(inferenceDescription), inferenceDescription)
                .reads(dnnl.DNNL_ARG_SRC, images, images)
                .reads(dnnl.DNNL_ARG_SCALE, channels, channels)
                .reads(dnnl.DNNL_ARG_SHIFT, channels, channels)
                .reads(dnnl.DNNL_ARG_MEAN, channels, channels)
                .reads(dnnl.DNNL_ARG_VARIANCE, channels, channels)
                .writes(dnnl.DNNL_ARG_DST, images, images);

        batch_normalization_backward.primitive_desc backwardDescription = new batch_normalization_backward
                .primitive_desc(
                new batch_normalization_backward.desc(dnnl.dnnl_backward, images, images, epsilon, SCALED_AND_SHIFTED),
                Onednn.attributes(),
                Onednn.engine(),
                trainingDescription);
        backward = new OnednnPrimitive(new batch_normalization_backward(backwardDescription), backwardDescription)
                .reads(dnnl.DNNL_ARG_SRC, images, images)
                .reads(dnnl.DNNL_ARG_DIFF_DST, images, images)
                .reads(dnnl.DNNL_ARG_SCALE, channels, channels)
                .reads(dnnl.DNNL_ARG_SHIFT, channels, channels)
                .reads(dnnl.DNNL_ARG_MEAN, channels, channels)
                .reads(dnnl.DNNL_ARG_VARIANCE, channels, channels)
                .writes(dnnl.DNNL_ARG_DIFF_SRC, images, images)
                .writes(dnnl.DNNL_ARG_DIFF_SCALE, channels, channels)
                .writes(dnnl.DNNL_ARG_DIFF_SHIFT, channels, channels);
    }

    private static batch_normalization_forward.primitive_desc describeForward(
            int propagation, memory.desc images, float epsilon, int flags) {
        return new batch_normalization_forward.primitive_desc(
                new batch_normalization_forward.desc(propagation, images, epsilon, flags),
                Onednn.attributes(),
                Onednn.engine());
    }

    /** Mean of the batch that {@link #train} saw last, [C]. */
    INDArray mean() {
        return mean;
    }

    /** Variance of that batch, [C], divided by the number of rows. */
    INDArray variance() {
        return variance;
    }

    /** Normalises by the batch's own mean and variance, and keeps these. */
    void train(INDArray x, INDArray gamma, INDArray beta, INDArray y, WorkingMemory working) {
        training.run(working, x, gamma, beta, mean, variance, y);
    }

    /** Normalises by a mean and variance from before. */
    void infer(
            INDArray x,
            INDArray gamma,
            INDArray beta,
            INDArray runningMean,
            INDArray runningVariance,
            INDArray y,
            WorkingMemory working) {
        inference.run(working, x, gamma, beta, runningMean, runningVariance, y);
    }

    /** Gradients at the input of the last {@link #train}, at gamma and at beta, whose value oneDNN asks for but does not use. */
    void backward(
            INDArray x,
            INDArray dy,
            INDArray gamma,
            INDArray beta,
            INDArray dx,
            INDArray dgamma,
            INDArray dbeta,
            WorkingMemory working) {
        backward.run(working, x, dy, gamma, beta, mean, variance, dx, dgamma, dbeta);
    }
}
