package org.convoy.model.layer;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.bytedeco.javacpp.Pointer;
import org.convoy.model.engine.NativeSettings;
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
    private static final int ROUNDS = 5;
    private static final long MEBIBYTE = 1L << 20;
    /** The compiler's own memory and class data move within it. */
    private static final long RESIDENT_TOLERANCE = 32 * MEBIBYTE;

    /**
     * In a process with a small heap, so that garbage is found soon. JavaCPP counts what Java asked for; the resident size
     * also shows what oneDNN and OpenBLAS took.
     */
    @Test
    void offHeapMemoryStaysFlatOverTenThousandSteps() throws IOException {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xms128m",
                        "-Xmx128m",
                        "-XX:+AlwaysPreTouch",
                        "-cp",
                        System.getProperty("java.class.path"),
                        LongTraining.class.getName())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        List<long[]> seen = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                .lines()
                .map(line ->
                        Stream.of(line.split(" ")).mapToLong(Long::parseLong).toArray())
                .collect(Collectors.toList());

        assertThat(seen).as("sizes before and after").hasSize(2);
        assertThat(seen.get(1)[0] - seen.get(0)[0]).as("bytes off the heap").isLessThan(MEBIBYTE);
        assertThat(seen.get(1)[1] - seen.get(0)[1]).as("resident bytes").isLessThan(RESIDENT_TOLERANCE);
    }

    /** Prints bytes off the heap and resident bytes after a thousand steps, and after ten thousand more. */
    static final class LongTraining {
        private LongTraining() {}

        public static void main(String[] arguments) throws IOException, InterruptedException {
            NativeSettings.apply(1);
            MultiLayerNetwork network = tinyNetwork();
            FastLayers.install(network);
            DataSet batch = batch(4);
            train(network, batch, STEPS / 10);
            System.out.println(settledOffHeapBytes() + " " + residentBytes());
            train(network, batch, STEPS);
            System.out.println(settledOffHeapBytes() + " " + residentBytes());
        }
    }

    /** Pixels and activations stay off the heap: a step's garbage is headers, as many for a large batch as for a small one. */
    @Test
    void garbageOfAStepDoesNotGrowWithTheBatch() {
        MultiLayerNetwork network = tinyNetwork();
        FastLayers.install(network);
        DataSet four = batch(4);
        DataSet many = batch(256);
        long small = Long.MAX_VALUE;
        long large = Long.MAX_VALUE;
        // What a step allocates also depends on what the compiler has made of it so far.
        for (int round = 0; round < ROUNDS; round++) {
            small = Math.min(small, heapBytesPerStep(network, four));
            large = Math.min(large, heapBytesPerStep(network, many));
        }
        assertThat(large).isLessThan(small + small / 10);
    }

    private static long heapBytesPerStep(MultiLayerNetwork network, DataSet batch) {
        com.sun.management.ThreadMXBean threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        train(network, batch, 200);
        long before = threads.getCurrentThreadAllocatedBytes();
        train(network, batch, 200);
        return (threads.getCurrentThreadAllocatedBytes() - before) / 200;
    }

    private static DataSet batch(int N) {
        INDArray labels = Nd4j.zeros(DataType.FLOAT, N, 2);
        labels.getColumn(1).assign(1);
        return new DataSet(Nd4j.rand(DataType.FLOAT, N, 1, 8, 8), labels);
    }

    private static long residentBytes() throws IOException {
        String line = Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(candidate -> candidate.startsWith("VmRSS:"))
                .findFirst()
                .orElseThrow();
        return 1024 * Long.parseLong(line.replaceAll("\\D+", ""));
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
