package org.convoy.model.layer;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
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
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * DL4J's two-dimensional convolution on ND4J's {@code conv2d} and {@code conv2d_bp}. Its pre-output is computed once per
 * step, not again in the backward pass.
 */
final class FastConvolution extends ConvolutionLayer {
    private static final long serialVersionUID = 1L;
    /** {@code conv2d}'s number for weights [output channels, input channels, kernel height, kernel width]. */
    private static final int OUTPUT_CHANNELS_FIRST = 1;

    private static final int CHANNELS_LAST = 1;

    /** Multiplications up to which OpenBLAS takes its kernels for small products, which do not pack their operands. */
    private static final long SMALL_PRODUCT = 1_000_000;

    private final transient KeptActivation activation;
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
        INDArray y = activation.forward(convolve(x, training, workspaces), training, workspaces);
        return ChannelsLast.stated(y, layerConf().getCnn2dDataFormat());
    }

    @Override
    public Pair<Gradient, INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspaces) {
        assertInputSet(true);
        CNN2DFormat format = layerConf().getCnn2dDataFormat();
        INDArray x = inputChannelsLast(workspaces);
        if (!activation.isReady()) {
            activation.forward(convolve(x, true, workspaces), true, workspaces);
        }
        INDArray epsilonLast =
                ChannelsLast.contiguous(epsilon.castTo(dataType), format, workspaces, ArrayType.BP_WORKING_MEM);
        INDArray delta = activation.backward(epsilonLast, workspaces);

        INDArray inputGradient = null;
        if (!inputGradientNeeded && !isDilated() && HostLoops.canRead(x)) {
            parameterGradients(x, delta, workspaces);
        } else {
            INDArray inputGradientLast =
                    workspaces.createUninitialized(ArrayType.ACTIVATION_GRAD, dataType, x.shape(), 'c');
            gradients(x, delta, inputGradientLast, workspaces);
            inputGradient = backpropDropOutIfPresent(ChannelsLast.stated(inputGradientLast, format));
        }
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

    /** [N, H, W, input channels] to [N, H', W', output channels], without the activation function. */
    private INDArray convolve(INDArray x, boolean training, LayerWorkspaceMgr workspaces) {
        int[] outputSize = ConvolutionUtils.getOutputSize(
                x,
                layerConf().getKernelSize(),
                layerConf().getStride(),
                convolutionMode == ConvolutionMode.Same ? null : layerConf().getPadding(),
                convolutionMode,
                layerConf().getDilation(),
                CNN2DFormat.NHWC);
        INDArray z = workspaces.createUninitialized(
                ArrayType.ACTIVATIONS,
                dataType,
                new long[] {x.size(0), outputSize[0], outputSize[1], layerConf().getNOut()},
                'c');
        List<INDArray> inputs = new ArrayList<>(
                List.of(x, undilated(weights(training, workspaces), workspaces, ArrayType.FF_WORKING_MEM)));
        if (hasBias()) {
            inputs.add(getParamWithNoise(ConvolutionParamInitializer.BIAS_KEY, training, workspaces));
        }
        Nd4j.exec(DynamicCustomOp.builder("conv2d")
                .addInputs(inputs.toArray(INDArray[]::new))
                .addOutputs(z)
                .addIntegerArguments(arguments())
                .build());
        return z;
    }

    private void gradients(INDArray x, INDArray delta, INDArray inputGradient, LayerWorkspaceMgr workspaces) {
        INDArray kernels = undilated(weights(true, workspaces), workspaces, ArrayType.BP_WORKING_MEM);
        INDArray kernelGradient = isDilated() ? Nd4j.createUninitialized(dataType, kernels.shape()) : weightGradient();
        DynamicCustomOp.DynamicCustomOpsBuilder operation =
                DynamicCustomOp.builder("conv2d_bp").addIntegerArguments(arguments());
        if (hasBias()) {
            INDArray bias = getParamWithNoise(ConvolutionParamInitializer.BIAS_KEY, true, workspaces);
            operation.addInputs(x, kernels, bias, delta).addOutputs(inputGradient, kernelGradient, biasGradient());
        } else {
            operation.addInputs(x, kernels, delta).addOutputs(inputGradient, kernelGradient);
        }
        Nd4j.exec(operation.build());
        if (isDilated()) {
            weightGradient().assign(taps(kernelGradient));
        }
    }

    private INDArray weights(boolean training, LayerWorkspaceMgr workspaces) {
        return getParamWithNoise(ConvolutionParamInitializer.WEIGHT_KEY, training, workspaces);
    }

    /**
     * The weights as kernels without dilation: the taps drawn apart, zeros between them. The native operation gets the
     * padding of a dilated convolution wrong on oneDNN and fails; the larger kernel is still faster than stock.
     */
    private INDArray undilated(INDArray weights, LayerWorkspaceMgr workspaces, ArrayType arrayType) {
        if (!isDilated()) {
            return weights;
        }
        int[] extent = effectiveKernel();
        INDArray kernels = workspaces.create(
                arrayType, dataType, new long[] {weights.size(0), weights.size(1), extent[0], extent[1]}, 'c');
        taps(kernels).assign(weights);
        return kernels;
    }

    private INDArray taps(INDArray kernels) {
        int[] dilation = layerConf().getDilation();
        return kernels.get(
                NDArrayIndex.all(),
                NDArrayIndex.all(),
                NDArrayIndex.interval(0, dilation[0], kernels.size(2)),
                NDArrayIndex.interval(0, dilation[1], kernels.size(3)));
    }

    private boolean isDilated() {
        int[] dilation = layerConf().getDilation();
        return dilation[0] != 1 || dilation[1] != 1;
    }

    private int[] effectiveKernel() {
        return ConvolutionUtils.effectiveKernelSize(
                layerConf().getKernelSize(), layerConf().getDilation());
    }

    /**
     * [dW, db] = δᵀ · [patches, 1], with the patches of all positions as rows, some output rows at a time: OpenBLAS computes
     * small products several times faster than the one tall one, and the patches stay in the cache.
     */
    private void parameterGradients(INDArray x, INDArray delta, LayerWorkspaceMgr workspaces) {
        int[] kernel = layerConf().getKernelSize();
        long C = x.size(3);
        long outputs = delta.size(3);
        long outputW = delta.size(2);
        int outputRows = (int) (delta.size(0) * delta.size(1));
        long patchLength = kernel[0] * C * kernel[1];
        int group = (int) Math.max(1, Math.min(outputRows, SMALL_PRODUCT / (outputW * (patchLength + 1) * outputs)));
        INDArray patches = workspaces.createUninitialized(
                ArrayType.BP_WORKING_MEM, dataType, new long[] {group * outputW, patchLength + 1}, 'c');
        INDArray gradient = workspaces.createUninitialized(
                ArrayType.BP_WORKING_MEM, dataType, new long[] {outputs, patchLength + 1}, 'f');
        INDArray deltaRows = delta.reshape('c', outputRows * outputW, outputs);
        Patches source = new Patches(x, kernel, layerConf().getStride(), paddingBefore(x, delta), delta);
        for (int first = 0; first < outputRows; first += group) {
            int last = Math.min(first + group, outputRows);
            source.write(first, last, patches);
            INDArray deltaGroup = deltaRows.get(NDArrayIndex.interval(first * outputW, last * outputW));
            INDArray patchGroup = patches.get(NDArrayIndex.interval(0, (last - first) * outputW));
            Nd4j.gemm(deltaGroup, patchGroup, gradient, true, false, 1.0, first == 0 ? 0.0 : 1.0);
        }
        weightGradient()
                .assign(gradient.get(NDArrayIndex.all(), NDArrayIndex.interval(0, patchLength))
                        .reshape('f', outputs, C, kernel[1], kernel[0])
                        .permute(0, 1, 3, 2));
        if (hasBias()) {
            biasGradient()
                    .assign(gradient.getColumn(patchLength)
                            .reshape(biasGradient().shape()));
        }
    }

    /** Rows and columns of zeros above and to the left of the image. */
    private int[] paddingBefore(INDArray x, INDArray delta) {
        if (convolutionMode != ConvolutionMode.Same) {
            return layerConf().getPadding();
        }
        return ConvolutionUtils.getSameModeTopLeftPadding(
                new int[] {(int) delta.size(1), (int) delta.size(2)},
                new int[] {(int) x.size(1), (int) x.size(2)},
                layerConf().getKernelSize(),
                layerConf().getStride(),
                layerConf().getDilation());
    }

    private int[] arguments() {
        int[] kernel = effectiveKernel();
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
            1,
            1,
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
