package org.convoy.model;

import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import org.deeplearning4j.nn.api.TrainingConfig;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.updater.UpdaterBlock;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.config.NoOp;

/**
 * Takes an optimiser's steps on a network's flat vectors: parameters, gradient (summed over the batch; overwritten) and
 * optimiser state. {@code sgd}, {@code nesterov} and {@code adam} step as DL4J's updaters do.
 *
 * <p>The state lies as DL4J's updater has it, which reads and writes it in archives. DL4J goes through the tensors in the
 * parameters' order and puts neighbours with the same updater into one block. Each block has its velocities, or for the Adam
 * family its first moments and behind them its second ones; {@code sgd} has no state. Batch norm's running mean and variance
 * have none either, and end a block: a network without them is one block, [m | v].
 *
 * <p>Not thread-safe. Works in chunks that stay in the processor's cache and makes no garbage.
 */
final class LocalStep {
    private static final int CHUNK = 4096;

    private static final float BETA_1 = 0.9f;
    private static final float BETA_2 = 0.999f;
    private static final float ADAM_EPSILON = 1e-8f;
    /** You et al. 2020, algorithm 2, as in its authors' code. */
    private static final float LAMB_EPSILON = 1e-6f;
    /** η of You, Gitman and Ginsburg 2017, section 4. */
    private static final double LARS_TRUST = 0.001;

    private final Optimiser optimiser;
    private final List<Tensor> tensors;
    private final FloatBuffer parameters;
    private final FloatBuffer gradient;
    private final FloatBuffer state;

    private final float[] p = new float[CHUNK];
    private final float[] g = new float[CHUNK];
    private final float[] m = new float[CHUNK];
    private final float[] v = new float[CHUNK];

    /** What a tensor is to the optimiser. */
    enum Role {
        /** Has decay, penalties and a trust ratio. */
        WEIGHT,
        /** A bias, or batch norm's scale or shift: has the plain step. */
        OTHER,
        /** A running mean or variance: its "gradient" is not one, and is subtracted as it is. */
        STATISTIC
    }

    /**
     * Where a tensor lies in the flat vectors.
     *
     * @param from first value in the parameters and the gradient
     * @param state first value of its velocity or first moment in the optimiser's state
     * @param secondState first value of its second moment there
     * @param rateFactor what the step size is multiplied by
     */
    record Tensor(Role role, int from, int length, int state, int secondState, double rateFactor) {}

    LocalStep(
            Optimiser optimiser,
            List<Tensor> tensors,
            FloatBuffer parameters,
            FloatBuffer gradient,
            FloatBuffer state) {
        this.optimiser = optimiser;
        this.tensors = List.copyOf(tensors);
        this.parameters = parameters;
        this.gradient = gradient;
        this.state = state;
    }

    /**
     * Steps of {@code network}, in its own memory.
     *
     * @param frozen how many parameters, from the first on, are never changed
     */
    static LocalStep of(Dl4jNetwork network, int frozen, Optimiser optimiser) {
        INDArray state = network.optimiserState(); // allocates the gradient as well
        return new LocalStep(
                optimiser,
                tensors(network, frozen, optimiser),
                FlatVector.view(network.parameters()),
                FlatVector.view(network.gradient()),
                state == null ? FloatBuffer.allocate(0) : FlatVector.view(state));
    }

    private static List<Tensor> tensors(Dl4jNetwork network, int frozen, Optimiser optimiser) {
        List<Tensor> tensors = new ArrayList<>();
        for (UpdaterBlock block : network.updater().getUpdaterBlocks()) {
            int blockLength = block.getParamOffsetEnd() - block.getParamOffsetStart();
            for (UpdaterBlock.ParamState tensor : block.getLayersAndVariablesInBlock()) {
                int from = tensor.getParamOffsetStart();
                if (from < frozen) {
                    continue;
                }
                int state = block.getUpdaterViewOffsetStart() + from - block.getParamOffsetStart();
                tensors.add(new Tensor(
                        role(tensor),
                        from,
                        tensor.getParamOffsetEnd() - from,
                        state,
                        state + blockLength,
                        optimiser.rateFactor(tensor.getLayer().getConfig().getLayerName())));
            }
        }
        return tensors;
    }

    private static Role role(UpdaterBlock.ParamState tensor) {
        TrainingConfig config = tensor.getLayer().getConfig();
        if (config.getUpdaterByParam(tensor.getParamName()) instanceof NoOp) {
            return Role.STATISTIC;
        }
        Layer layer = (Layer) config;
        return layer.initializer().isWeightParam(layer, tensor.getParamName()) ? Role.WEIGHT : Role.OTHER;
    }

    /**
     * Takes one step.
     *
     * @param examples N, what the gradient is summed over
     * @param stepsBefore steps that the parameters have behind them
     * @param rate η of this step
     */
    void take(int examples, int stepsBefore, double rate) {
        float clipping = clipping(examples);
        int t = stepsBefore + 1;
        for (Tensor tensor : tensors) {
            if (tensor.role() == Role.STATISTIC) {
                subtract(tensor, 1);
                continue;
            }
            double ownRate = rate * tensor.rateFactor();
            switch (optimiser.name()) {
                case "lamb" -> {
                    double trust = lambDirection(tensor, examples, clipping, t);
                    subtract(tensor, (float) (ownRate * trust));
                }
                case "lars" -> {
                    double trust = larsTrust(tensor, examples, clipping);
                    descend(tensor, examples, clipping, t, (float) (ownRate * trust));
                }
                default -> descend(tensor, examples, clipping, t, (float) ownRate);
            }
        }
    }

    /** What to multiply the mean gradient by, so that it is no longer than allowed. */
    private float clipping(int examples) {
        double longest = optimiser.regularisation().gradientClippingNorm();
        if (longest == 0) {
            return 1;
        }
        double squares = 0;
        for (Tensor tensor : tensors) {
            if (tensor.role() != Role.STATISTIC) {
                for (int at = 0; at < tensor.length(); at += CHUNK) {
                    int n = Math.min(CHUNK, tensor.length() - at);
                    gradient.get(tensor.from() + at, g, 0, n);
                    squares += squares(g, n);
                }
            }
        }
        double norm = Math.sqrt(squares) / examples;
        return norm > longest ? (float) (longest / norm) : 1;
    }

    /** The whole step of an optimiser that needs no norm of a tensor, or has it in {@code rate} already. */
    private void descend(Tensor tensor, int examples, float clipping, int t, float rate) {
        float momentum = (float) optimiser.momentum();
        float decay = decay(tensor);
        float adamRate = adamRate(rate, t);
        for (int at = 0; at < tensor.length(); at += CHUNK) {
            int n = load(tensor, at, examples, clipping);
            switch (optimiser.name()) {
                case "sgd" -> sgd(p, g, n, rate, decay);
                case "nesterov" -> {
                    state.get(tensor.state() + at, v, 0, n);
                    nesterov(p, g, v, n, rate, momentum, rate * decay);
                    state.put(tensor.state() + at, v, 0, n);
                }
                case "lars" -> {
                    state.get(tensor.state() + at, v, 0, n);
                    heavyBall(p, g, v, n, rate, momentum, decay);
                    state.put(tensor.state() + at, v, 0, n);
                }
                default -> {
                    loadMoments(tensor, at, n);
                    adam(p, g, m, v, n, adamRate, rate * decay);
                    storeMoments(tensor, at, n);
                }
            }
            parameters.put(tensor.from() + at, p, 0, n);
        }
    }

    /** Puts the direction in place of the gradient and gives the trust ratio: You et al. 2020, algorithm 2, φ the identity. */
    private double lambDirection(Tensor tensor, int examples, float clipping, int t) {
        float decay = decay(tensor);
        float firstCorrection = (float) (1 / (1 - Math.pow(BETA_1, t)));
        float secondCorrection = (float) (1 / (1 - Math.pow(BETA_2, t)));
        double weights = 0;
        double direction = 0;
        for (int at = 0; at < tensor.length(); at += CHUNK) {
            int n = load(tensor, at, examples, clipping);
            loadMoments(tensor, at, n);
            lamb(p, g, m, v, n, firstCorrection, secondCorrection, decay);
            storeMoments(tensor, at, n);
            gradient.put(tensor.from() + at, g, 0, n);
            weights += squares(p, n);
            direction += squares(g, n);
        }
        return tensor.role() == Role.WEIGHT ? ratio(Math.sqrt(weights), Math.sqrt(direction)) : 1;
    }

    /** The tensor's own part of the rate: You, Gitman and Ginsburg 2017, equation 6. */
    private double larsTrust(Tensor tensor, int examples, float clipping) {
        if (tensor.role() != Role.WEIGHT) {
            return 1;
        }
        double weights = 0;
        double direction = 0;
        for (int at = 0; at < tensor.length(); at += CHUNK) {
            int n = load(tensor, at, examples, clipping);
            weights += squares(p, n);
            direction += squares(g, n);
        }
        double norm = Math.sqrt(weights);
        return ratio(LARS_TRUST * norm, Math.sqrt(direction) + decay(tensor) * norm);
    }

    /** 1 where a norm is 0, so that what starts at zero can leave it. */
    private static double ratio(double weights, double direction) {
        return weights > 0 && direction > 0 ? weights / direction : 1;
    }

    /** θ less {@code factor} times what stands in the gradient. */
    private void subtract(Tensor tensor, float factor) {
        for (int at = 0; at < tensor.length(); at += CHUNK) {
            int n = Math.min(CHUNK, tensor.length() - at);
            parameters.get(tensor.from() + at, p, 0, n);
            gradient.get(tensor.from() + at, g, 0, n);
            sgd(p, g, n, factor, 0);
            parameters.put(tensor.from() + at, p, 0, n);
        }
    }

    /** Reads a chunk of the parameters into p and of the mean gradient, clipped and with its penalties, into g. */
    private int load(Tensor tensor, int at, int examples, float clipping) {
        int n = Math.min(CHUNK, tensor.length() - at);
        parameters.get(tensor.from() + at, p, 0, n);
        gradient.get(tensor.from() + at, g, 0, n);
        float N = examples;
        for (int i = 0; i < n; i++) {
            g[i] = g[i] / N * clipping;
        }
        float l1 = (float) optimiser.regularisation().l1();
        float l2 = (float) optimiser.regularisation().l2();
        if (tensor.role() == Role.WEIGHT && (l1 > 0 || l2 > 0)) {
            for (int i = 0; i < n; i++) {
                g[i] += l1 * Math.signum(p[i]) + l2 * p[i];
            }
        }
        return n;
    }

    private void loadMoments(Tensor tensor, int at, int n) {
        state.get(tensor.state() + at, m, 0, n);
        state.get(tensor.secondState() + at, v, 0, n);
    }

    private void storeMoments(Tensor tensor, int at, int n) {
        state.put(tensor.state() + at, m, 0, n);
        state.put(tensor.secondState() + at, v, 0, n);
    }

    private float decay(Tensor tensor) {
        return tensor.role() == Role.WEIGHT ? (float) optimiser.regularisation().weightDecay() : 0;
    }

    /** α_t of Kingma and Ba 2015, section 2, rounded where DL4J rounds. */
    private static float adamRate(float rate, int t) {
        float beta1 = (float) Math.pow(BETA_1, t);
        float beta2 = (float) Math.pow(BETA_2, t);
        return (float) (rate * (float) Math.sqrt((float) (1.0 - beta2)) / (1.0 - beta1));
    }

    // The loops below are what takes the time; the compiler vectorises them.

    private static void sgd(float[] p, float[] g, int n, float rate, float decay) {
        for (int i = 0; i < n; i++) {
            p[i] -= rate * (g[i] + decay * p[i]);
        }
    }

    private static void nesterov(float[] p, float[] g, float[] v, int n, float rate, float momentum, float decay) {
        for (int i = 0; i < n; i++) {
            float before = momentum * v[i];
            v[i] = before - rate * g[i];
            p[i] -= before - (momentum + 1) * v[i] + decay * p[i];
        }
    }

    /** The velocity has the sign that DL4J's has: it is added. */
    private static void heavyBall(float[] p, float[] g, float[] v, int n, float rate, float momentum, float decay) {
        for (int i = 0; i < n; i++) {
            v[i] = momentum * v[i] - rate * (g[i] + decay * p[i]);
            p[i] += v[i];
        }
    }

    private static void adam(float[] p, float[] g, float[] m, float[] v, int n, float rate, float decay) {
        for (int i = 0; i < n; i++) {
            m[i] = BETA_1 * m[i] + (1 - BETA_1) * g[i];
            v[i] = BETA_2 * v[i] + (1 - BETA_2) * (g[i] * g[i]);
            p[i] -= rate * m[i] / ((float) Math.sqrt(v[i]) + ADAM_EPSILON) + decay * p[i];
        }
    }

    private static void lamb(
            float[] p, float[] g, float[] m, float[] v, int n, float first, float second, float decay) {
        for (int i = 0; i < n; i++) {
            m[i] = BETA_1 * m[i] + (1 - BETA_1) * g[i];
            v[i] = BETA_2 * v[i] + (1 - BETA_2) * (g[i] * g[i]);
            g[i] = first * m[i] / ((float) Math.sqrt(second * v[i]) + LAMB_EPSILON) + decay * p[i];
        }
    }

    /** Sum of squares; four sums of their own keep the processor busy. */
    private static double squares(float[] values, int n) {
        double a = 0;
        double b = 0;
        double c = 0;
        double d = 0;
        int i = 0;
        for (; i + 3 < n; i += 4) {
            a += (double) values[i] * values[i];
            b += (double) values[i + 1] * values[i + 1];
            c += (double) values[i + 2] * values[i + 2];
            d += (double) values[i + 3] * values[i + 3];
        }
        for (; i < n; i++) {
            a += (double) values[i] * values[i];
        }
        return a + b + (c + d);
    }
}
