package org.convoy.model.architecture;

import java.util.List;

/**
 * A small network with batch norm and without dense layers, the benchmark's "batch-norm net": 965,578 parameters, running
 * statistics counted in, for 32x32x3, which the shapes are for, and 10 classes; the picture's size does not change them.
 */
final class BatchNormCnn {
    static final List<Recipe> RECIPES =
            List.of(Recipe.of("bn-cnn", BatchNormCnn::layers).withBatchNorm());

    private BatchNormCnn() {}

    private static void layers(Activations picture) {
        picture.convolution("conv1", 64, Window.same(3)) // [N, 64, 32, 32]
                .convolution("conv2", 128, Window.same(3)) // [N, 128, 32, 32]
                .maxPooling("pool2", Window.of(2).stride(2)) // [N, 128, 16, 16]
                .convolution("conv3", 256, Window.same(3)) // [N, 256, 16, 16]
                .maxPooling("pool3", Window.of(2).stride(2)) // [N, 256, 8, 8]
                .convolution("conv4", 256, Window.same(3)) // [N, 256, 8, 8]
                .globalAveragePooling("pool4") // [N, 256]
                .softmax("scores"); // [N, 10]
    }
}
