package org.convoy.model.layer;

import java.util.Arrays;
import java.util.Optional;
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

/** DL4J's dense layer, with its pre-output computed once per step. */
final class FastDense extends DenseLayer {
    private static final long serialVersionUID = 1L;

    private final transient KeptActivation activation;

    FastDense(NeuralNetConfiguration conf, DataType dataType) {
        super(conf, dataType);
        activation = new KeptActivation(layerConf().getActivationFn());
    }

    static Optional<String> obstacle(org.deeplearning4j.nn.conf.layers.DenseLayer conf) {
        return conf.hasLayerNorm() ? Optional.of("it normalises its pre-output") : Optional.empty();
    }

    @Override
    public INDArray activate(boolean training, LayerWorkspaceMgr workspaces) {
        return activation.forward(multiply(training, workspaces), training, workspaces);
    }

    @Override
    public Pair<Gradient, INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspaces) {
        assertInputSet(true);
        if (!activation.isReady()) {
            activation.forward(multiply(true, workspaces), true, workspaces);
        }
        INDArray delta = activation.backward(inRows(epsilon, workspaces), workspaces); // [N, outputs]

        Gradient gradient = new DefaultGradient();
        if (hasBias()) {
            INDArray biasGradient = gradientViews.get(DefaultParamInitializer.BIAS_KEY);
            delta.sum(biasGradient, 0);
            gradient.setGradientFor(DefaultParamInitializer.BIAS_KEY, biasGradient);
        }
        INDArray weightGradient = gradientViews.get(DefaultParamInitializer.WEIGHT_KEY);
        Nd4j.gemm(input.castTo(dataType), delta, weightGradient, true, false, 1.0, 0.0);
        gradient.setGradientFor(DefaultParamInitializer.WEIGHT_KEY, weightGradient);

        INDArray weights = getParamWithNoise(DefaultParamInitializer.WEIGHT_KEY, true, workspaces);
        INDArray transposed = workspaces.createUninitialized(
                ArrayType.ACTIVATION_GRAD, dataType, new long[] {weights.size(0), delta.size(0)}, 'f');
        INDArray inputGradient = weights.mmuli(delta.transpose(), transposed).transpose(); // [N, inputs] in C order
        activation.clear();
        weightNoiseParams.clear();
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

    /**
     * [N, inputs] to [N, outputs], without the activation function. Computed as (Wᵀ xᵀ)ᵀ: ND4J would write a product in C
     * order to a temporary in F order first.
     */
    private INDArray multiply(boolean training, LayerWorkspaceMgr workspaces) {
        assertInputSet(false);
        applyDropOutIfNecessary(training, workspaces);
        INDArray weights = getParamWithNoise(DefaultParamInitializer.WEIGHT_KEY, training, workspaces);
        INDArray x = input.castTo(dataType);
        if (x.rank() != 2 || x.size(1) != weights.size(0)) {
            throw new DL4JInvalidInputException("Input must be [N, " + weights.size(0) + "] but was "
                    + Arrays.toString(x.shape()) + " " + layerId());
        }
        INDArray transposed = workspaces.createUninitialized(
                ArrayType.ACTIVATIONS, dataType, new long[] {weights.size(1), x.size(0)}, 'f');
        INDArray z = weights.transpose().mmuli(x.transpose(), transposed).transpose();
        if (hasBias()) {
            z.addiRowVector(getParamWithNoise(DefaultParamInitializer.BIAS_KEY, training, workspaces));
        }
        return z;
    }

    private INDArray inRows(INDArray epsilon, LayerWorkspaceMgr workspaces) {
        INDArray typed = epsilon.castTo(dataType);
        boolean contiguous = typed.ordering() == 'c' && typed.elementWiseStride() == 1;
        return contiguous ? typed : workspaces.dup(ArrayType.BP_WORKING_MEM, typed, 'c');
    }
}
