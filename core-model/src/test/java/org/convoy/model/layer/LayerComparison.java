package org.convoy.model.layer;

import java.util.Map;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

import static org.assertj.core.api.Assertions.assertThat;

/** Runs one layer as DL4J's and as Convoy's, with the same parameters, input and output gradient. */
final class LayerComparison {
    static final double TOLERANCE = 1e-5;

    private static final int CLASSES = 3;
    /** The layer below it is an identity, so that the layer itself must give its input gradient. */
    private static final int POSITION = 1;

    private LayerComparison() {}

    /** Asserts that output, input gradient and parameter gradients agree to {@value #TOLERANCE} of the largest entry. */
    static void assertSame(org.deeplearning4j.nn.conf.layers.Layer conf, InputType inputType, INDArray x) {
        MultiLayerNetwork stock = network(conf, inputType, x.dataType());
        MultiLayerNetwork fast = stock.clone();
        LayerPlan plan = FastLayers.install(fast);
        assertThat(plan.placements().get(POSITION).stockBecause()).isEmpty();
        stock.initGradientsView();
        fast.initGradientsView();
        INDArray original = x.dup();

        INDArray expectedInference = activate(stock.getLayer(POSITION), x, false);
        assertClose("inference", activate(fast.getLayer(POSITION), x, false), expectedInference);
        INDArray epsilon = Nd4j.randn(x.dataType(), expectedInference.shape());

        INDArray expectedOutput = activate(stock.getLayer(POSITION), x, true);
        Pair<Gradient, INDArray> expected = backward(stock.getLayer(POSITION), epsilon);
        INDArray output = activate(fast.getLayer(POSITION), x, true);
        Pair<Gradient, INDArray> actual = backward(fast.getLayer(POSITION), epsilon);

        if (!(conf instanceof ActivationLayer)) { // keeps the order that it gets
            assertNative(output, inputType);
        }
        assertClose("output", output, expectedOutput);
        assertClose("input gradient", actual.getSecond(), expected.getSecond());
        Map<String, INDArray> expectedGradients = expected.getFirst().gradientForVariable();
        assertThat(actual.getFirst().gradientForVariable().keySet()).isEqualTo(expectedGradients.keySet());
        expectedGradients.forEach((name, gradient) ->
                assertClose("gradient of " + name, actual.getFirst().getGradientFor(name), gradient));
        assertThat(x).isEqualTo(original);
    }

    /** Stock layers give images in the order that they state, Convoy's have the channels of a pixel side by side. */
    private static void assertNative(INDArray output, InputType inputType) {
        assertThat(Onednn.computes(output.dataType())).isTrue();
        if (inputType instanceof InputType.InputTypeConvolutional images
                && images.getFormat() == CNN2DFormat.NCHW
                && output.rank() == 4
                && output.size(1) > 1) {
            assertThat(output.stride(1)).as("stride from channel to channel").isEqualTo(1);
        }
    }

    static void assertClose(String what, INDArray actual, INDArray expected) {
        assertThat(actual.shape()).as(what).isEqualTo(expected.shape());
        double scale = Math.max(1e-3, expected.dup().amaxNumber().doubleValue());
        double difference = actual.dup().subi(expected.dup()).amaxNumber().doubleValue();
        assertThat(difference / scale).as(what + ", largest difference").isLessThan(TOLERANCE);
    }

    static MultiLayerNetwork network(
            org.deeplearning4j.nn.conf.layers.Layer conf, InputType inputType, DataType dataType) {
        MultiLayerConfiguration configuration = new NeuralNetConfiguration.Builder()
                .seed(7)
                .dataType(dataType)
                .convolutionMode(ConvolutionMode.Truncate)
                .list()
                .layer(new ActivationLayer(Activation.IDENTITY))
                .layer(conf)
                .layer(new OutputLayer.Builder()
                        .nOut(CLASSES)
                        .activation(Activation.SOFTMAX)
                        .build())
                .setInputType(inputType)
                .build();
        MultiLayerNetwork network = new MultiLayerNetwork(configuration);
        network.init();
        network.params().addi(Nd4j.randn(dataType, network.params().shape()).muli(0.1));
        return network;
    }

    private static INDArray activate(Layer layer, INDArray x, boolean training) {
        return layer.activate(x.dup(), training, LayerWorkspaceMgr.noWorkspaces());
    }

    private static Pair<Gradient, INDArray> backward(Layer layer, INDArray epsilon) {
        return layer.backpropGradient(epsilon.dup(), LayerWorkspaceMgr.noWorkspaces());
    }
}
