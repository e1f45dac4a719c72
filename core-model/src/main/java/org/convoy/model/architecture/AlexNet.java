package org.convoy.model.architecture;

import java.util.List;

/**
 * AlexNet: Krizhevsky et al. 2012, section 3.5 and figure 2, in its own form of two towers that meet twice: ahead of the third
 * convolution and of the dense layers. Local response normalisation reads a tower's channels. 60,965,224 parameters for
 * 224x224x3, padded by 2, or 227x227x3, and 1000 classes; the shapes are for 224x224.
 */
final class AlexNet {
    static final List<Recipe> RECIPES =
            List.of(Recipe.of("alexnet", AlexNet::layers).withDropout(0.5).withLocalResponseNorm());

    private static final Window POOLING = Window.of(3).stride(2);

    private AlexNet() {}

    private static void layers(Activations picture) {
        // [N, 256, 13, 13]
        Activations met = Activations.concatenation("meeting3", lower(picture, "a"), lower(picture, "b"));
        // [N, 256, 6, 6]
        Activations top = Activations.concatenation("meeting6", upper(met, "a"), upper(met, "b"));
        top.dropout()
                .dense("fc6", 4096) // [N, 4096]
                .dropout()
                .dense("fc7", 4096) // [N, 4096]
                .softmax("scores"); // [N, 1000]
    }

    private static Activations lower(Activations picture, String tower) {
        return picture.convolution("conv1" + tower, 48, Window.of(11).stride(4).padded(2)) // [N, 48, 55, 55]
                .localResponseNorm("norm1" + tower, 2, 1e-4)
                .maxPooling("pool1" + tower, POOLING) // [N, 48, 27, 27]
                .convolution("conv2" + tower, 128, Window.same(5)) // [N, 128, 27, 27]
                .localResponseNorm("norm2" + tower, 2, 1e-4)
                .maxPooling("pool2" + tower, POOLING); // [N, 128, 13, 13]
    }

    private static Activations upper(Activations met, String tower) {
        return met.convolution("conv3" + tower, 192, Window.same(3)) // [N, 192, 13, 13]
                .convolution("conv4" + tower, 192, Window.same(3)) // [N, 192, 13, 13]
                .convolution("conv5" + tower, 128, Window.same(3)) // [N, 128, 13, 13]
                .maxPooling("pool5" + tower, POOLING); // [N, 128, 6, 6]
    }
}
