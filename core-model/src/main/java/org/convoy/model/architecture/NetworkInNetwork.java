package org.convoy.model.architecture;

import java.util.List;

/**
 * Network in network: Lin et al. 2014, section 4, in its authors' form for CIFAR-10: convolutions followed by two of 1x1, and
 * the classes' values are means over maps, without dense layer. 966,986 parameters for 3 channels and 10 classes; the shapes
 * are for 32x32.
 */
final class NetworkInNetwork {
    static final List<Recipe> RECIPES =
            List.of(Recipe.of("nin", NetworkInNetwork::layers).withDropout(0.5));

    private NetworkInNetwork() {}

    private static void layers(Activations picture) {
        picture.convolution("conv1", 192, Window.same(5)) // [N, 192, 32, 32]
                .convolution("cccp1", 160, Window.of(1)) // [N, 160, 32, 32]
                .convolution("cccp2", 96, Window.of(1)) // [N, 96, 32, 32]
                .maxPooling("pool1", Window.of(3).stride(2).covering()) // [N, 96, 16, 16]
                .dropout()
                .convolution("conv2", 192, Window.same(5)) // [N, 192, 16, 16]
                .convolution("cccp3", 192, Window.of(1)) // [N, 192, 16, 16]
                .convolution("cccp4", 192, Window.of(1)) // [N, 192, 16, 16]
                .averagePooling("pool2", Window.of(3).stride(2).covering()) // [N, 192, 8, 8]
                .dropout()
                .convolution("conv3", 192, Window.same(3)) // [N, 192, 8, 8]
                .convolution("cccp5", 192, Window.of(1)) // [N, 192, 8, 8]
                .convolutionToClasses("cccp6") // [N, 10, 8, 8]
                .globalAveragePooling("pool3") // [N, 10]
                .softmaxOfValues("scores"); // [N, 10]
    }
}
