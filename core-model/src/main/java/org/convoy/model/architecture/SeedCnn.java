package org.convoy.model.architecture;

import java.util.List;

/**
 * A small VGG-like network, "seed CNN": two blocks of two 3x3 convolutions. 2,327,818 parameters for 28x28x1, which the shapes
 * are for, and 10 classes.
 */
final class SeedCnn {
    static final List<Recipe> RECIPES = List.of(Recipe.of("seed-cnn", SeedCnn::layers));

    private SeedCnn() {}

    private static void layers(Activations picture) {
        picture.convolution("conv1-1", 16, Window.of(3)) // [N, 16, 26, 26]
                .convolution("conv1-2", 32, Window.of(3)) // [N, 32, 24, 24]
                .maxPooling("pool1", Window.of(2).stride(2)) // [N, 32, 12, 12]
                .convolution("conv2-1", 64, Window.of(3)) // [N, 64, 10, 10]
                .convolution("conv2-2", 128, Window.of(3)) // [N, 128, 8, 8]
                .maxPooling("pool2", Window.of(2).stride(2)) // [N, 128, 4, 4]
                .dense("fc1", 1024) // [N, 1024]
                .dense("fc2", 128) // [N, 128]
                .softmax("scores"); // [N, 10]
    }
}
