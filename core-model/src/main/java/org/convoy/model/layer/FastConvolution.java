package org.convoy.model.layer;

import java.util.Optional;
import org.convoy.model.layer.ConvolutionPasses.Weights;
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

    private final transient ConvolutionPasses passes;
    /** For the passes that ND4J's operations compute. */
    private final transient KeptActivation activation;

    private boolean inputGradientNeeded = true;

    FastConvolution(NeuralNetConfiguration conf, DataType dataType) {
        super(conf, dataType);
        passes = new ConvolutionPasses(
                Filter.of(layerConf(), convolutionMode),
                Weights.dense(
                        layerConf().getNOut(), layerConf().getNIn(), layerConf().getKernelSize()),
                layerConf().getNOut(),
                hasBias(),
                layerConf().getActivationFn());
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
        boolean ready = runsOnednn() ? passes.isReady() : activation.isReady();
        if (!ready) {
            convolve(x, true, workspaces);
        }
        INDArray epsilonLast =
                ChannelsLast.contiguous(epsilon.castTo(dataType), format, workspaces, ArrayType.BP_WORKING_MEM);
        INDArray inputGradientLast = inputGradientNeeded
                ? workspaces.createUninitialized(ArrayType.ACTIVATION_GRAD, dataType, x.shape(), 'c')
                : null;
        if (runsOnednn()) {
            INDArray delta = passes.delta(epsilonLast, workspaces);
            passes.weightGradient(x, delta, weightGradient(), biasGradient(), workspaces);
            if (inputGradientNeeded) {
                passes.inputGradient(x, delta, weights(true, workspaces), inputGradientLast, workspaces);
            }
        } else {
            nativeGradients(x, activation.backward(epsilonLast, workspaces), inputGradientLast, workspaces);
        }
        INDArray inputGradient =
                inputGradientNeeded ? backpropDropOutIfPresent(ChannelsLast.stated(inputGradientLast, format)) : null;
        passes.clear();
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
        passes.clear();
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
        if (runsOnednn()) {
            return passes.forward(x, w, b, training, workspaces);
        }
        long[] outputShape = Filter.of(layerConf(), convolutionMode)
                .outputShape(x, layerConf().getNOut());
        INDArray z = workspaces.createUninitialized(ArrayType.ACTIVATIONS, dataType, outputShape, 'c');
        Nd4j.exec(DynamicCustomOp.builder("conv2d")
                .addInputs(b == null ? new INDArray[] {x, w} : new INDArray[] {x, w, b})
                .addOutputs(z)
                .addIntegerArguments(arguments())
                .build());
        return activation.forward(z, training, workspaces);
    }

    /** Writes the gradients at weights and bias, and the one at the input unless {@code inputGradient} is null. */
    private void nativeGradients(INDArray x, INDArray delta, INDArray inputGradient, LayerWorkspaceMgr workspaces) {
        INDArray w = weights(true, workspaces);
        // The operation gives all gradients or none.
        INDArray dx = inputGradient != null
                ? inputGradient
                : workspaces.createUninitialized(ArrayType.BP_WORKING_MEM, dataType, x.shape(), 'c');
        DynamicCustomOp.DynamicCustomOpsBuilder operation =
                DynamicCustomOp.builder("conv2d_bp").addIntegerArguments(arguments());
        if (hasBias()) {
            operation.addInputs(x, w, bias(true, workspaces), delta).addOutputs(dx, weightGradient(), biasGradient());
        } else {
            operation.addInputs(x, w, delta).addOutputs(dx, weightGradient());
        }
        Nd4j.exec(operation.build());
    }

    private boolean runsOnednn() {
        return Onednn.computes(dataType);
    }

    /** [outputs, inputs, kernel height, kernel width]. */
    private INDArray weights(boolean training, LayerWorkspaceMgr workspaces) {
        return getParamWithNoise(ConvolutionParamInitializer.WEIGHT_KEY, training, workspaces);
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

    /** [1, outputs], or null. */
    private INDArray biasGradient() {
        return hasBias() ? gradientViews.get(ConvolutionParamInitializer.BIAS_KEY) : null;
    }
}
