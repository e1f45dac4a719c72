package org.convoy.model.layer;

import java.util.Optional;
import org.bytedeco.dnnl.global.dnnl.algorithm;
import org.convoy.model.layer.OnednnPrimitive.WorkingMemory;
import org.deeplearning4j.exception.DL4JInvalidInputException;
import org.deeplearning4j.nn.api.MaskState;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.layers.convolution.subsampling.SubsamplingLayer;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.DynamicCustomOp;
import org.nd4j.linalg.factory.Nd4j;

/** DL4J's maximum and average pooling on channels-last memory. */
final class FastPooling extends SubsamplingLayer {
    private static final long serialVersionUID = 1L;
    private static final int CHANNELS_LAST = 1;

    private final transient ShapeCache<OnednnPooling> poolings = new ShapeCache<>();
    private final transient ShapeCache<MaximumGradient> gradients = new ShapeCache<>();

    FastPooling(NeuralNetConfiguration conf, DataType dataType) {
        super(conf, dataType);
    }

    static Optional<String> obstacle(org.deeplearning4j.nn.conf.layers.SubsamplingLayer conf) {
        PoolingType type = conf.getPoolingType();
        boolean supported = type == PoolingType.MAX || type == PoolingType.AVG;
        return supported ? Optional.empty() : Optional.of("its pooling type is " + type);
    }

    @Override
    public INDArray activate(boolean training, LayerWorkspaceMgr workspaces) {
        assertInputSet(false);
        if (input.rank() != 4) {
            throw new DL4JInvalidInputException("Input must have rank 4 (" + format().dimensionNames()
                    + ") but had rank " + input.rank() + " " + layerId());
        }
        INDArray x = inputChannelsLast(workspaces);
        INDArray y = workspaces.createUninitialized(
                ArrayType.ACTIVATIONS, dataType, filter().outputShape(x, x.size(3)), 'c');
        if (runsOnednn()) {
            pooling(x).forward(x, y, WorkingMemory.forward(workspaces));
        } else {
            Nd4j.exec(DynamicCustomOp.builder(isMaximum() ? "maxpool2d" : "avgpool2d")
                    .addInputs(x)
                    .addOutputs(y)
                    .addIntegerArguments(arguments())
                    .build());
        }
        return ChannelsLast.stated(y, format());
    }

    @Override
    public Pair<Gradient, INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspaces) {
        assertInputSet(true);
        INDArray x = inputChannelsLast(workspaces);
        INDArray epsilonLast =
                ChannelsLast.contiguous(epsilon.castTo(dataType), format(), workspaces, ArrayType.BP_WORKING_MEM);
        INDArray inputGradient = workspaces.createUninitialized(ArrayType.ACTIVATION_GRAD, dataType, x.shape(), 'c');
        if (looksForMaxima(x)) {
            gradients.get(x.shape(), () -> new MaximumGradient(filter(), x)).write(x, epsilonLast, inputGradient);
        } else if (runsOnednn()) {
            pooling(x).backward(epsilonLast, inputGradient, WorkingMemory.backward(workspaces));
        } else {
            Nd4j.exec(DynamicCustomOp.builder(isMaximum() ? "maxpool2d_bp" : "avgpool2d_bp")
                    .addInputs(x, epsilonLast)
                    .addOutputs(inputGradient)
                    .addIntegerArguments(arguments())
                    .build());
        }
        return new Pair<>(new DefaultGradient(), ChannelsLast.stated(inputGradient, format()));
    }

    @Override
    public Pair<INDArray, MaskState> feedForwardMaskArray(INDArray maskArray, MaskState currentMaskState, int N) {
        Masks.refuse(maskArray, layerId());
        return new Pair<>(null, currentMaskState);
    }

    private INDArray inputChannelsLast(LayerWorkspaceMgr workspaces) {
        INDArray x = ChannelsLast.contiguous(input.castTo(dataType), format(), workspaces, ArrayType.INPUT);
        input = ChannelsLast.stated(x, format());
        return x;
    }

    /** Without dilation, which this version of oneDNN has no fast form for. */
    private boolean runsOnednn() {
        return Onednn.computes(dataType) && !filter().isDilated();
    }

    private boolean looksForMaxima(INDArray x) {
        return runsOnednn() && isMaximum() && MaximumGradient.suits(filter(), x);
    }

    private OnednnPooling pooling(INDArray x) {
        return poolings.get(
                x.shape(),
                () -> looksForMaxima(x)
                        ? OnednnPooling.forwardAlone(algorithm(), filter(), x)
                        : new OnednnPooling(algorithm(), filter(), x));
    }

    private algorithm algorithm() {
        if (isMaximum()) {
            return algorithm.pooling_max;
        }
        return layerConf().isAvgPoolIncludePadInDivisor()
                ? algorithm.pooling_avg_include_padding
                : algorithm.pooling_avg_exclude_padding;
    }

    private Filter filter() {
        return new Filter(
                layerConf().getKernelSize(),
                layerConf().getStride(),
                layerConf().getDilation(),
                layerConf().getPadding(),
                convolutionMode);
    }

    private int[] arguments() {
        int[] kernel = layerConf().getKernelSize();
        int[] stride = layerConf().getStride();
        int[] padding = layerConf().getPadding();
        int[] dilation = layerConf().getDilation();
        int sameMode = convolutionMode == ConvolutionMode.Same ? 1 : 0;
        int divisor = layerConf().isAvgPoolIncludePadInDivisor() ? 1 : 0;
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
            isMaximum() ? 0 : divisor,
            CHANNELS_LAST
        };
    }

    private boolean isMaximum() {
        return layerConf().getPoolingType() == PoolingType.MAX;
    }

    private CNN2DFormat format() {
        return layerConf().getCnn2dDataFormat();
    }
}
