package org.convoy.model.layer;

import java.util.Optional;
import org.convoy.model.layer.ConvolutionPasses.Weights;
import org.deeplearning4j.nn.api.MaskState;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.SeparableConvolution2D;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.layers.convolution.SeparableConvolution2DLayer;
import org.deeplearning4j.nn.params.SeparableConvolutionParamInitializer;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * DL4J's separable convolution on oneDNN: each channel by itself, then one pixel at a time. Where oneDNN does not compute,
 * the stock layer does.
 */
final class FastSeparableConvolution extends SeparableConvolution2DLayer {
    private static final long serialVersionUID = 1L;
    private static final int[] ONE_PIXEL = {1, 1};

    private final transient ConvolutionPasses depthwise;
    private final transient ConvolutionPasses pointwise;
    /** What the depthwise part gave in the last forward pass of training, [N, H', W', C']; null if there was none. */
    private transient INDArray middle;

    FastSeparableConvolution(NeuralNetConfiguration conf, DataType dataType) {
        super(conf, dataType);
        SeparableConvolution2D layer = (SeparableConvolution2D) layerConf();
        long middleChannels = layer.getNIn() * layer.getDepthMultiplier();
        depthwise = new ConvolutionPasses(
                Filter.of(layer, convolutionMode),
                Weights.separable(layer.getNIn(), layer.getDepthMultiplier(), layer.getKernelSize()),
                middleChannels,
                false,
                new ActivationIdentity());
        pointwise = new ConvolutionPasses(
                Filter.POINTWISE,
                Weights.dense(layer.getNOut(), middleChannels, ONE_PIXEL),
                layer.getNOut(),
                hasBias(),
                layer.getActivationFn());
    }

    static Optional<String> obstacle(SeparableConvolution2D conf) {
        return FastConvolution.obstacle(conf);
    }

    @Override
    public INDArray activate(boolean training, LayerWorkspaceMgr workspaces) {
        assertInputSet(false);
        if (!Onednn.computes(dataType)) {
            return super.activate(training, workspaces);
        }
        validateInputRank();
        validateInputDepth(layerConf().getNIn());
        applyDropOutIfNecessary(training, workspaces);
        INDArray y = forward(inputChannelsLast(workspaces), training, workspaces);
        return ChannelsLast.stated(y, layerConf().getCnn2dDataFormat());
    }

    @Override
    public Pair<Gradient, INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspaces) {
        assertInputSet(true);
        if (!Onednn.computes(dataType)) {
            return super.backpropGradient(epsilon, workspaces);
        }
        CNN2DFormat format = layerConf().getCnn2dDataFormat();
        INDArray x = inputChannelsLast(workspaces);
        if (middle == null) {
            forward(x, true, workspaces);
        }
        INDArray delta = pointwise.delta(
                ChannelsLast.contiguous(epsilon.castTo(dataType), format, workspaces, ArrayType.BP_WORKING_MEM),
                workspaces);
        INDArray depthwiseGradient = gradientViews.get(SeparableConvolutionParamInitializer.DEPTH_WISE_WEIGHT_KEY);
        INDArray pointwiseGradient = gradientViews.get(SeparableConvolutionParamInitializer.POINT_WISE_WEIGHT_KEY);
        INDArray db = hasBias() ? gradientViews.get(SeparableConvolutionParamInitializer.BIAS_KEY) : null;
        INDArray middleGradient =
                workspaces.createUninitialized(ArrayType.BP_WORKING_MEM, dataType, middle.shape(), 'c');
        INDArray dx = workspaces.createUninitialized(ArrayType.ACTIVATION_GRAD, dataType, x.shape(), 'c');
        pointwise.weightGradient(middle, delta, pointwiseGradient, db, workspaces);
        pointwise.inputGradient(middle, delta, pointwiseWeights(true, workspaces), middleGradient, workspaces);
        depthwise.weightGradient(x, middleGradient, depthwiseGradient, null, workspaces);
        depthwise.inputGradient(x, middleGradient, depthwiseWeights(true, workspaces), dx, workspaces);
        forget();
        weightNoiseParams.clear();

        Gradient gradient = new DefaultGradient();
        if (db != null) {
            gradient.setGradientFor(SeparableConvolutionParamInitializer.BIAS_KEY, db);
        }
        gradient.setGradientFor(SeparableConvolutionParamInitializer.DEPTH_WISE_WEIGHT_KEY, depthwiseGradient, 'c');
        gradient.setGradientFor(SeparableConvolutionParamInitializer.POINT_WISE_WEIGHT_KEY, pointwiseGradient, 'c');
        return new Pair<>(gradient, backpropDropOutIfPresent(ChannelsLast.stated(dx, format)));
    }

    @Override
    public Pair<INDArray, MaskState> feedForwardMaskArray(INDArray maskArray, MaskState currentMaskState, int N) {
        Masks.refuse(maskArray, layerId());
        return new Pair<>(null, currentMaskState);
    }

    @Override
    public void clear() {
        super.clear();
        forget();
    }

    private void forget() {
        middle = null;
        depthwise.clear();
        pointwise.clear();
    }

    private INDArray forward(INDArray x, boolean training, LayerWorkspaceMgr workspaces) {
        INDArray between = depthwise.forward(x, depthwiseWeights(training, workspaces), null, training, workspaces);
        middle = training ? between : null;
        INDArray b = hasBias()
                ? getParamWithNoise(SeparableConvolutionParamInitializer.BIAS_KEY, training, workspaces)
                : null;
        return pointwise.forward(between, pointwiseWeights(training, workspaces), b, training, workspaces);
    }

    /** [outputs per input, inputs, kernel height, kernel width]. */
    private INDArray depthwiseWeights(boolean training, LayerWorkspaceMgr workspaces) {
        return getParamWithNoise(SeparableConvolutionParamInitializer.DEPTH_WISE_WEIGHT_KEY, training, workspaces);
    }

    /** [outputs, inputs · outputs per input, 1, 1]. */
    private INDArray pointwiseWeights(boolean training, LayerWorkspaceMgr workspaces) {
        return getParamWithNoise(SeparableConvolutionParamInitializer.POINT_WISE_WEIGHT_KEY, training, workspaces);
    }

    private INDArray inputChannelsLast(LayerWorkspaceMgr workspaces) {
        CNN2DFormat format = layerConf().getCnn2dDataFormat();
        INDArray x = ChannelsLast.contiguous(input.castTo(dataType), format, workspaces, ArrayType.INPUT);
        input = ChannelsLast.stated(x, format);
        return x;
    }
}
