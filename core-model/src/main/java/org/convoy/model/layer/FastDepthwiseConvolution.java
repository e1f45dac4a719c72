package org.convoy.model.layer;

import java.util.Optional;
import org.convoy.model.layer.ConvolutionPasses.Weights;
import org.deeplearning4j.nn.api.MaskState;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.DepthwiseConvolution2D;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.layers.convolution.DepthwiseConvolution2DLayer;
import org.deeplearning4j.nn.params.DepthwiseConvolutionParamInitializer;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** DL4J's depthwise convolution, each channel by itself, on oneDNN. Where that does not compute, the stock layer does. */
final class FastDepthwiseConvolution extends DepthwiseConvolution2DLayer {
    private static final long serialVersionUID = 1L;

    private final transient ConvolutionPasses passes;

    FastDepthwiseConvolution(NeuralNetConfiguration conf, DataType dataType) {
        super(conf, dataType);
        DepthwiseConvolution2D layer = (DepthwiseConvolution2D) layerConf();
        passes = new ConvolutionPasses(
                Filter.of(layer, convolutionMode),
                Weights.depthwise(layer.getNIn(), layer.getDepthMultiplier(), layer.getKernelSize()),
                layer.getNIn() * layer.getDepthMultiplier(),
                hasBias(),
                layer.getActivationFn());
    }

    static Optional<String> obstacle(DepthwiseConvolution2D conf) {
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
        if (!passes.isReady()) {
            forward(x, true, workspaces);
        }
        INDArray delta = passes.delta(
                ChannelsLast.contiguous(epsilon.castTo(dataType), format, workspaces, ArrayType.BP_WORKING_MEM),
                workspaces);
        INDArray dw = gradientViews.get(DepthwiseConvolutionParamInitializer.WEIGHT_KEY);
        INDArray db = hasBias() ? gradientViews.get(DepthwiseConvolutionParamInitializer.BIAS_KEY) : null;
        INDArray dx = workspaces.createUninitialized(ArrayType.ACTIVATION_GRAD, dataType, x.shape(), 'c');
        passes.weightGradient(x, delta, dw, db, workspaces);
        passes.inputGradient(x, delta, weights(true, workspaces), dx, workspaces);
        passes.clear();
        weightNoiseParams.clear();

        Gradient gradient = new DefaultGradient();
        if (db != null) {
            gradient.setGradientFor(DepthwiseConvolutionParamInitializer.BIAS_KEY, db);
        }
        gradient.setGradientFor(DepthwiseConvolutionParamInitializer.WEIGHT_KEY, dw, 'c');
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
        passes.clear();
    }

    private INDArray forward(INDArray x, boolean training, LayerWorkspaceMgr workspaces) {
        INDArray b = hasBias()
                ? getParamWithNoise(DepthwiseConvolutionParamInitializer.BIAS_KEY, training, workspaces)
                : null;
        return passes.forward(x, weights(training, workspaces), b, training, workspaces);
    }

    /** [kernel height, kernel width, inputs, outputs per input]. */
    private INDArray weights(boolean training, LayerWorkspaceMgr workspaces) {
        return getParamWithNoise(DepthwiseConvolutionParamInitializer.WEIGHT_KEY, training, workspaces);
    }

    private INDArray inputChannelsLast(LayerWorkspaceMgr workspaces) {
        CNN2DFormat format = layerConf().getCnn2dDataFormat();
        INDArray x = ChannelsLast.contiguous(input.castTo(dataType), format, workspaces, ArrayType.INPUT);
        input = ChannelsLast.stated(x, format);
        return x;
    }
}
