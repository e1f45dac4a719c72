package org.convoy.model.architecture;

import java.util.List;

/**
 * VGG: Simonyan and Zisserman 2015, table 1, columns A, B, D and E, with dropout of one half behind both dense layers (section
 * 3.1). For 224x224x3 and 1000 classes 132,863,336, 133,047,848, 138,357,544 and 143,667,240 parameters; vgg-16 has 33,638,218
 * for 32x32x3 and 10.
 */
final class Vgg {
    private static final int[] FILTERS = {64, 128, 256, 512, 512};

    static final List<Recipe> RECIPES = List.of(
            recipe("vgg-11", 1, 1, 2, 2, 2),
            recipe("vgg-13", 2, 2, 2, 2, 2),
            recipe("vgg-16", 2, 2, 3, 3, 3),
            recipe("vgg-19", 2, 2, 4, 4, 4));

    private Vgg() {}

    private static Recipe recipe(String name, int... depths) {
        return Recipe.of(name, picture -> layers(picture, depths))
                .withDropout(0.5)
                .withBatchNormToChoose();
    }

    /** With as many convolutions in each block as {@code depths} says; the shapes are for 224x224. */
    private static void layers(Activations picture, int... depths) {
        Activations x = picture;
        for (int block = 0; block < depths.length; block++) {
            for (int i = 0; i < depths[block]; i++) {
                x = x.convolution("conv" + (block + 1) + "-" + (i + 1), FILTERS[block], Window.same(3));
            }
            // [N, 64, 112, 112], [N, 128, 56, 56], [N, 256, 28, 28], [N, 512, 14, 14], [N, 512, 7, 7]
            x = x.maxPooling("pool" + (block + 1), Window.of(2).stride(2));
        }
        x.dense("fc6", 4096) // [N, 4096]
                .dropout()
                .dense("fc7", 4096) // [N, 4096]
                .dropout()
                .softmax("scores"); // [N, 1000]
    }
}
