package org.convoy.model.architecture;

import java.util.List;

/**
 * GoogLeNet, the first Inception: Szegedy et al. 2015, table 1 and figure 3. Two auxiliary heads read inception blocks 4a and
 * 4d; their losses count 0.3 each (section 5), in training alone. 6,998,552 parameters for 3 channels and 1000 classes without
 * the heads, as Caffe's bvlc_googlenet has, whose local response normalisation it takes as well; the shapes are for 224x224.
 * With batch norm there is no need of that normalisation.
 */
final class GoogLeNet {
    /** Share of the head's values, and the auxiliary heads', that training drops. */
    private static final double DROPOUT = 0.4;

    private static final double AUXILIARY_DROPOUT = 0.7;
    private static final double AUXILIARY_WEIGHT = 0.3;

    /** Caffe divides its 1e-4 by the five channels. */
    private static final double ALPHA = 2e-5;

    private static final Window POOLING = Window.of(3).stride(2).covering();

    static final List<Recipe> RECIPES = List.of(Recipe.of("googlenet", GoogLeNet::layers)
            .withDropout(DROPOUT)
            .withBatchNormToChoose()
            .withLocalResponseNorm());

    /** Filters of a block's four branches; those of 3x3 and 5x5 are reduced by a 1x1 convolution first. */
    private record Filters(int one, int reduced3, int three, int reduced5, int five, int pooled) {}

    private GoogLeNet() {}

    private static void layers(Activations picture) {
        Activations x = picture.convolution("conv1", 64, Window.of(7).stride(2).padded(3)) // [N, 64, 112, 112]
                .maxPooling("pool1", POOLING) // [N, 64, 56, 56]
                .localResponseNorm("norm1", 1, ALPHA)
                .convolution("conv2-reduced", 64, Window.of(1)) // [N, 64, 56, 56]
                .convolution("conv2", 192, Window.same(3)) // [N, 192, 56, 56]
                .localResponseNorm("norm2", 1, ALPHA)
                .maxPooling("pool2", POOLING); // [N, 192, 28, 28]
        x = inception(x, "3a", new Filters(64, 96, 128, 16, 32, 32)); // [N, 256, 28, 28]
        x = inception(x, "3b", new Filters(128, 128, 192, 32, 96, 64)) // [N, 480, 28, 28]
                .maxPooling("pool3", POOLING); // [N, 480, 14, 14]
        Activations first = inception(x, "4a", new Filters(192, 96, 208, 16, 48, 64)); // [N, 512, 14, 14]
        x = inception(first, "4b", new Filters(160, 112, 224, 24, 64, 64)); // [N, 512, 14, 14]
        x = inception(x, "4c", new Filters(128, 128, 256, 24, 64, 64)); // [N, 512, 14, 14]
        Activations second = inception(x, "4d", new Filters(112, 144, 288, 32, 64, 64)); // [N, 528, 14, 14]
        x = inception(second, "4e", new Filters(256, 160, 320, 32, 128, 128)) // [N, 832, 14, 14]
                .maxPooling("pool4", POOLING); // [N, 832, 7, 7]
        x = inception(x, "5a", new Filters(256, 160, 320, 32, 128, 128)); // [N, 832, 7, 7]
        x = inception(x, "5b", new Filters(384, 192, 384, 48, 128, 128)); // [N, 1024, 7, 7]
        x.globalAveragePooling("pool5") // [N, 1024]
                .dropout()
                .softmax("scores"); // [N, 1000]
        auxiliary(first, "auxiliary1");
        auxiliary(second, "auxiliary2");
    }

    private static Activations inception(Activations x, String block, Filters filters) {
        return Activations.concatenation(
                block,
                x.convolution(block + "-1x1", filters.one(), Window.of(1)),
                x.convolution(block + "-3x3-reduced", filters.reduced3(), Window.of(1))
                        .convolution(block + "-3x3", filters.three(), Window.same(3)),
                x.convolution(block + "-5x5-reduced", filters.reduced5(), Window.of(1))
                        .convolution(block + "-5x5", filters.five(), Window.same(5)),
                x.maxPooling(block + "-pool", Window.same(3))
                        .convolution(block + "-pool-reduced", filters.pooled(), Window.of(1)));
    }

    private static void auxiliary(Activations x, String name) {
        x.averagePooling(name + "-pool", Window.of(5).stride(3)) // [N, 512, 4, 4]
                .convolution(name + "-conv", 128, Window.of(1)) // [N, 128, 4, 4]
                .dense(name + "-fc", 1024) // [N, 1024]
                .dropout(AUXILIARY_DROPOUT)
                .auxiliarySoftmax(name, AUXILIARY_WEIGHT); // [N, 1000]
    }
}
