package org.convoy.model.architecture;

import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.deeplearning4j.nn.conf.dropout.Dropout;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.graph.ScaleVertex;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.DepthwiseConvolution2D;
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
        return convolution(
                layer,
                new Convolution(
                        scaled(filters),
                        window,
                        1,
                        Optional.of(architecture().activation()),
                        architecture().batchNorm()));
    }

    /** A convolution without activation function; with batch norm, if the architecture has it. */
    Activations linearConvolution(String layer, int filters, Window window) {
        return convolution(
                layer,
                new Convolution(
                        scaled(filters),
                        window,
                        1,
                        Optional.empty(),
                        architecture().batchNorm()));
    }

    /** A map for each class, by a 1x1 convolution with the activation function. */
    Activations convolutionToClasses(String layer) {
        return convolution(
                layer,
                new Convolution(
                        blueprint.classes(),
                        Window.of(1),
                        1,
                        Optional.of(architecture().activation()),
                        false));
    }

    Activations convolution(String layer, Convolution convolution) {
        Optional<Nonlinearity> activation = convolution.activation();
        boolean maxout = activation.filter(Nonlinearity.MAXOUT::equals).isPresent();
        if (convolution.batchNorm()) {
            if (maxout) {
                throw blueprint.misfit(layer, "must not have both maxout and batch norm");
            }
            // Batch norm would take a bias out again.
            Activations normalised =
                    affine(layer, convolution, Activation.IDENTITY, false).batchNorm(layer + "-bn");
            return activation
                    .map(function -> normalised.activation(layer + "-" + function.label(), function))
                    .orElse(normalised);
        }
        if (maxout) {
            return max(
                    layer,
                    affine(layer + "-a", convolution, Activation.IDENTITY, true),
                    affine(layer + "-b", convolution, Activation.IDENTITY, true));
        }
        return affine(layer, convolution, activation.map(Nonlinearity::function).orElse(Activation.IDENTITY), true);
    }

    private Activations affine(String layer, Convolution convolution, Activation function, boolean bias) {
        int groups = convolution.groups();
        if (shape.channels() % groups != 0 || convolution.outputs() % groups != 0) {
            throw blueprint.misfit(
                    layer,
                    "has " + groups + " groups, which do not divide the " + shape.channels()
                            + " channels it is given and its " + convolution.outputs() + " filters");
        }
        if (groups == 1) {
            Window window = convolution.window();
            int outputs = convolution.outputs();
            return add(layer, convolutionLayer(window, outputs, function, bias), slid(layer, window, outputs));
        }
        // Stock DL4J's depthwise layer computes no dilation on a CPU.
        return groups == shape.channels() && convolution.window().dilation() == 1
                ? depthwise(layer, convolution, function, bias)
                : grouped(layer, convolution, function, bias);
    }

    /** Stock DL4J has no groups: each reads its part of the channels, and their maps are put side by side. */
    private Activations grouped(String layer, Convolution convolution, Activation function, boolean bias) {
        int groups = convolution.groups();
        int read = shape.channels() / groups;
        int outputs = convolution.outputs() / groups;
        Shape output = slid(layer, convolution.window(), outputs);
        Activations[] maps = new Activations[groups];
        for (int group = 0; group < groups; group++) {
            String name = layer + "-group" + (group + 1);
            Layer configuration = dropping(convolutionLayer(convolution.window(), outputs, function, bias));
            blueprint.addSubsetReader(name, configuration, this.name, group * read, read);
            maps[group] = new Activations(blueprint, name, output);
        }
        return concatenation(layer, maps);
    }

    private Activations depthwise(String layer, Convolution convolution, Activation function, boolean bias) {
        Window window = convolution.window();
        int outputs = convolution.outputs();
        DepthwiseConvolution2D configuration = new DepthwiseConvolution2D.Builder(window.kernel(), window.kernel())
                .depthMultiplier(outputs / shape.channels())
                .stride(window.stride(), window.stride())
                .padding(window.padding(), window.padding())
                .dilation(window.dilation(), window.dilation())
                .convolutionMode(window.mode())
                .nOut(outputs)
                .hasBias(bias)
                .activation(function)
                .build();
        return add(layer, configuration, slid(layer, window, outputs));
    }

    private static ConvolutionLayer convolutionLayer(Window window, int outputs, Activation function, boolean bias) {
        return new ConvolutionLayer.Builder(window.kernel(), window.kernel())
                .stride(window.stride(), window.stride())
                .padding(window.padding(), window.padding())
                .dilation(window.dilation(), window.dilation())
                .convolutionMode(window.mode())
                .nOut(outputs)
                .hasBias(bias)
                .activation(function)
                .build();
    }

    Activations batchNorm(String layer) {
        return add(layer, new BatchNormalization(), shape);
    }

    /** The architecture's activation function as a layer of its own. */
    Activations activation(String layer) {
        return activation(layer, architecture().activation());
    }

    Activations activation(String layer, Nonlinearity function) {
        return add(layer, new ActivationLayer(function.function()), shape);
    }

    /**
     * Local response normalisation over 5 neighbouring channels, if the architecture has it: x / (k + α·Σ x²)^0.75
     * (Krizhevsky et al. 2012, section 3.3).
     */
    Activations localResponseNorm(String layer, double k, double alpha) {
        if (!architecture().localResponseNorm()) {
            return this;
        }
        return responseNorm(layer, k, alpha);
    }

    /** Likewise, whether the architecture has it or not. */
    Activations responseNorm(String layer, double k, double alpha) {
        requireMaps(layer);
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
        return globalPooling(layer, PoolingType.AVG);
    }

    /** Largest over H and W. */
    Activations globalMaxPooling(String layer) {
        return globalPooling(layer, PoolingType.MAX);
    }

    private Activations globalPooling(String layer, PoolingType type) {
        requireMaps(layer);
        return add(layer, new GlobalPoolingLayer.Builder(type).build(), Shape.values(shape.channels()));
    }

    /** A fully connected layer with the architecture's activation function. */
    Activations dense(String layer, int units) {
        return dense(layer, units, Optional.of(architecture().activation()));
    }

    /** A fully connected layer with an activation function, or none. */
    Activations dense(String layer, int units, Optional<Nonlinearity> activation) {
        if (activation.filter(Nonlinearity.MAXOUT::equals).isPresent()) {
            return max(
                    layer,
                    dense(layer + "-a", units, Activation.IDENTITY),
                    dense(layer + "-b", units, Activation.IDENTITY));
        }
        return dense(layer, units, activation.map(Nonlinearity::function).orElse(Activation.IDENTITY));
    }

    private Activations dense(String layer, int units, Activation function) {
        int outputs = scaled(units);
        DenseLayer dense =
                new DenseLayer.Builder().nOut(outputs).activation(function).build();
        return add(layer, dense, Shape.values(outputs));
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
        if (!shape.equals(other.shape)) {
            throw blueprint.misfit(vertex, "adds " + shape + " and " + other.shape + ", which must be equal");
        }
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
        for (Activations branch : branches) {
            if (!branch.shape.isAsLargeAs(first.shape)) {
                throw first.blueprint.misfit(
                        vertex,
                        "puts " + first.shape + " and " + branch.shape
                                + " side by side, which must be equal but for their channels");
            }
        }
        String[] inputs = Arrays.stream(branches).map(branch -> branch.name).toArray(String[]::new);
        first.blueprint.add(vertex, new MergeVertex(), inputs);
        int channels = Arrays.stream(branches)
                .mapToInt(branch -> branch.shape.channels())
                .sum();
        Shape whole = new Shape(channels, first.shape.height(), first.shape.width(), first.shape.maps());
        return new Activations(first.blueprint, vertex, whole);
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
        requireMaps(layer);
        for (int side : new int[] {shape.height(), shape.width()}) {
            if (!window.fits(side)) {
                throw blueprint.misfit(layer, "needs at least " + window + " but is given " + shape);
            }
            if (!window.comesOut(side)) {
                throw blueprint.misfit(
                        layer,
                        "is given " + shape + ", and " + window.fraction(side)
                                + " is not whole; choose its rounding: down leaves the rest out, up covers it");
            }
        }
        return Shape.maps(channels, window.over(shape.height()), window.over(shape.width()));
    }

    private void requireMaps(String layer) {
        if (!shape.maps()) {
            throw blueprint.misfit(layer, "needs maps but is given " + shape);
        }
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
    int scaled(int number) {
        double width = architecture().widthMultiplier();
        long scaled = number % 16 == 0 ? Math.round(16 * width) * (number / 16) : Math.round(number * width);
        return (int) Math.max(1, scaled);
    }

    Architecture architecture() {
        return blueprint.architecture();
    }

    /** Number of classes. */
    int classes() {
        return blueprint.classes();
    }
}
