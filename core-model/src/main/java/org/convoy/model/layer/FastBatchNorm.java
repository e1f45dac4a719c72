package org.convoy.model.layer;

import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.convoy.model.layer.ObservingPass.ChannelStatistics;
import org.convoy.model.layer.OnednnPrimitive.WorkingMemory;
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
import org.nd4j.linalg.factory.Nd4j;

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

    /** Where the running variance of a channel that never varies stops shrinking: below it there is no logarithm. */
    private static final float SMALLEST_VARIANCE = Float.MIN_NORMAL;

    private final transient ShapeCache<OnednnBatchNorm> normalisations = new ShapeCache<>();
    /** The one that saw the last batch of training and holds its mean and variance; null if there was none. */
    private transient OnednnBatchNorm trained;
    /** Whether a pass that does not train normalises by the batch's own statistics, and keeps them in {@code observed}. */
    private transient boolean observing;

    private transient List<ChannelStatistics> observed;

    FastBatchNorm(NeuralNetConfiguration conf, DataType dataType) {
        super(conf, dataType);
    }

    static Optional<String> obstacle(org.deeplearning4j.nn.conf.layers.BatchNormalization conf) {
        return conf.isLockGammaBeta() ? Optional.of("its scale and shift are fixed") : Optional.empty();
    }

    @Override
    public INDArray activate(boolean training, LayerWorkspaceMgr workspaces) {
        assertInputSet(false);
        trained = null;
        if (!isNative(input)) {
            if (observing) {
                observed = statisticsOf(input);
            }
            return super.activate(training || observing, workspaces);
        }
        INDArray x = inputChannelsLast(workspaces);
        long C = layerConf().getNOut();
        if (x.size(x.rank() - 1) != C) {
            throw new IllegalArgumentException(
                    "Input must have " + C + " channels but had " + x.size(x.rank() - 1) + " " + layerId());
        }
        INDArray y = workspaces.createUninitialized(ArrayType.ACTIVATIONS, dataType, x.shape(), 'c');
        INDArray gamma = getParam(GAMMA);
        INDArray beta = getParam(BETA);
        WorkingMemory working = WorkingMemory.forward(workspaces);
        if (observing) {
            OnednnBatchNorm normalisation = normalisation(x);
            normalisation.train(x, gamma, beta, y, working);
            observed = perChannel(normalisation.mean(), normalisation.variance());
        } else if (training) {
            trained = normalisation(x);
            trained.train(x, gamma, beta, y, working);
        } else {
            INDArray variance = Nd4j.createFromArray(globalVariance());
            normalisation(x).infer(x, gamma, beta, getParam(GLOBAL_MEAN), variance, y, working);
        }
        return ChannelsLast.stated(y, format(x));
    }

    @Override
    public Pair<Gradient, INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspaces) {
        assertInputSet(true);
        if (!isNative(input)) {
            return super.backpropGradient(epsilon, workspaces);
        }
        INDArray x = inputChannelsLast(workspaces);
        if (trained == null) {
            activate(true, workspaces);
        }
        INDArray outputGradient =
                ChannelsLast.contiguous(epsilon.castTo(dataType), format(x), workspaces, ArrayType.BP_WORKING_MEM);
        INDArray inputGradient = workspaces.createUninitialized(ArrayType.ACTIVATION_GRAD, dataType, x.shape(), 'c');
        INDArray gammaGradient = gradientViews.get(GAMMA);
        INDArray betaGradient = gradientViews.get(BETA);
        trained.backward(
                x,
                outputGradient,
                getParam(GAMMA),
                getParam(BETA),
                inputGradient,
                gammaGradient,
                betaGradient,
                WorkingMemory.backward(workspaces));
        Gradient gradient = new DefaultGradient();
        gradient.setGradientFor(GAMMA, gammaGradient);
        gradient.setGradientFor(BETA, betaGradient);
        setRunningAverages(gradient);
        trained = null;
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
        trained = null;
    }

    /** From now on normalises by each batch's own statistics, without training. */
    void startObserving() {
        observing = true;
    }

    void stopObserving() {
        observing = false;
        observed = null;
    }

    /** Of the last batch since {@link #startObserving()}. */
    List<ChannelStatistics> observed() {
        return observed;
    }

    /** With ND4J, where oneDNN does not compute. */
    private List<ChannelStatistics> statisticsOf(INDArray x) {
        int channels = format(x) == CNN2DFormat.NCHW ? 1 : x.rank() - 1;
        int[] others = IntStream.range(0, x.rank())
                .filter(dimension -> dimension != channels)
                .toArray();
        return perChannel(x.mean(others), x.var(false, others));
    }

    private static List<ChannelStatistics> perChannel(INDArray mean, INDArray variance) {
        float[] means = mean.toFloatVector();
        float[] variances = variance.toFloatVector();
        return IntStream.range(0, means.length)
                .mapToObj(c -> new ChannelStatistics(means[c], variances[c]))
                .toList();
    }

    /** What the updater has to subtract so that the running averages become decay · old + (1 - decay) · batch. */
    private void setRunningAverages(Gradient gradient) {
        double decay = layerConf().getDecay();
        float[] mean = getParam(GLOBAL_MEAN).toFloatVector();
        float[] variance = globalVariance();
        float[] batchMean = trained.mean().toFloatVector();
        float[] batchVariance = trained.variance().toFloatVector();
        float[] variableUpdate = new float[mean.length];
        boolean logarithmic = layerConf().isUseLogStd();
        for (int c = 0; c < mean.length; c++) {
            mean[c] = (float) ((mean[c] - batchMean[c]) * (1 - decay));
            double next = Math.max(SMALLEST_VARIANCE, decay * variance[c] + (1 - decay) * batchVariance[c]);
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
            variance[c] = Math.max(SMALLEST_VARIANCE, (float) Math.pow(10, 2 * (double) variance[c]));
        }
        return variance;
    }

    private void set(Gradient gradient, String parameter, float[] values) {
        INDArray view = gradientViews.get(parameter);
        view.assign(Nd4j.createFromArray(values).reshape(view.shape()));
        gradient.setGradientFor(parameter, view);
    }

    /** For [N, H, W, C], and for [N, C] as images of one pixel. */
    private OnednnBatchNorm normalisation(INDArray x) {
        return normalisations.get(x.shape(), () -> {
            long[] shape = x.shape();
            long[] images = x.rank() == 2 ? new long[] {shape[0], 1, 1, shape[1]} : shape;
            return new OnednnBatchNorm(images, (float) layerConf().getEps());
        });
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
        return (array.rank() == 2 || array.rank() == 4) && Onednn.computes(dataType);
    }
}
