package org.convoy.model.bench;

import java.util.List;
import java.util.stream.Collectors;
import org.convoy.model.bench.Block.Activation;
import org.convoy.model.bench.Block.BatchNorm;
import org.convoy.model.bench.Block.Bias;
import org.convoy.model.bench.Block.Convolution;
import org.convoy.model.bench.Block.Dense;
import org.convoy.model.bench.Block.GlobalAveragePool;
import org.convoy.model.bench.Block.MaximumPool;
import org.convoy.model.bench.Block.Output;

/**
 * A network of the benchmark, with the batch size and learning rate it is measured at.
 *
 * @param size height and width of an input image
 * @param channels of an input image
 * @param batch N
 * @param learningRate of plain stochastic gradient descent
 * @param stockSteps of the compared steps, how many stock DL4J takes part in: it needs minutes for one of VGG-16
 * @param blocks the network from input to output
 */
record BenchNetwork(
        String title, int size, int channels, int batch, double learningRate, int stockSteps, List<Block> blocks) {
    static final BenchNetwork SEED_CNN = new BenchNetwork("seed-cnn",
            28,
            1,
            64,
            0.001,
            20,
            List.of(
                    convolution(16, 3, 0), // [N, 16, 26, 26]
                    convolution(32, 3, 0), // [N, 32, 24, 24]
                    new MaximumPool(), // [N, 32, 12, 12]
                    convolution(64, 3, 0), // [N, 64, 10, 10]
                    convolution(128, 3, 0), // [N, 128, 8, 8]
                    new MaximumPool(), // [N, 128, 4, 4]
                    new Dense(1024),
                    new Dense(128),
                    new Output(10)));
    static final BenchNetwork LENET = new BenchNetwork("lenet",
            28,
            1,
            64,
            0.001,
            20,
            List.of(
                    convolution(20, 5, 0), // [N, 20, 24, 24]
                    new MaximumPool(), // [N, 20, 12, 12]
                    convolution(50, 5, 0), // [N, 50, 8, 8]
                    new MaximumPool(), // [N, 50, 4, 4]
                    new Dense(500),
                    new Output(10)));
    static final BenchNetwork BATCH_NORM_NET = new BenchNetwork("batch-norm-net",
            32,
            3,
            32,
            0.01,
            20,
            List.of(
                    normalised(64), // [N, 64, 32, 32]
                    new BatchNorm(),
                    normalised(128), // [N, 128, 32, 32]
                    new BatchNorm(),
                    new MaximumPool(), // [N, 128, 16, 16]
                    normalised(256), // [N, 256, 16, 16]
                    new BatchNorm(),
                    new MaximumPool(), // [N, 256, 8, 8]
                    normalised(256), // [N, 256, 8, 8]
                    new BatchNorm(),
                    new GlobalAveragePool(), // [N, 256]
                    new Output(10)));
    static final BenchNetwork VGG16 = new BenchNetwork("vgg16",
            224,
            3,
            8,
            0.0001,
            2,
            List.of(
                    convolution(64, 3, 1),
                    convolution(64, 3, 1),
                    new MaximumPool(), // [N, 64, 112, 112]
                    convolution(128, 3, 1),
                    convolution(128, 3, 1),
                    new MaximumPool(), // [N, 128, 56, 56]
                    convolution(256, 3, 1),
                    convolution(256, 3, 1),
                    convolution(256, 3, 1),
                    new MaximumPool(), // [N, 256, 28, 28]
                    convolution(512, 3, 1),
                    convolution(512, 3, 1),
                    convolution(512, 3, 1),
                    new MaximumPool(), // [N, 512, 14, 14]
                    convolution(512, 3, 1),
                    convolution(512, 3, 1),
                    convolution(512, 3, 1),
                    new MaximumPool(), // [N, 512, 7, 7]
                    new Dense(4096),
                    new Dense(4096),
                    new Output(10)));

    private static final List<BenchNetwork> ALL = List.of(SEED_CNN, LENET, BATCH_NORM_NET, VGG16);

    private static Convolution convolution(int outputs, int kernel, int padding) {
        return new Convolution(outputs, kernel, padding, Bias.ADDED, Activation.RELU);
    }

    private static Convolution normalised(int outputs) {
        return new Convolution(outputs, 3, 1, Bias.NONE, Activation.NONE);
    }

    static BenchNetwork named(String title) {
        return ALL.stream()
                .filter(network -> network.title().equals(title))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("network must be one of "
                        + ALL.stream().map(BenchNetwork::title).collect(Collectors.joining(", ")) + " but was " + title));
    }

    /** The same layers for pictures of another shape. */
    BenchNetwork reading(int otherChannels, int otherSize) {
        return new BenchNetwork(title, otherSize, otherChannels, batch, learningRate, stockSteps, blocks);
    }

    /** 10⁶ operations of the products and convolutions of one image, forward alone. */
    double forwardMegaflops() {
        return megaflops(0);
    }

    /** The same forward and backward; nothing needs the gradient at the first layer's input. */
    double trainingMegaflops() {
        return 3 * megaflops(0) - megaflops(blocks.size() - 1);
    }

    /** Operations without those of the last {@code omitted} blocks. */
    private double megaflops(int omitted) {
        double operations = 0;
        int height = size;
        int depth = channels;
        for (Block block : blocks.subList(0, blocks.size() - omitted)) {
            if (block instanceof Convolution convolution) {
                height += 2 * convolution.padding() - convolution.kernel() + 1;
                operations += 2.0 * height * height * convolution.outputs() * depth * Math.pow(convolution.kernel(), 2);
                depth = convolution.outputs();
            } else if (block instanceof MaximumPool) {
                height /= 2;
            } else if (block instanceof GlobalAveragePool) {
                height = 1;
            } else if (block instanceof Dense dense) {
                operations += 2.0 * height * height * depth * dense.outputs();
                height = 1;
                depth = dense.outputs();
            } else if (block instanceof Output output) {
                operations += 2.0 * height * height * depth * output.classes();
            }
        }
        return operations / 1e6;
    }
}
