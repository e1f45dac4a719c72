package org.convoy.model.layer;

import java.util.Optional;
import org.convoy.model.layer.OnednnPrimitive.WorkingMemory;
import org.deeplearning4j.nn.api.MaskState;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.layers.normalization.LocalResponseNormalization;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** DL4J's local response normalisation (Krizhevsky et al. 2012, section 3.3) on oneDNN; elsewhere the stock layer computes. */
final class FastLocalResponseNorm extends LocalResponseNormalization {
    private static final long serialVersionUID = 1L;

    private final transient ShapeCache<OnednnLrn> normalisations = new ShapeCache<>();

    FastLocalResponseNorm(NeuralNetConfiguration conf, DataType dataType) {
        super(conf, dataType);
    }

    static Optional<String> obstacle(org.deeplearning4j.nn.conf.layers.LocalResponseNormalization conf) {
        boolean odd = conf.getN() == Math.rint(conf.getN()) && conf.getN() % 2 == 1;
        return odd ? Optional.empty() : Optional.of("its window is of " + conf.getN() + " channels");
    }

    @Override
    public INDArray activate(boolean training, LayerWorkspaceMgr workspaces) {
        assertInputSet(false);
        if (!isNative()) {
            return super.activate(training, workspaces);
        }
        INDArray x = inputChannelsLast(workspaces);
        INDArray y = workspaces.createUninitialized(ArrayType.ACTIVATIONS, dataType, x.shape(), 'c');
        normalisation(x).forward(x, y, WorkingMemory.forward(workspaces));
        return ChannelsLast.stated(y, format());
    }

    @Override
    public Pair<Gradient, INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspaces) {
        assertInputSet(true);
        if (!isNative()) {
            return super.backpropGradient(epsilon, workspaces);
        }
        INDArray x = inputChannelsLast(workspaces);
        INDArray outputGradient =
                ChannelsLast.contiguous(epsilon.castTo(dataType), format(), workspaces, ArrayType.BP_WORKING_MEM);
        INDArray inputGradient = workspaces.createUninitialized(ArrayType.ACTIVATION_GRAD, dataType, x.shape(), 'c');
        normalisation(x).backward(x, outputGradient, inputGradient, WorkingMemory.backward(workspaces));
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

    private OnednnLrn normalisation(INDArray x) {
        return normalisations.get(
                x.shape(),
                () -> new OnednnLrn(
                        x.shape(),
                        (int) layerConf().getN(),
                        layerConf().getK(),
                        layerConf().getAlpha(),
                        layerConf().getBeta()));
    }

    private boolean isNative() {
        return input.rank() == 4 && Onednn.computes(dataType);
    }

    private CNN2DFormat format() {
        return layerConf().getDataFormat();
    }
}
