package org.convoy.model.layer;

import java.util.Optional;
import org.deeplearning4j.nn.api.MaskState;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.layers.normalization.BatchNormalization;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

import static org.deeplearning4j.nn.params.BatchNormalizationParamInitializer.BETA;
import static org.deeplearning4j.nn.params.BatchNormalizationParamInitializer.GAMMA;
import static org.deeplearning4j.nn.params.BatchNormalizationParamInitializer.GLOBAL_LOG_STD;
import static org.deeplearning4j.nn.params.BatchNormalizationParamInitializer.GLOBAL_MEAN;
import static org.deeplearning4j.nn.params.BatchNormalizationParamInitializer.GLOBAL_VAR;

/**
 * DL4J's batch normalisation (Ioffe and Szegedy 2015, algorithm 1) over the last dimension of channels-last memory. Running
 * mean and variance are updated as DL4J does it: as gradients, which the updater subtracts.
 */
final class FastBatchNorm extends BatchNormalization {
    private static final long serialVersionUID = 1L;

    /** From the last forward pass of training, C numbers each; null if there was none. */
    private transient float[] batchMean;

    private transient float[] batchVariance;

    FastBatchNorm(NeuralNetConfiguration conf, DataType dataType) {
        super(conf, dataType);
    }

    static Optional<String> obstacle(org.deeplearning4j.nn.conf.layers.BatchNormalization conf) {
        return conf.isLockGammaBeta() ? Optional.of("its scale and shift are fixed") : Optional.empty();
    }

    @Override
    public INDArray activate(boolean training, LayerWorkspaceMgr workspaces) {
        assertInputSet(false);
        batchMean = null;
        if (!isNative(input)) {
            return super.activate(training, workspaces);
        }
        INDArray x = inputChannelsLast(workspaces);
        int C = (int) layerConf().getNOut();
        if (x.size(x.rank() - 1) != C) {
            throw new IllegalArgumentException(
                    "Input must have " + C + " channels but had " + x.size(x.rank() - 1) + " " + layerId());
        }
        float[] mean;
        float[] variance;
        if (training) {
            mean = new float[C];
            variance = new float[C];
            ChannelLoops.moments(x, mean, variance);
            batchMean = mean;
            batchVariance = variance;
        } else {
            mean = getParam(GLOBAL_MEAN).toFloatVector();
            variance = globalVariance();
        }
        float[] scale = getParam(GAMMA).toFloatVector();
        float[] shift = getParam(BETA).toFloatVector();
        for (int c = 0; c < C; c++) {
            scale[c] = (float) (scale[c] * inverseDeviation(variance[c]));
            shift[c] -= mean[c] * scale[c];
        }
        INDArray y = workspaces.createUninitialized(ArrayType.ACTIVATIONS, dataType, x.shape(), 'c');
        ChannelLoops.scaleAndShift(x, scale, shift, y);
        return ChannelsLast.stated(y, format(x));
    }

    /**
     * With m rows, s = 1 / √(variance + ε) and x̂ = (x - mean) · s: dβ = Σ δ, dγ = Σ δ x̂,
     * dx = γ s (δ - dβ / m - x̂ dγ / m).
     */
    @Override
    public Pair<Gradient, INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspaces) {
        assertInputSet(true);
        if (!isNative(input)) {
            return super.backpropGradient(epsilon, workspaces);
        }
        INDArray x = inputChannelsLast(workspaces);
        int C = (int) layerConf().getNOut();
        if (batchMean == null) {
            batchMean = new float[C];
            batchVariance = new float[C];
            ChannelLoops.moments(x, batchMean, batchVariance);
        }
        INDArray outputGradient =
                ChannelsLast.contiguous(epsilon.castTo(dataType), format(x), workspaces, ArrayType.BP_WORKING_MEM);
        double[][] sums = ChannelLoops.gradientSums(x, outputGradient, batchMean);
        double rows = (double) x.length() / C;
        float[] gamma = getParam(GAMMA).toFloatVector();
        float[] gammaGradient = new float[C];
        float[] betaGradient = new float[C];
        float[] ofGradient = new float[C];
        float[] ofInput = new float[C];
        float[] constant = new float[C];
        for (int c = 0; c < C; c++) {
            double deviation = inverseDeviation(batchVariance[c]);
            betaGradient[c] = (float) sums[0][c];
            gammaGradient[c] = (float) (sums[1][c] * deviation);
            ofGradient[c] = (float) (gamma[c] * deviation);
            ofInput[c] = (float) (-ofGradient[c] * deviation * deviation * sums[1][c] / rows);
            constant[c] = (float) (-ofGradient[c] * sums[0][c] / rows - ofInput[c] * (double) batchMean[c]);
        }
        INDArray inputGradient = workspaces.createUninitialized(ArrayType.ACTIVATION_GRAD, dataType, x.shape(), 'c');
        ChannelLoops.combine(x, outputGradient, ofGradient, ofInput, constant, inputGradient);

        Gradient gradient = new DefaultGradient();
        set(gradient, GAMMA, gammaGradient);
        set(gradient, BETA, betaGradient);
        setRunningAverages(gradient);
        batchMean = null;
        return new Pair<>(gradient, ChannelsLast.stated(inputGradient, format(x)));
    }

    @Override
    public Pair<INDArray, MaskState> feedForwardMaskArray(INDArray maskArray, MaskState currentMaskState, int N) {
        Masks.refuse(maskArray, layerId());
        return new Pair<>(null, currentMaskState);
    }

    @Override
    public void clear() {
        super.clear();
        batchMean = null;
    }

    /** What the updater has to subtract so that the running averages become decay · old + (1 - decay) · batch. */
    private void setRunningAverages(Gradient gradient) {
        double decay = layerConf().getDecay();
        float[] mean = getParam(GLOBAL_MEAN).toFloatVector();
        float[] variance = globalVariance();
        float[] variableUpdate = new float[mean.length];
        boolean logarithmic = layerConf().isUseLogStd();
        for (int c = 0; c < mean.length; c++) {
            mean[c] = (float) ((mean[c] - batchMean[c]) * (1 - decay));
            double next = decay * variance[c] + (1 - decay) * batchVariance[c];
            variableUpdate[c] = (float) (logarithmic ? Math.log10(variance[c] / next) / 2 : variance[c] - next);
        }
        set(gradient, GLOBAL_MEAN, mean);
        set(gradient, logarithmic ? GLOBAL_LOG_STD : GLOBAL_VAR, variableUpdate);
    }

    private float[] globalVariance() {
        if (!layerConf().isUseLogStd()) {
            return getParam(GLOBAL_VAR).toFloatVector();
        }
        float[] variance = getParam(GLOBAL_LOG_STD).toFloatVector();
        for (int c = 0; c < variance.length; c++) {
            variance[c] = (float) Math.pow(10, 2 * (double) variance[c]);
        }
        return variance;
    }

    private void set(Gradient gradient, String parameter, float[] values) {
        INDArray view = gradientViews.get(parameter);
        HostLoops.floats(view).put(0, values);
        gradient.setGradientFor(parameter, view);
    }

    private double inverseDeviation(float variance) {
        return 1 / Math.sqrt(variance + layerConf().getEps());
    }

    private INDArray inputChannelsLast(LayerWorkspaceMgr workspaces) {
        CNN2DFormat format = format(input);
        INDArray x = ChannelsLast.contiguous(input.castTo(dataType), format, workspaces, ArrayType.INPUT);
        input = ChannelsLast.stated(x, format);
        return x;
    }

    /** [N, C] is its own channels-last form. */
    private CNN2DFormat format(INDArray array) {
        return array.rank() == 2 ? CNN2DFormat.NHWC : layerConf().getCnn2DFormat();
    }

    private boolean isNative(INDArray array) {
        return (array.rank() == 2 || array.rank() == 4) && HostLoops.canReadType(dataType);
    }
}
