package org.convoy.model.layer;

import java.util.Arrays;
import java.util.Optional;
import org.convoy.model.layer.OnednnPrimitive.WorkingMemory;
import org.deeplearning4j.exception.DL4JInvalidInputException;
import org.deeplearning4j.nn.api.MaskState;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.layers.feedforward.dense.DenseLayer;
import org.deeplearning4j.nn.params.DefaultParamInitializer;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** DL4J's dense layer on oneDNN, or where that does not compute on ND4J's products; its pre-output is computed once per step. */
final class FastDense extends DenseLayer {
    private static final long serialVersionUID = 1L;

    private final transient KeptActivation activation;
    private final transient ShapeCache<OnednnDense> denses = new ShapeCache<>();

    FastDense(NeuralNetConfiguration conf, DataType dataType) {
        super(conf, dataType);
        activation = new KeptActivation(layerConf().getActivationFn());
    }

    static Optional<String> obstacle(org.deeplearning4j.nn.conf.layers.DenseLayer conf) {
        return conf.hasLayerNorm() ? Optional.of("it normalises its pre-output") : Optional.empty();
    }

    @Override
    public INDArray activate(boolean training, LayerWorkspaceMgr workspaces) {
        assertInputSet(false);
        applyDropOutIfNecessary(training, workspaces);
        return multiply(inputInRows(workspaces), training, workspaces);
    }

    @Override
    public Pair<Gradient, INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspaces) {
        assertInputSet(true);
        INDArray x = inputInRows(workspaces);
        if (!activation.isReady()) {
            multiply(x, true, workspaces);
        }
        INDArray epsilonInRows = inRows(epsilon.castTo(dataType), ArrayType.BP_WORKING_MEM, workspaces);
        INDArray delta = activation.backward(epsilonInRows, workspaces); // [N, outputs]
        INDArray weights = weights(true, workspaces);
        INDArray weightGradient = gradientViews.get(DefaultParamInitializer.WEIGHT_KEY);
        INDArray biasGradient = hasBias() ? gradientViews.get(DefaultParamInitializer.BIAS_KEY) : null;
        INDArray inputGradient = workspaces.createUninitialized(ArrayType.ACTIVATION_GRAD, dataType, x.shape(), 'c');
        if (Onednn.computes(dataType)) {
            WorkingMemory working = WorkingMemory.backward(workspaces);
            dense(x).weightGradient(x, delta, weightGradient, biasGradient, working);
            dense(x).inputGradient(delta, weights, inputGradient, working);
        } else {
            Nd4j.gemm(x, delta, weightGradient, true, false, 1.0, 0.0);
            if (biasGradient != null) {
                delta.sum(biasGradient, 0);
            }
            delta.mmuli(weights.transpose(), inputGradient);
        }
        activation.clear();
        weightNoiseParams.clear();

        Gradient gradient = new DefaultGradient();
        if (biasGradient != null) {
            gradient.setGradientFor(DefaultParamInitializer.BIAS_KEY, biasGradient);
        }
        gradient.setGradientFor(DefaultParamInitializer.WEIGHT_KEY, weightGradient);
        return new Pair<>(gradient, backpropDropOutIfPresent(inputGradient));
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

    /** [N, inputs] to [N, outputs], activation function and all. */
    private INDArray multiply(INDArray x, boolean training, LayerWorkspaceMgr workspaces) {
        INDArray weights = weights(training, workspaces);
        INDArray bias = hasBias() ? getParamWithNoise(DefaultParamInitializer.BIAS_KEY, training, workspaces) : null;
        if (x.rank() != 2 || x.size(1) != weights.size(0)) {
            throw new DL4JInvalidInputException("Input must be [N, " + weights.size(0) + "] but was "
                    + Arrays.toString(x.shape()) + " " + layerId());
        }
        INDArray z = workspaces.createUninitialized(
                ArrayType.ACTIVATIONS, dataType, new long[] {x.size(0), weights.size(1)}, 'c');
        if (Onednn.computes(dataType)) {
            dense(x).forward(x, weights, bias, z, WorkingMemory.forward(workspaces));
            return rectifies() ? activation.keepApplied(z, training) : activation.forward(z, training, workspaces);
        }
        x.mmuli(weights, z);
        if (bias != null) {
            z.addiRowVector(bias);
        }
        return activation.forward(z, training, workspaces);
    }

    private OnednnDense dense(INDArray x) {
        return denses.get(
                x.shape(),
                () -> new OnednnDense(x.size(0), x.size(1), layerConf().getNOut(), hasBias(), rectifies()));
    }

    private boolean rectifies() {
        return KeptActivation.isPlainRelu(layerConf().getActivationFn());
    }

    /** [inputs, outputs] in F order. */
    private INDArray weights(boolean training, LayerWorkspaceMgr workspaces) {
        INDArray weights = getParamWithNoise(DefaultParamInitializer.WEIGHT_KEY, training, workspaces);
        return Onednn.liesInOrder(weights.transpose()) ? weights : weights.dup('f');
    }

    private INDArray inputInRows(LayerWorkspaceMgr workspaces) {
        return inRows(input.castTo(dataType), ArrayType.FF_WORKING_MEM, workspaces);
    }

    private static INDArray inRows(INDArray array, ArrayType arrayType, LayerWorkspaceMgr workspaces) {
        return Onednn.liesInOrder(array) ? array : workspaces.dup(arrayType, array, 'c');
    }
}
