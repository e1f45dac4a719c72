package org.convoy.model.architecture;

import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.deeplearning4j.nn.conf.dropout.Dropout;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.graph.ScaleVertex;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.LocalResponseNormalization;
import org.deeplearning4j.nn.conf.layers.LossLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.weights.WeightInit;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.lossfunctions.ILossFunction;
import org.nd4j.linalg.lossfunctions.impl.LossMCXENT;

/**
 * What one layer of a network hands on, and the layers that may read it: each method adds one to the blueprint and gives what
 * that one hands on. Numbers of filters and units are those of the paper; the width multiplier is applied here.
 */
final class Activations {
    private final Blueprint blueprint;
    private final String name;
    private final Shape shape;
    /** Share that the next layer does not get to see in training. */
    private final double dropout;

    Activations(Blueprint blueprint, String name, Shape shape) {
        this(blueprint, name, shape, 0);
    }

    private Activations(Blueprint blueprint, String name, Shape shape, double dropout) {
        this.blueprint = blueprint;
        this.name = name;
        this.shape = shape;
        this.dropout = dropout;
    }

    Shape shape() {
        return shape;
    }

    /** A convolution with what the architecture puts behind each: batch norm, if it has it, and the activation function. */
    Activations convolution(String layer, int filters, Window window) {
        Nonlinearity activation = architecture().activation();
        if (architecture().batchNorm()) {
            return linearConvolution(layer, filters, window).activation(layer + "-" + activation.label());
        }
        if (activation == Nonlinearity.MAXOUT) {
            return max(
                    layer,
                    convolve(layer + "-a", filters, window, Activation.IDENTITY, true),
                    convolve(layer + "-b", filters, window, Activation.IDENTITY, true));
        }
        return convolve(layer, filters, window, activation.function(), true);
    }

    /** A convolution without activation function; with batch norm, if the architecture has it. */
    Activations linearConvolution(String layer, int filters, Window window) {
        // Batch norm would take a bias out again.
        boolean normalised = architecture().batchNorm();
        Activations linear = convolve(layer, filters, window, Activation.IDENTITY, !normalised);
        return normalised ? linear.batchNorm(layer + "-bn") : linear;
    }

    /** A map for each class, by a 1x1 convolution with the activation function. */
    Activations convolutionToClasses(String layer) {
        Activation function = architecture().activation().function();
        return convolveExactly(layer, blueprint.classes(), Window.of(1), function, true);
    }

    private Activations convolve(String layer, int filters, Window window, Activation function, boolean bias) {
        return convolveExactly(layer, scaled(filters), window, function, bias);
    }

    private Activations convolveExactly(String layer, int outputs, Window window, Activation function, boolean bias) {
        ConvolutionLayer convolution = new ConvolutionLayer.Builder(window.kernel(), window.kernel())
                .stride(window.stride(), window.stride())
                .padding(window.padding(), window.padding())
                .dilation(window.dilation(), window.dilation())
                .convolutionMode(window.mode())
                .nOut(outputs)
                .hasBias(bias)
                .activation(function)
                .build();
        return add(layer, convolution, slid(layer, window, outputs));
    }

    Activations batchNorm(String layer) {
        return add(layer, new BatchNormalization(), shape);
    }

    /** The architecture's activation function as a layer of its own. */
    Activations activation(String layer) {
        return add(layer, new ActivationLayer(architecture().activation().function()), shape);
    }

    /**
     * Local response normalisation over 5 neighbouring channels, if the architecture has it: x / (k + α·Σ x²)^0.75
     * (Krizhevsky et al. 2012, section 3.3).
     */
    Activations localResponseNorm(String layer, double k, double alpha) {
        if (!architecture().localResponseNorm()) {
            return this;
        }
        LocalResponseNormalization normalisation = new LocalResponseNormalization.Builder(k, 5, alpha, 0.75).build();
        return add(layer, normalisation, shape);
    }

    Activations maxPooling(String layer, Window window) {
        return add(layer, pooling(PoolingType.MAX, window), slid(layer, window, shape.channels()));
    }

    Activations averagePooling(String layer, Window window) {
        return add(layer, pooling(PoolingType.AVG, window), slid(layer, window, shape.channels()));
    }

    /** Mean over H and W. */
    Activations globalAveragePooling(String layer) {
        return add(layer, new GlobalPoolingLayer.Builder(PoolingType.AVG).build(), new Shape(shape.channels(), 1, 1));
    }

    /** Largest over H and W. */
    Activations globalMaxPooling(String layer) {
        return add(layer, new GlobalPoolingLayer.Builder(PoolingType.MAX).build(), new Shape(shape.channels(), 1, 1));
    }

    /** A fully connected layer with the architecture's activation function. */
    Activations dense(String layer, int units) {
        if (architecture().activation() == Nonlinearity.MAXOUT) {
            return max(
                    layer,
                    dense(layer + "-a", units, Activation.IDENTITY),
                    dense(layer + "-b", units, Activation.IDENTITY));
        }
        return dense(layer, units, architecture().activation().function());
    }

    private Activations dense(String layer, int units, Activation function) {
        int outputs = scaled(units);
        DenseLayer dense =
                new DenseLayer.Builder().nOut(outputs).activation(function).build();
        return add(layer, dense, new Shape(outputs, 1, 1));
    }

    /** The architecture's dropout ahead of the next layer. */
    Activations dropout() {
        return dropout(architecture().dropout());
    }

    /** In training, the next layer gets to see {@code share} of the values as 0. */
    Activations dropout(double share) {
        return new Activations(blueprint, name, shape, share);
    }

    /** All values multiplied by {@code factor}. */
    Activations times(String vertex, double factor) {
        blueprint.add(vertex, new ScaleVertex(factor), name);
        return new Activations(blueprint, vertex, shape);
    }

    /** The sum with another branch of the same shape. */
    Activations plus(String vertex, Activations other) {
        blueprint.add(vertex, new ElementWiseVertex(ElementWiseVertex.Op.Add), name, other.name);
        return new Activations(blueprint, vertex, shape);
    }

    /** The larger of two branches, value by value: maxout of two pieces (Goodfellow et al. 2013, equation 1, k = 2). */
    private Activations max(String vertex, Activations first, Activations second) {
        blueprint.add(vertex, new ElementWiseVertex(ElementWiseVertex.Op.Max), first.name, second.name);
        return new Activations(blueprint, vertex, first.shape);
    }

    /** Branches of equal height and width side by side, the first one's channels first. */
    static Activations concatenation(String vertex, Activations... branches) {
        Activations first = branches[0];
        String[] inputs = Arrays.stream(branches).map(branch -> branch.name).toArray(String[]::new);
        first.blueprint.add(vertex, new MergeVertex(), inputs);
        int channels = Arrays.stream(branches)
                .mapToInt(branch -> branch.shape.channels())
                .sum();
        return new Activations(first.blueprint, vertex, new Shape(channels, first.shape.height(), first.shape.width()));
    }

    /** The classes' probabilities from a last fully connected layer, and the cross-entropy as loss. */
    void softmax(String layer) {
        softmax(layer, true, 1);
    }

    /** Likewise, without a bias. */
    void softmaxWithoutBias(String layer) {
        softmax(layer, false, 1);
    }

    /** A head that helps in training alone: its loss counts by {@code weight}. Added after the main one. */
    void auxiliarySoftmax(String layer, double weight) {
        softmax(layer, true, weight);
    }

    private void softmax(String layer, boolean bias, double weight) {
        OutputLayer output = new OutputLayer.Builder(loss(weight))
                .nOut(blueprint.classes())
                .hasBias(bias)
                .activation(Activation.SOFTMAX)
                .weightInit(WeightInit.XAVIER)
                .build();
        blueprint.addOutput(layer, dropping(output), name);
    }

    /** The probabilities of classes that already have a value each. */
    void softmaxOfValues(String layer) {
        blueprint.addOutput(
                layer,
                new LossLayer.Builder(loss(1)).activation(Activation.SOFTMAX).build(),
                name);
    }

    /** DL4J's weighted loss has the gradient p·Σw·t - w·t at the softmax: w·(p - t) where t is one-hot. */
    private ILossFunction loss(double weight) {
        List<Double> byClass = blueprint.classWeights();
        if (byClass.isEmpty() && weight == 1) {
            return new LossMCXENT();
        }
        List<Double> weights = byClass.isEmpty() ? Collections.nCopies(blueprint.classes(), 1.0) : byClass;
        return new LossMCXENT(Nd4j.createFromArray(weights.stream()
                .mapToDouble(classWeight -> classWeight * weight)
                .toArray()));
    }

    private static Layer pooling(PoolingType type, Window window) {
        return new SubsamplingLayer.Builder(type)
                .kernelSize(window.kernel(), window.kernel())
                .stride(window.stride(), window.stride())
                .padding(window.padding(), window.padding())
                .convolutionMode(window.mode())
                .build();
    }

    private Shape slid(String layer, Window window, int channels) {
        if (!window.fits(shape.height()) || !window.fits(shape.width())) {
            throw blueprint.misfit(layer, window, shape);
        }
        return new Shape(channels, window.over(shape.height()), window.over(shape.width()));
    }

    private Activations add(String layer, Layer configuration, Shape output) {
        blueprint.add(layer, dropping(configuration), name);
        return new Activations(blueprint, layer, output);
    }

    /** DL4J counts what is kept. */
    private Layer dropping(Layer layer) {
        if (dropout > 0) {
            layer.setIDropout(new Dropout(1 - dropout));
        }
        return layer;
    }

    /**
     * A number of channels or units under the width multiplier, 1 at least. What divides by 16 is scaled in sixteenths, so that
     * the proportions of a network's stages stay what they are.
     */
    private int scaled(int number) {
        double width = architecture().widthMultiplier();
        long scaled = number % 16 == 0 ? Math.round(16 * width) * (number / 16) : Math.round(number * width);
        return (int) Math.max(1, scaled);
    }

    private Architecture architecture() {
        return blueprint.architecture();
    }
}
