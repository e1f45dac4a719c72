package org.convoy.model.layer;

import java.util.Arrays;
import java.util.Optional;
import org.bytedeco.dnnl.global.dnnl.algorithm;
import org.convoy.model.layer.OnednnPrimitive.WorkingMemory;
import org.deeplearning4j.nn.api.MaskState;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.layers.pooling.GlobalPoolingLayer;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** DL4J's global average and maximum pooling of images: [N, C, H, W] to [N, C]. */
final class FastGlobalPooling extends GlobalPoolingLayer {
    private static final long serialVersionUID = 1L;
    private static final int[] HEIGHT_AND_WIDTH = {2, 3};

    private final transient ShapeCache<OnednnPooling> poolings = new ShapeCache<>();

    FastGlobalPooling(NeuralNetConfiguration conf, DataType dataType) {
        super(conf, dataType);
    }

    static Optional<String> obstacle(org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer conf) {
        int[] dimensions = conf.getPoolingDimensions();
        PoolingType type = conf.getPoolingType();
        if (type != PoolingType.AVG && type != PoolingType.MAX) {
            return Optional.of("its pooling type is " + type);
        }
        boolean wholeImages = dimensions == null || Arrays.equals(dimensions, HEIGHT_AND_WIDTH);
        return wholeImages && conf.isCollapseDimensions()
                ? Optional.empty()
                : Optional.of("it does not pool whole images of [N, C, H, W]");
    }

    @Override
    public INDArray activate(boolean training, LayerWorkspaceMgr workspaces) {
        assertInputSet(false);
        if (!isNative()) {
            return super.activate(training, workspaces);
        }
        INDArray x = ChannelsLast.contiguous(input.castTo(dataType), CNN2DFormat.NCHW, workspaces, ArrayType.INPUT);
        input = ChannelsLast.stated(x, CNN2DFormat.NCHW);
        INDArray y =
                workspaces.createUninitialized(ArrayType.ACTIVATIONS, dataType, new long[] {x.size(0), x.size(3)}, 'c');
        pooling(x).forward(x, y, WorkingMemory.forward(workspaces));
        return y;
    }

    @Override
    public Pair<Gradient, INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspaces) {
        assertInputSet(true);
        if (!isNative()) {
            return super.backpropGradient(epsilon, workspaces);
        }
        INDArray outputGradient = ChannelsLast.contiguous(
                epsilon.castTo(dataType), CNN2DFormat.NHWC, workspaces, ArrayType.BP_WORKING_MEM);
        INDArray inputGradient = workspaces.createUninitialized(
                ArrayType.ACTIVATION_GRAD,
                dataType,
                new long[] {input.size(0), input.size(2), input.size(3), input.size(1)},
                'c');
        pooling(inputGradient).backward(outputGradient, inputGradient, WorkingMemory.backward(workspaces));
        return new Pair<>(new DefaultGradient(), ChannelsLast.stated(inputGradient, CNN2DFormat.NCHW));
    }

    @Override
    public Pair<INDArray, MaskState> feedForwardMaskArray(INDArray maskArray, MaskState currentMaskState, int N) {
        Masks.refuse(maskArray, layerId());
        return new Pair<>(null, currentMaskState);
    }

    private boolean isNative() {
        return input.rank() == 4 && Onednn.computes(dataType);
    }

    /** One window over the whole of each image [N, H, W, C]. */
    private OnednnPooling pooling(INDArray images) {
        int[] whole = {(int) images.size(1), (int) images.size(2)};
        Filter filter = new Filter(whole, whole, new int[] {1, 1}, new int[] {0, 0}, ConvolutionMode.Truncate);
        algorithm method = layerConf().getPoolingType() == PoolingType.MAX
                ? algorithm.pooling_max
                : algorithm.pooling_avg_exclude_padding;
        return poolings.get(images.shape(), () -> new OnednnPooling(method, filter, images));
    }
}
