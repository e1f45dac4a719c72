package org.convoy.model.layer;

import java.util.Random;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.DepthwiseConvolution2D;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.LocalResponseNormalization;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.SeparableConvolution2D;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

/** Each native layer against DL4J's own. */
class FastLayersMatchStockTest {

    @ParameterizedTest
    @CsvSource({
        // N, C, H, W, outputs, kernel, stride, padding, dilation
        "1, 1, 5, 5, 2, 3, 1, 0, 1",
        "4, 3, 9, 7, 8, 3, 1, 1, 1",
        "2, 5, 12, 12, 6, 5, 2, 2, 1",
        "3, 16, 8, 8, 32, 1, 1, 0, 1",
        "2, 4, 11, 13, 3, 3, 1, 0, 2",
        "7, 2, 10, 10, 4, 2, 2, 0, 1",
        "2, 3, 15, 15, 4, 3, 2, 2, 3",
        // wide enough for Winograd's algorithm
        "2, 32, 12, 12, 32, 3, 1, 1, 1",
        "1, 64, 16, 16, 128, 3, 1, 1, 1",
        "3, 40, 15, 9, 72, 3, 1, 0, 1",
        "2, 256, 8, 8, 256, 3, 1, 1, 1",
    })
    void convolutionEqualsStock(
            int N, int C, int H, int W, int outputs, int kernel, int stride, int padding, int dilation) {
        ConvolutionLayer conf = new ConvolutionLayer.Builder(kernel, kernel)
                .stride(stride, stride)
                .padding(padding, padding)
                .dilation(dilation, dilation)
                .nOut(outputs)
                .activation(Activation.RELU)
                .build();
        LayerComparison.assertSame(conf, InputType.convolutional(H, W, C), images(N, C, H, W));
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
    void convolutionOfRandomShapeEqualsStock(long seed) {
        Random random = new Random(seed);
        int C = 1 + random.nextInt(20);
        int H = 6 + random.nextInt(12);
        int W = 6 + random.nextInt(12);
        ConvolutionLayer conf = new ConvolutionLayer.Builder(1 + random.nextInt(5), 1 + random.nextInt(5))
                .stride(1 + random.nextInt(2), 1 + random.nextInt(2))
                .convolutionMode(random.nextBoolean() ? ConvolutionMode.Same : ConvolutionMode.Truncate)
                .nOut(1 + random.nextInt(20))
                .hasBias(random.nextBoolean())
                .activation(Activation.RELU)
                .build();
        LayerComparison.assertSame(conf, InputType.convolutional(H, W, C), images(1 + random.nextInt(5), C, H, W));
    }

    @ParameterizedTest
    @CsvSource({
        // N, C, H, W, outputs per channel, kernel, stride, padding, mode
        "1, 3, 6, 6, 1, 3, 1, 0, Truncate",
        "4, 5, 9, 7, 2, 3, 2, 1, Truncate",
        "2, 32, 12, 12, 1, 3, 1, 0, Same",
        "3, 16, 11, 8, 3, 5, 2, 0, Same",
    })
    void depthwiseAndSeparableConvolutionEqualStock(
            int N, int C, int H, int W, int multiplier, int kernel, int stride, int padding, ConvolutionMode mode) {
        DepthwiseConvolution2D depthwise = new DepthwiseConvolution2D.Builder(kernel, kernel)
                .depthMultiplier(multiplier)
                .stride(stride, stride)
                .padding(padding, padding)
                .convolutionMode(mode)
                .activation(Activation.RELU)
                .build();
        LayerComparison.assertSame(depthwise, InputType.convolutional(H, W, C), images(N, C, H, W));
        SeparableConvolution2D separable = new SeparableConvolution2D.Builder(kernel, kernel)
                .depthMultiplier(multiplier)
                .stride(stride, stride)
                .padding(padding, padding)
                .convolutionMode(mode)
                .nOut(7)
                .activation(Activation.TANH)
                .build();
        LayerComparison.assertSame(separable, InputType.convolutional(H, W, C), images(N, C, H, W));
    }

    @ParameterizedTest
    @CsvSource({"4, 3, 2", "5, 3, 1", "7, 2, 1", "8, 5, 3"})
    void convolutionInSameModeEqualsStock(int size, int kernel, int stride) {
        ConvolutionLayer conf = new ConvolutionLayer.Builder(kernel, kernel)
                .stride(stride, stride)
                .convolutionMode(ConvolutionMode.Same)
                .nOut(4)
                .activation(Activation.IDENTITY)
                .build();
        LayerComparison.assertSame(conf, InputType.convolutional(size, size, 3), images(2, 3, size, size));
    }

    @ParameterizedTest
    @EnumSource(
            names = {"IDENTITY", "RELU", "LEAKYRELU", "TANH", "SIGMOID", "SWISH", "GELU", "ELU", "RELU6", "SOFTPLUS"})
    void activationFunctionsAfterConvolutionEqualStock(Activation activation) {
        ConvolutionLayer conf = new ConvolutionLayer.Builder(3, 3)
                .nOut(5)
                .activation(activation)
                .build();
        LayerComparison.assertSame(conf, InputType.convolutional(7, 8, 3), images(3, 3, 7, 8));
    }

    @Test
    void convolutionOfAChannelsLastNetworkEqualsStock() {
        ConvolutionLayer conf = new ConvolutionLayer.Builder(3, 3)
                .nOut(5)
                .dataFormat(CNN2DFormat.NHWC)
                .activation(Activation.RELU)
                .build();
        INDArray x = Nd4j.randn(DataType.FLOAT, 2, 7, 8, 3);
        LayerComparison.assertSame(conf, InputType.convolutional(7, 8, 3, CNN2DFormat.NHWC), x);
    }

    @Test
    void convolutionTakesInputsThatAreViews() {
        ConvolutionLayer conf = new ConvolutionLayer.Builder(3, 3)
                .nOut(5)
                .activation(Activation.RELU)
                .build();
        INDArray x = Nd4j.randn(DataType.FLOAT, 3, 7, 8, 2).permute(3, 0, 1, 2); // [N, C, H, W]
        LayerComparison.assertSame(conf, InputType.convolutional(7, 8, 3), x);
    }

    @ParameterizedTest
    @CsvSource({
        // N, C, size, kernel, stride, padding, mode
        "1, 1, 4, 2, 2, 0, Truncate",
        "5, 16, 8, 2, 2, 0, Truncate",
        "3, 7, 9, 2, 2, 0, Truncate",
        "2, 4, 10, 3, 3, 0, Truncate",
        "2, 4, 9, 3, 2, 0, Truncate",
        "2, 4, 9, 3, 2, 1, Truncate",
        "2, 4, 9, 3, 2, 0, Same",
        "2, 4, 9, 2, 2, 0, Same",
    })
    void maximumPoolingEqualsStock(int N, int C, int size, int kernel, int stride, int padding, ConvolutionMode mode) {
        assertPoolingSame(PoolingType.MAX, N, C, size, kernel, stride, padding, mode);
    }

    @ParameterizedTest
    @CsvSource({
        "1, 1, 4, 2, 2, 0, Truncate",
        "5, 16, 8, 2, 2, 0, Truncate",
        "2, 4, 9, 3, 2, 1, Truncate",
        "2, 4, 9, 3, 2, 0, Same",
    })
    void averagePoolingEqualsStock(int N, int C, int size, int kernel, int stride, int padding, ConvolutionMode mode) {
        assertPoolingSame(PoolingType.AVG, N, C, size, kernel, stride, padding, mode);
    }

    @ParameterizedTest
    @CsvSource({"1, 5, 3, RELU", "16, 40, 33, RELU", "8, 20, 10, TANH", "8, 20, 10, IDENTITY", "4, 6, 5, SOFTMAX"})
    void denseEqualsStock(int N, int inputs, int outputs, Activation activation) {
        DenseLayer conf =
                new DenseLayer.Builder().nOut(outputs).activation(activation).build();
        LayerComparison.assertSame(conf, InputType.feedForward(inputs), Nd4j.randn(DataType.FLOAT, N, inputs));
    }

    @ParameterizedTest
    @CsvSource({"1, 3, 5", "4, 16, 7", "6, 33, 4", "3, 70, 9"})
    void batchNormOfImagesEqualsStock(int N, int C, int size) {
        LayerComparison.assertSame(
                new BatchNormalization.Builder().build(),
                InputType.convolutional(size, size, C),
                images(N, C, size, size).muli(3).addi(5));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void batchNormOfRowsEqualsStock(boolean logarithmic) {
        LayerComparison.assertSame(
                new BatchNormalization.Builder().useLogStd(logarithmic).build(),
                InputType.feedForward(19),
                Nd4j.randn(DataType.FLOAT, 12, 19));
    }

    @Test
    void batchNormOfAChannelsLastNetworkEqualsStock() {
        LayerComparison.assertSame(
                new BatchNormalization.Builder().dataFormat(CNN2DFormat.NHWC).build(),
                InputType.convolutional(6, 5, 7, CNN2DFormat.NHWC),
                Nd4j.randn(DataType.FLOAT, 3, 6, 5, 7));
    }

    @ParameterizedTest
    @EnumSource(names = {"RELU", "LEAKYRELU", "TANH", "SIGMOID", "SWISH", "GELU", "ELU"})
    void activationLayerEqualsStock(Activation activation) {
        LayerComparison.assertSame(
                new ActivationLayer(activation), InputType.convolutional(6, 5, 7), images(3, 7, 6, 5));
        LayerComparison.assertSame(
                new ActivationLayer(activation), InputType.feedForward(9), Nd4j.randn(DataType.FLOAT, 4, 9));
    }

    @ParameterizedTest
    @CsvSource({
        // N, C, H, W, channels that count, k, alpha, beta
        "1, 3, 5, 4, 5, 2, 0.0001, 0.75",
        "4, 48, 7, 9, 5, 2, 0.0001, 0.75",
        "2, 64, 6, 6, 5, 1, 0.0001, 0.75",
        "3, 20, 5, 5, 3, 1.5, 0.0001, 0.5",
    })
    void localResponseNormEqualsStock(int N, int C, int H, int W, int window, double k, double alpha, double beta) {
        LocalResponseNormalization conf = new LocalResponseNormalization.Builder(k, window, alpha, beta).build();
        LayerComparison.assertSame(conf, InputType.convolutional(H, W, C), images(N, C, H, W));
    }

    /** Where α is large, which shows that DL4J's own backward pass divides by one channel's scale what has another's. */
    @Test
    void localResponseNormHasTheGradientOfItsFormula() {
        double k = 1.5;
        double alpha = 0.2;
        double beta = 0.75;
        LocalResponseNormalization conf = new LocalResponseNormalization.Builder(k, 5, alpha, beta).build();
        MultiLayerNetwork network = LayerComparison.network(conf, InputType.convolutional(1, 1, 9), DataType.FLOAT);
        FastLayers.install(network);
        INDArray x = images(1, 9, 1, 1);
        INDArray dy = images(1, 9, 1, 1);

        network.getLayer(1).activate(x.dup(), true, LayerWorkspaceMgr.noWorkspaces());
        INDArray dx = network.getLayer(1)
                .backpropGradient(dy.dup(), LayerWorkspaceMgr.noWorkspaces())
                .getSecond();

        double[] scale = new double[9];
        for (int i = 0; i < 9; i++) {
            for (int j = Math.max(0, i - 2); j <= Math.min(8, i + 2); j++) {
                scale[i] += alpha * x.getDouble(j) * x.getDouble(j);
            }
            scale[i] += k;
        }
        for (int i = 0; i < 9; i++) {
            double expected = dy.getDouble(i) * Math.pow(scale[i], -beta);
            for (int j = Math.max(0, i - 2); j <= Math.min(8, i + 2); j++) {
                expected -= 2
                        * alpha
                        * beta
                        * x.getDouble(i)
                        * dy.getDouble(j)
                        * x.getDouble(j)
                        * Math.pow(scale[j], -beta - 1);
            }
            assertThat(dx.getDouble(i)).isCloseTo(expected, within(1e-5));
        }
    }

    @ParameterizedTest
    @CsvSource({"1, 3, 5, 5, AVG", "4, 16, 7, 2, AVG", "1, 3, 5, 5, MAX", "4, 16, 7, 2, MAX"})
    void globalPoolingEqualsStock(int N, int C, int H, int W, PoolingType type) {
        LayerComparison.assertSame(
                new GlobalPoolingLayer.Builder(type).build(), InputType.convolutional(H, W, C), images(N, C, H, W));
    }

    private static void assertPoolingSame(
            PoolingType type, int N, int C, int size, int kernel, int stride, int padding, ConvolutionMode mode) {
        SubsamplingLayer conf = new SubsamplingLayer.Builder(type)
                .kernelSize(kernel, kernel)
                .stride(stride, stride)
                .padding(padding, padding)
                .convolutionMode(mode)
                .build();
        LayerComparison.assertSame(conf, InputType.convolutional(size, size, C), images(N, C, size, size));
    }

    private static INDArray images(int N, int C, int H, int W) {
        return Nd4j.randn(DataType.FLOAT, N, C, H, W);
    }
}
