package org.convoy.model.architecture;

import java.util.List;

/**
 * The residual network of nine layers with which Page won DAWNBench's CIFAR-10 contest ("How to train your ResNet", 2018; the
 * network is in its part 4): residual blocks without activation after the sum, and scores multiplied by 1/8. 6,573,120
 * parameters, running statistics not counted, for 3 channels and 10 classes; the shapes are for 32x32.
 */
final class ResNet9 {
    static final List<Recipe> RECIPES =
            List.of(Recipe.of("resnet-9", ResNet9::layers).withBatchNorm());

    private ResNet9() {}

    private static void layers(Activations picture) {
        Activations x = picture.convolution("prep", 64, Window.same(3)); // [N, 64, 32, 32]
        x = residual(stage(x, "layer1", 128), "layer1", 128); // [N, 128, 16, 16]
        x = stage(x, "layer2", 256); // [N, 256, 8, 8]
        x = residual(stage(x, "layer3", 512), "layer3", 512); // [N, 512, 4, 4]
        x.globalMaxPooling("pool") // [N, 512]
                // The last layer is linear, so this is its scores times 1/8.
                .times("eighth", 0.125)
                .softmaxWithoutBias("scores"); // [N, 10]
    }

    private static Activations stage(Activations x, String name, int filters) {
        return x.convolution(name + "-conv", filters, Window.same(3))
                .maxPooling(name + "-pool", Window.of(2).stride(2));
    }

    private static Activations residual(Activations x, String name, int filters) {
        return x.convolution(name + "-res1", filters, Window.same(3))
                .convolution(name + "-res2", filters, Window.same(3))
                .plus(name + "-sum", x);
    }
}
