package org.convoy.model.layer;

import org.bytedeco.javacpp.Pointer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;

import static org.assertj.core.api.Assertions.assertThat;

class MemoryTest {
    private static final int STEPS = 10_000;
    private static final long MEBIBYTE = 1L << 20;

    @Test
    void offHeapMemoryStaysFlatOverTenThousandSteps() throws InterruptedException {
        MultiLayerNetwork network = tinyNetwork();
        FastLayers.install(network);
        INDArray labels = Nd4j.zeros(DataType.FLOAT, 4, 2);
        labels.getColumn(1).assign(1);
        DataSet batch = new DataSet(Nd4j.rand(DataType.FLOAT, 4, 1, 8, 8), labels);
        train(network, batch, STEPS / 10);
        long offHeap = settledOffHeapBytes();

        train(network, batch, STEPS);

        assertThat(settledOffHeapBytes() - offHeap).as("bytes off the heap").isLessThan(MEBIBYTE);
    }

    private static void train(MultiLayerNetwork network, DataSet batch, int steps) {
        for (int step = 0; step < steps; step++) {
            network.fit(batch);
        }
    }

    /** Bytes off the heap once the collector has found what is no longer used and a thread of ND4J has freed it. */
    private static long settledOffHeapBytes() throws InterruptedException {
        long least = Long.MAX_VALUE;
        for (int attempt = 0; attempt < 10; attempt++) {
            System.gc();
            Thread.sleep(200);
            least = Math.min(least, Pointer.totalBytes());
        }
        return least;
    }

    private static MultiLayerNetwork tinyNetwork() {
        MultiLayerNetwork network = new MultiLayerNetwork(new NeuralNetConfiguration.Builder()
                .updater(new Adam(1e-4))
                .list()
                .layer(new ConvolutionLayer.Builder(3, 3)
                        .nOut(4)
                        .activation(Activation.RELU)
                        .build())
                .layer(new ConvolutionLayer.Builder(3, 3).nOut(4).hasBias(false).build())
                .layer(new BatchNormalization.Builder().build())
                .layer(new ActivationLayer(Activation.RELU))
                .layer(new SubsamplingLayer.Builder()
                        .kernelSize(2, 2)
                        .stride(2, 2)
                        .build())
                .layer(new DenseLayer.Builder()
                        .nOut(5)
                        .activation(Activation.RELU)
                        .build())
                .layer(new OutputLayer.Builder()
                        .nOut(2)
                        .activation(Activation.SOFTMAX)
                        .build())
                .setInputType(InputType.convolutional(8, 8, 1))
                .build());
        network.init();
        return network;
    }
}
