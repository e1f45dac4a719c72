package org.convoy.model.architecture;

import java.util.List;

/**
 * Residual networks of depth 6n + 2 for small pictures: He et al. 2016, section 4.2. Shortcuts have no parameters (option A):
 * where a stage halves the picture, they read every second row and column, and new channels are 0. 269,722, 853,018 and
 * 1,727,962 parameters, running statistics not counted, for 3 channels and 10 classes, which the paper rounds to 0.27, 0.85
 * and 1.7 million (table 6); the shapes are for 32x32.
 */
final class CifarResNet {
    static final List<Recipe> RECIPES = List.of(recipe(20), recipe(56), recipe(110));

    private CifarResNet() {}

    private static Recipe recipe(int depth) {
        return Recipe.of("resnet-" + depth, picture -> layers(picture, (depth - 2) / 6))
                .withBatchNorm();
    }

    /** With {@code n} blocks in each of three stages. */
    private static void layers(Activations picture, int n) {
        Activations x = picture.convolution("conv1", 16, Window.same(3)); // [N, 16, 32, 32]
        for (int stage = 0; stage < 3; stage++) {
            for (int block = 0; block < n; block++) {
                int stride = stage > 0 && block == 0 ? 2 : 1;
                x = block(x, "block" + (stage + 1) + "-" + (block + 1), 16 << stage, stride);
            }
            // [N, 16, 32, 32], [N, 32, 16, 16], [N, 64, 8, 8]
        }
        x.globalAveragePooling("pool") // [N, 64]
                .softmax("scores"); // [N, 10]
    }

    private static Activations block(Activations x, String name, int filters, int stride) {
        Activations residual = x.convolution(
                        name + "-conv1", filters, Window.same(3).stride(stride))
                .linearConvolution(name + "-conv2", filters, Window.same(3));
        Activations shortcut = stride == 1 ? x : halved(x, name);
        return residual.plus(name + "-sum", shortcut).activation(name + "-out");
    }

    /** Half the rows and columns, and as many channels of zeros as there are others. */
    private static Activations halved(Activations x, String name) {
        Activations half = x.maxPooling(name + "-half", Window.of(1).stride(2));
        return Activations.concatenation(name + "-widened", half, half.times(name + "-zeros", 0));
    }
}
