package org.convoy.model.architecture;

import java.util.List;

/**
 * Residual networks for large pictures: He et al. 2016, table 1. Shortcuts that change the shape are projections (option B). In
 * bottlenecks the 3x3 convolution has the stride, as in torchvision and in the networks that Facebook published, not the first
 * 1x1. 11,689,512, 21,797,672, 25,557,032 and 44,549,160 parameters, running statistics not counted, for 3 channels and 1000
 * classes; the shapes are for 224x224 and the first two, and have four times the channels for the others.
 */
final class ResNet {
    /** A bottleneck's output has as many times the channels of its 3x3 convolution. */
    private static final int EXPANSION = 4;

    private static final Window POINT = Window.of(1);

    static final List<Recipe> RECIPES = List.of(
            recipe("resnet-18", ResNet::basic, 2, 2, 2, 2),
            recipe("resnet-34", ResNet::basic, 3, 4, 6, 3),
            recipe("resnet-50", ResNet::bottleneck, 3, 4, 6, 3),
            recipe("resnet-101", ResNet::bottleneck, 3, 4, 23, 3));

    /** A residual block's way from input to sum. */
    private interface Block {
        Activations after(Activations x, String name, int filters, int stride);
    }

    private ResNet() {}

    private static Recipe recipe(String name, Block block, int... depths) {
        return Recipe.of(name, picture -> layers(picture, block, depths)).withBatchNorm();
    }

    private static void layers(Activations picture, Block block, int... depths) {
        Activations x = picture.convolution("conv1", 64, Window.of(7).stride(2).padded(3)) // [N, 64, 112, 112]
                .maxPooling("pool1", Window.of(3).stride(2).padded(1)); // [N, 64, 56, 56]
        for (int stage = 0; stage < depths.length; stage++) {
            for (int i = 0; i < depths[stage]; i++) {
                int stride = stage > 0 && i == 0 ? 2 : 1;
                x = block.after(x, "block" + (stage + 1) + "-" + (i + 1), 64 << stage, stride);
            }
            // [N, 64, 56, 56], [N, 128, 28, 28], [N, 256, 14, 14], [N, 512, 7, 7]
        }
        x.globalAveragePooling("pool5") // [N, 512]
                .softmax("scores"); // [N, 1000]
    }

    private static Activations basic(Activations x, String name, int filters, int stride) {
        Activations residual = x.convolution(
                        name + "-conv1", filters, Window.same(3).stride(stride))
                .linearConvolution(name + "-conv2", filters, Window.same(3));
        return sum(residual, x, name, filters, stride);
    }

    private static Activations bottleneck(Activations x, String name, int filters, int stride) {
        Activations residual = x.convolution(name + "-conv1", filters, POINT)
                .convolution(name + "-conv2", filters, Window.same(3).stride(stride))
                .linearConvolution(name + "-conv3", EXPANSION * filters, POINT);
        return sum(residual, x, name, EXPANSION * filters, stride);
    }

    private static Activations sum(Activations residual, Activations x, String name, int filters, int stride) {
        Activations shortcut = residual.shape().equals(x.shape())
                ? x
                : x.linearConvolution(name + "-projection", filters, POINT.stride(stride));
        return residual.plus(name + "-sum", shortcut).activation(name + "-out");
    }
}
