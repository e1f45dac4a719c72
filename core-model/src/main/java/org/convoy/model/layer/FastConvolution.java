package org.convoy.model.layer;

import java.util.Optional;
import org.convoy.model.layer.OnednnConvolution.Geometry;
import org.convoy.model.layer.OnednnPrimitive.WorkingMemory;
import org.deeplearning4j.nn.api.MaskState;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.layers.convolution.ConvolutionLayer;
import org.deeplearning4j.nn.params.ConvolutionParamInitializer;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.deeplearning4j.util.ConvolutionUtils;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.activations.impl.ActivationSoftmax;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.DynamicCustomOp;
import org.nd4j.linalg.factory.Nd4j;

/**
 * DL4J's two-dimensional convolution on oneDNN, or where that does not compute on ND4J's {@code conv2d} and
 * {@code conv2d_bp}. Its pre-output is computed once per step, not again in the backward pass.
 */
final class FastConvolution extends ConvolutionLayer {
    private static final long serialVersionUID = 1L;
    /** {@code conv2d}'s number for weights [output channels, input channels, kernel height, kernel width]. */
    private static final int OUTPUT_CHANNELS_FIRST = 1;

    private static final int CHANNELS_LAST = 1;

    private final transient KeptActivation activation;
    private final transient ShapeCache<OnednnConvolution> convolutions = new ShapeCache<>();
    private boolean inputGradientNeeded = true;

    FastConvolution(NeuralNetConfiguration conf, DataType dataType) {
        super(conf, dataType);
        activation = new KeptActivation(layerConf().getActivationFn());
    }

    static Optional<String> obstacle(org.deeplearning4j.nn.conf.layers.ConvolutionLayer conf) {
        if (conf.getActivationFn() instanceof ActivationSoftmax) {
            return Optional.of("its activation mixes channels");
        }
        return Optional.empty();
    }

    /** Leaves out the gradient at this layer's input, which nothing below uses; the backward pass gives null for it. */
    void omitInputGradient() {
        inputGradientNeeded = false;
    }

    @Override
    public INDArray activate(boolean training, LayerWorkspaceMgr workspaces) {
        assertInputSet(false);
        validateInputRank();
        validateInputDepth(layerConf().getNIn());
        applyDropOutIfNecessary(training, workspaces);
        INDArray x = inputChannelsLast(workspaces);
        INDArray y = convolve(x, training, workspaces);
        return ChannelsLast.stated(y, layerConf().getCnn2dDataFormat());
    }

    @Override
    public Pair<Gradient, INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspaces) {
        assertInputSet(true);
        CNN2DFormat format = layerConf().getCnn2dDataFormat();
        INDArray x = inputChannelsLast(workspaces);
        if (!activation.isReady()) {
            convolve(x, true, workspaces);
        }
        INDArray epsilonLast =
                ChannelsLast.contiguous(epsilon.castTo(dataType), format, workspaces, ArrayType.BP_WORKING_MEM);
        INDArray delta = activation.backward(epsilonLast, workspaces);

        INDArray inputGradientLast = inputGradientNeeded
                ? workspaces.createUninitialized(ArrayType.ACTIVATION_GRAD, dataType, x.shape(), 'c')
                : null;
        gradients(x, delta, inputGradientLast, workspaces);
        INDArray inputGradient =
                inputGradientNeeded ? backpropDropOutIfPresent(ChannelsLast.stated(inputGradientLast, format)) : null;
        activation.clear();
        weightNoiseParams.clear();

        Gradient gradient = new DefaultGradient();
        if (hasBias()) {
            gradient.setGradientFor(ConvolutionParamInitializer.BIAS_KEY, biasGradient());
        }
        gradient.setGradientFor(ConvolutionParamInitializer.WEIGHT_KEY, weightGradient(), 'c');
        return new Pair<>(gradient, inputGradient);
    }

    @Override
    public Pair<INDArray, MaskState> feedForwardMaskArray(INDArray maskArray, MaskState currentMaskState, int N) {
        Masks.refuse(maskArray, layerId());
        return new Pair<>(null, currentMaskState);
    }

    @Override
    public void clear() {
        super.clear();
        activation.clear();
    }

    /** [N, H, W, input channels]; a copy in this order replaces the input, so that the backward pass finds it. */
    private INDArray inputChannelsLast(LayerWorkspaceMgr workspaces) {
        CNN2DFormat format = layerConf().getCnn2dDataFormat();
        INDArray x = ChannelsLast.contiguous(input.castTo(dataType), format, workspaces, ArrayType.INPUT);
        input = ChannelsLast.stated(x, format);
        return x;
    }

    /** [N, H, W, input channels] to [N, H', W', output channels], activation function and all. */
    private INDArray convolve(INDArray x, boolean training, LayerWorkspaceMgr workspaces) {
        INDArray w = weights(training, workspaces);
        INDArray b = bias(training, workspaces);
        INDArray z = workspaces.createUninitialized(ArrayType.ACTIVATIONS, dataType, outputShape(x), 'c');
        if (Onednn.computes(dataType)) {
            convolution(x).forward(x, w, b, z, WorkingMemory.forward(workspaces));
            return rectifies() ? activation.keepApplied(z, training) : activation.forward(z, training, workspaces);
        }
        Nd4j.exec(DynamicCustomOp.builder("conv2d")
                .addInputs(b == null ? new INDArray[] {x, w} : new INDArray[] {x, w, b})
                .addOutputs(z)
                .addIntegerArguments(arguments())
                .build());
        return activation.forward(z, training, workspaces);
    }

    /** Writes the gradients at weights and bias, and the one at the input unless {@code inputGradient} is null. */
    private void gradients(INDArray x, INDArray delta, INDArray inputGradient, LayerWorkspaceMgr workspaces) {
        INDArray w = weights(true, workspaces);
        INDArray db = hasBias() ? biasGradient() : null;
        if (Onednn.computes(dataType)) {
            WorkingMemory working = WorkingMemory.backward(workspaces);
            convolution(x).weightGradient(x, delta, weightGradient(), db, working);
            if (inputGradient != null) {
                convolution(x).inputGradient(delta, w, inputGradient, working);
            }
            return;
        }
        // The operation gives all gradients or none.
        INDArray dx = inputGradient != null
                ? inputGradient
                : workspaces.createUninitialized(ArrayType.BP_WORKING_MEM, dataType, x.shape(), 'c');
        DynamicCustomOp.DynamicCustomOpsBuilder operation =
                DynamicCustomOp.builder("conv2d_bp").addIntegerArguments(arguments());
        if (hasBias()) {
            operation.addInputs(x, w, bias(true, workspaces), delta).addOutputs(dx, weightGradient(), db);
        } else {
            operation.addInputs(x, w, delta).addOutputs(dx, weightGradient());
        }
        Nd4j.exec(operation.build());
    }

    private OnednnConvolution convolution(INDArray x) {
        return convolutions.get(x.shape(), () -> {
            int[] kernel = layerConf().getKernelSize();
            long[] outputShape = outputShape(x);
            Window window = Window.of(
                    kernel,
                    layerConf().getStride(),
                    layerConf().getDilation(),
                    layerConf().getPadding(),
                    convolutionMode,
                    x.shape(),
                    outputShape);
            long[] weights = {layerConf().getNOut(), layerConf().getNIn(), kernel[0], kernel[1]};
            return new OnednnConvolution(new Geometry(
                    x.shape(),
                    outputShape,
                    weights,
                    new long[] {weights[1] * weights[2] * weights[3], weights[2] * weights[3], weights[3], 1},
                    window,
                    hasBias(),
                    rectifies()));
        });
    }

    private long[] outputShape(INDArray x) {
        int[] size = ConvolutionUtils.getOutputSize(
                x,
                layerConf().getKernelSize(),
                layerConf().getStride(),
                convolutionMode == ConvolutionMode.Same ? null : layerConf().getPadding(),
                convolutionMode,
                layerConf().getDilation(),
                CNN2DFormat.NHWC);
        return new long[] {x.size(0), size[0], size[1], layerConf().getNOut()};
    }

    private boolean rectifies() {
        return KeptActivation.isPlainRelu(layerConf().getActivationFn());
    }

    /** [outputs, inputs, kernel height, kernel width] in C order. */
    private INDArray weights(boolean training, LayerWorkspaceMgr workspaces) {
        INDArray weights = getParamWithNoise(ConvolutionParamInitializer.WEIGHT_KEY, training, workspaces);
        return Onednn.liesInOrder(weights) ? weights : weights.dup('c');
    }

    /** [1, outputs], or null. */
    private INDArray bias(boolean training, LayerWorkspaceMgr workspaces) {
        return hasBias() ? getParamWithNoise(ConvolutionParamInitializer.BIAS_KEY, training, workspaces) : null;
    }

    private int[] arguments() {
        int[] kernel = layerConf().getKernelSize();
        int[] dilation = layerConf().getDilation();
        int[] stride = layerConf().getStride();
        int[] padding = layerConf().getPadding();
        int sameMode = convolutionMode == ConvolutionMode.Same ? 1 : 0;
        return new int[] {
            kernel[0],
            kernel[1],
            stride[0],
            stride[1],
            padding[0],
            padding[1],
            dilation[0],
            dilation[1],
            sameMode,
            CHANNELS_LAST,
            OUTPUT_CHANNELS_FIRST
        };
    }

    private INDArray weightGradient() {
        return gradientViews.get(ConvolutionParamInitializer.WEIGHT_KEY);
    }

    private INDArray biasGradient() {
        return gradientViews.get(ConvolutionParamInitializer.BIAS_KEY);
    }
}
