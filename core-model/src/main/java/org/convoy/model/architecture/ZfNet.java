package org.convoy.model.architecture;

import java.util.List;

/**
 * ZFNet: Zeiler and Fergus 2014, figure 3: AlexNet in one tower, with a smaller first kernel and stride. Its normalisation of
 * contrasts is local response normalisation, as in its authors' code. 62,357,608 parameters for 224x224x3, which the shapes
 * are for, and 1000 classes.
 */
final class ZfNet {
    static final List<Recipe> RECIPES =
            List.of(Recipe.of("zfnet", ZfNet::layers).withDropout(0.5).withLocalResponseNorm());

    private ZfNet() {}

    private static void layers(Activations picture) {
        picture.convolution("conv1", 96, Window.of(7).stride(2).padded(1)) // [N, 96, 110, 110]
                .maxPooling("pool1", Window.of(3).stride(2).padded(1)) // [N, 96, 55, 55]
                .localResponseNorm("norm1", 2, 1e-4)
                .convolution("conv2", 256, Window.of(5).stride(2)) // [N, 256, 26, 26]
                .maxPooling("pool2", Window.of(3).stride(2).padded(1)) // [N, 256, 13, 13]
                .localResponseNorm("norm2", 2, 1e-4)
                .convolution("conv3", 384, Window.same(3)) // [N, 384, 13, 13]
                .convolution("conv4", 384, Window.same(3)) // [N, 384, 13, 13]
                .convolution("conv5", 256, Window.same(3)) // [N, 256, 13, 13]
                .maxPooling("pool5", Window.of(3).stride(2)) // [N, 256, 6, 6]
                .dropout()
                .dense("fc6", 4096) // [N, 4096]
                .dropout()
                .dense("fc7", 4096) // [N, 4096]
                .softmax("scores"); // [N, 1000]
    }
}
