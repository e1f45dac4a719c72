package org.convoy.model.layer;

import java.util.List;
import org.convoy.model.layer.ObservingPass.ChannelStatistics;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.ops.transforms.Transforms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.data.Offset.offset;

class ObservingPassTest {
    @ParameterizedTest
    @CsvSource({"FLOAT, NCHW", "FLOAT, NHWC", "DOUBLE, NCHW", "DOUBLE, NHWC"})
    void seesWhatComesToEachLayer(DataType dataType, CNN2DFormat format) {
        MultiLayerNetwork network = network(dataType, format, 1);
        INDArray features = features(dataType, format);
        INDArray before = network.params().dup();

        List<ChannelStatistics> seen = over(network, features);

        assertThat(network.params()).isEqualTo(before);
        List<INDArray> training = network.feedForward(features, true);
        int[] others = format == CNN2DFormat.NCHW ? new int[] {0, 2, 3} : new int[] {0, 1, 2};
        assertStatistics(seen.subList(0, 4), training.get(1), others);
        assertStatistics(seen.subList(4, 10), training.get(3), 0);
    }

    @Test
    void dropsNothingOut() {
        INDArray features = features(DataType.FLOAT, CNN2DFormat.NCHW);

        List<ChannelStatistics> under = over(network(DataType.FLOAT, CNN2DFormat.NCHW, 0.5), features);

        List<ChannelStatistics> without = over(network(DataType.FLOAT, CNN2DFormat.NCHW, 1), features);
        assertThat(under).isEqualTo(without);
    }

    @Test
    void theNextInferenceReadsTheRunningStatisticsAgain() {
        MultiLayerNetwork network = network(DataType.FLOAT, CNN2DFormat.NCHW, 1);
        INDArray features = features(DataType.FLOAT, CNN2DFormat.NCHW);
        INDArray before = network.output(features);

        over(network, features);

        assertThat(network.output(features)).isEqualTo(before);
    }

    private static List<ChannelStatistics> over(MultiLayerNetwork network, INDArray features) {
        return ObservingPass.over(network.getLayers(), () -> network.output(features));
    }

    private static void assertStatistics(List<ChannelStatistics> seen, INDArray input, int... others) {
        float[] means = input.mean(others).toFloatVector();
        float[] variances = input.var(false, others).toFloatVector();
        assertThat(seen).hasSize(means.length);
        for (int c = 0; c < means.length; c++) {
            assertThat(seen.get(c).mean()).isCloseTo(means[c], offset(1e-5f));
            assertThat(seen.get(c).variance()).isCloseTo(variances[c], offset(1e-5f));
        }
    }

    private static INDArray features(DataType dataType, CNN2DFormat format) {
        INDArray features = Nd4j.linspace(DataType.DOUBLE, -1, 0.01, 6 * 2 * 7 * 5);
        long[] shape = format == CNN2DFormat.NCHW ? new long[] {6, 2, 7, 5} : new long[] {6, 7, 5, 2};
        return Transforms.sin(features.mul(37)).reshape(shape).castTo(dataType);
    }

    /** Convolution [N, 4, 5, 3], batch norm, dense [N, 6] with dropout before it, batch norm, softmax. */
    private static MultiLayerNetwork network(DataType dataType, CNN2DFormat format, double retained) {
        MultiLayerNetwork network = new MultiLayerNetwork(new NeuralNetConfiguration.Builder()
                .seed(3)
                .dataType(dataType)
                .activation(Activation.TANH)
                .list()
                .layer(new ConvolutionLayer.Builder(3, 3).nOut(4).build())
                .layer(new BatchNormalization())
                .layer(new DenseLayer.Builder().nOut(6).dropOut(retained).build())
                .layer(new BatchNormalization.Builder().useLogStd(false).build())
                .layer(new OutputLayer.Builder()
                        .nOut(3)
                        .activation(Activation.SOFTMAX)
                        .build())
                .setInputType(InputType.convolutional(7, 5, 2, format))
                .build());
        network.init();
        FastLayers.install(network);
        return network;
    }
}
