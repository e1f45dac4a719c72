package org.convoy.model.layer;

import org.bytedeco.dnnl.convolution_backward_data;
import org.bytedeco.dnnl.convolution_backward_weights;
import org.bytedeco.dnnl.convolution_forward;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.dnnl.global.dnnl.algorithm;
import org.bytedeco.dnnl.global.dnnl.prop_kind;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.primitive_attr;
import org.bytedeco.dnnl.primitive_desc_base;
import org.convoy.model.layer.ConvolutionPasses.Weights;
import org.convoy.model.layer.OnednnPrimitive.WorkingMemory;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A convolution's three passes for one input shape. Each takes Winograd's algorithm F(4x4, 3x3) (Lavin and Gray 2016) where
 * oneDNN has it for this processor and the layer is wide enough, although it costs copies to oneDNN's blocked order and back;
 * else the direct one, on channels-last memory if oneDNN has a fast form for that. The choice depends on shape and processor
 * alone, so that a repeated step gives the same bits.
 */
final class OnednnConvolution {
    /** Channels on either side from which Winograd's algorithm repays its copies and transforms. */
    private static final int WIDE_CHANNELS = 32;

    /** Height and width of what one of Winograd's tiles computes. */
    private static final int TILE = 4;

    /** Share of the tiles' area that must lie on the result: what hangs over its edges is computed in vain. */
    private static final double SMALLEST_TILED_SHARE = 0.75;

    private final Geometry geometry;
    private final memory.desc input;
    private final memory.desc output;
    private final memory.desc weights;
    private final memory.desc bias;
    private final convolution_forward.primitive_desc forwardDescription;
    private final OnednnPrimitive forward;
    private OnednnPrimitive weightGradient;
    private OnednnPrimitive inputGradient;

    /**
     * Shapes of a convolution.
     *
     * @param input [N, H, W, C]
     * @param output [N, H', W', outputs]
     * @param weights how the layer's weights lie
     * @param filter how the kernel slides
     * @param addsBias whether there is a bias
     * @param rectifies whether the forward pass ends with ReLU
     */
    @SuppressWarnings("ArrayRecordComponent") // carried, never compared
    record Geometry(long[] input, long[] output, Weights weights, Filter filter, boolean addsBias, boolean rectifies) {

        /** Whether Winograd's algorithm pays for a pass whose result is {@code height} by {@code width}. */
        private boolean suitsWinograd(long height, long width) {
            return tiledShare(height) * tiledShare(width) >= SMALLEST_TILED_SHARE
                    && !isGrouped()
                    && weights.dimensions()[0] >= WIDE_CHANNELS
                    && weights.dimensions()[1] >= WIDE_CHANNELS
                    && filter.kernel()[0] == 3
                    && filter.kernel()[1] == 3
                    && filter.stride()[0] == 1
                    && filter.stride()[1] == 1
                    && !filter.isDilated();
        }

        private boolean isGrouped() {
            return weights.dimensions().length == 5;
        }

        private static double tiledShare(long length) {
            return (double) length / ((length + TILE - 1) / TILE * TILE);
        }

        /** oneDNN counts the gaps between the taps. */
        private long[] gaps() {
            return new long[] {filter.dilation()[0] - 1, filter.dilation()[1] - 1};
        }

        private long[] stride() {
            return Filter.longs(filter.stride());
        }

        private Filter.Padding padding() {
            return filter.padding(input, output);
        }

        private memory.desc kernelsInAnyOrder() {
            return Onednn.anyOrder(weights.dimensions());
        }

        private memory.desc inputInAnyOrder() {
            return Onednn.anyOrder(input[0], input[3], input[1], input[2]);
        }

        private memory.desc outputInAnyOrder() {
            return Onednn.anyOrder(output[0], output[3], output[1], output[2]);
        }
    }

    /** Describes one pass for an algorithm and memory orders; without value if oneDNN has no such primitive. */
    private interface Pass<D extends primitive_desc_base> {
        D describe(algorithm method, memory.desc input, memory.desc output);
    }

    OnednnConvolution(Geometry geometry) {
        this.geometry = geometry;
        input = Onednn.channelsLast(geometry.input());
        output = Onednn.channelsLast(geometry.output());
        weights = Onednn.strided(
                geometry.weights().dimensions(), geometry.weights().strides());
        bias = Onednn.vector(geometry.output()[3]);
        forwardDescription = choose(this::describeForward, geometry.output());
        forward = new OnednnPrimitive(new convolution_forward(forwardDescription), forwardDescription)
                .reads(dnnl.DNNL_ARG_SRC, input, forwardDescription.src_desc())
                .reads(dnnl.DNNL_ARG_WEIGHTS, weights, forwardDescription.weights_desc());
        if (geometry.addsBias()) {
            forward.reads(dnnl.DNNL_ARG_BIAS, bias, forwardDescription.bias_desc());
        }
        forward.writes(dnnl.DNNL_ARG_DST, output, forwardDescription.dst_desc());
    }

    /** {@code y = x * w + b}, and ReLU if the geometry says so; {@code b} is null if there is none. */
    void forward(INDArray x, INDArray w, INDArray b, INDArray y, WorkingMemory working) {
        if (geometry.addsBias()) {
            forward.run(working, x, w, b, y);
        } else {
            forward.run(working, x, w, y);
        }
    }

    /** Gradients at weights and bias from the gradient {@code dz} at the output before ReLU; {@code db} as in forward. */
    void weightGradient(INDArray x, INDArray dz, INDArray dw, INDArray db, WorkingMemory working) {
        if (weightGradient == null) {
            weightGradient = buildWeightGradient();
        }
        if (geometry.addsBias()) {
            weightGradient.run(working, x, dz, dw, db);
        } else {
            weightGradient.run(working, x, dz, dw);
        }
    }

    /** Gradient at the input from the gradient {@code dz} at the output before ReLU. */
    void inputGradient(INDArray dz, INDArray w, INDArray dx, WorkingMemory working) {
        if (inputGradient == null) {
            inputGradient = buildInputGradient();
        }
        inputGradient.run(working, dz, w, dx);
    }

    private OnednnPrimitive buildWeightGradient() {
        convolution_backward_weights.primitive_desc description =
                choose(this::describeWeightGradient, geometry.output());
        OnednnPrimitive primitive = new OnednnPrimitive(new convolution_backward_weights(description), description)
                .reads(dnnl.DNNL_ARG_SRC, input, description.src_desc())
                .reads(dnnl.DNNL_ARG_DIFF_DST, output, description.diff_dst_desc())
                .writes(dnnl.DNNL_ARG_DIFF_WEIGHTS, weights, description.diff_weights_desc());
        return geometry.addsBias()
                ? primitive.writes(dnnl.DNNL_ARG_DIFF_BIAS, bias, description.diff_bias_desc())
                : primitive;
    }

    private OnednnPrimitive buildInputGradient() {
        convolution_backward_data.primitive_desc description = choose(this::describeInputGradient, geometry.input());
        return new OnednnPrimitive(new convolution_backward_data(description), description)
                .reads(dnnl.DNNL_ARG_DIFF_DST, output, description.diff_dst_desc())
                .reads(dnnl.DNNL_ARG_WEIGHTS, weights, description.weights_desc())
                .writes(dnnl.DNNL_ARG_DIFF_SRC, input, description.diff_src_desc());
    }

    /** The primitive for a pass; {@code tiled} is the shape [N, H, W, C] that Winograd's tiles would cover. */
    private <D extends primitive_desc_base> D choose(Pass<D> pass, long[] tiled) {
        if (geometry.suitsWinograd(tiled[1], tiled[2])) {
            D winograd = pass.describe(
                    algorithm.convolution_winograd, geometry.inputInAnyOrder(), geometry.outputInAnyOrder());
            if (winograd.asBoolean()) {
                return winograd;
            }
        }
        D channelsLast = pass.describe(algorithm.convolution_direct, input, output);
        if (channelsLast.asBoolean() && !isReference(channelsLast)) {
            return channelsLast;
        }
        return pass.describe(algorithm.convolution_direct, geometry.inputInAnyOrder(), geometry.outputInAnyOrder());
    }

    /** Plain loops, which oneDNN has for everything. */
    private static boolean isReference(primitive_desc_base description) {
        return description.impl_info_str().getString().startsWith("ref");
    }

    private convolution_forward.primitive_desc describeForward(
            algorithm method, memory.desc source, memory.desc destination) {
        memory.desc kernels = geometry.kernelsInAnyOrder();
        convolution_forward.desc description = geometry.addsBias()
                ? new convolution_forward.desc(
                        prop_kind.forward_training,
                        method,
                        source,
                        kernels,
                        bias,
                        destination,
                        geometry.stride(),
                        geometry.gaps(),
                        geometry.padding().before(),
                        geometry.padding().after())
                : new convolution_forward.desc(
                        prop_kind.forward_training,
                        method,
                        source,
                        kernels,
                        destination,
                        geometry.stride(),
                        geometry.gaps(),
                        geometry.padding().before(),
                        geometry.padding().after());
        primitive_attr attributes = Onednn.attributes();
        if (geometry.rectifies()) {
            Onednn.endWithRelu(attributes);
        }
        return new convolution_forward.primitive_desc(description, attributes, Onednn.engine(), true);
    }

    private convolution_backward_weights.primitive_desc describeWeightGradient(
            algorithm method, memory.desc source, memory.desc destination) {
        memory.desc kernels = geometry.kernelsInAnyOrder();
        convolution_backward_weights.desc description = geometry.addsBias()
                ? new convolution_backward_weights.desc(
                        method,
                        source,
                        kernels,
                        bias,
                        destination,
                        geometry.stride(),
                        geometry.gaps(),
                        geometry.padding().before(),
                        geometry.padding().after())
                : new convolution_backward_weights.desc(
                        method,
                        source,
                        kernels,
                        destination,
                        geometry.stride(),
                        geometry.gaps(),
                        geometry.padding().before(),
                        geometry.padding().after());
        return new convolution_backward_weights.primitive_desc(
                description, Onednn.attributes(), Onednn.engine(), forwardDescription, true);
    }

    private convolution_backward_data.primitive_desc describeInputGradient(
            algorithm method, memory.desc source, memory.desc destination) {
        convolution_backward_data.desc description = new convolution_backward_data.desc(
                method,
                source,
                geometry.kernelsInAnyOrder(),
                destination,
                geometry.stride(),
                geometry.gaps(),
                geometry.padding().before(),
                geometry.padding().after());
        return new convolution_backward_data.primitive_desc(
                description, Onednn.attributes(), Onednn.engine(), forwardDescription, true);
    }
}
