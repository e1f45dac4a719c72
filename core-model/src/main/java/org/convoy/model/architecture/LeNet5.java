package org.convoy.model.architecture;

import java.util.List;

/** LeNet-5: LeCun et al. 1998, section II.B. */
final class LeNet5 {
    /** Side of the pictures that the paper's first layer reads; smaller ones it pads with zeros. */
    private static final int SIDE = 32;

    static final List<Recipe> RECIPES = List.of(
            Recipe.of("lenet-5", LeNet5::modern),
            Recipe.of("lenet-5-1998", LeNet5::original).withTanh());

    private LeNet5() {}

    /**
     * The modern form (ReLU, max pooling, softmax) with the layer widths that became usual with Caffe: 431,080 parameters for
     * 28x28x1, which the shapes are for, and 10 classes.
     */
    private static void modern(Activations picture) {
        picture.convolution("conv1", 20, Window.of(5)) // [N, 20, 24, 24]
                .maxPooling("pool1", Window.of(2).stride(2)) // [N, 20, 12, 12]
                .convolution("conv2", 50, Window.of(5)) // [N, 50, 8, 8]
                .maxPooling("pool2", Window.of(2).stride(2)) // [N, 50, 4, 4]
                .dense("fc1", 500) // [N, 500]
                .softmax("scores"); // [N, 10]
    }

    /**
     * The form of 1998 as it is usually built: tanh or sigmoid, average pooling, and the second convolution reads all maps of
     * the first, where the paper's table I leaves some out; softmax in place of its radial basis functions. 61,706 parameters
     * for 32x32x1, and for smaller pictures as well, and 10 classes.
     */
    private static void original(Activations picture) {
        int side = Math.min(picture.shape().height(), picture.shape().width());
        int padding = Math.max(0, (SIDE - side + 1) / 2);
        picture.convolution("c1", 6, Window.of(5).padded(padding)) // [N, 6, 28, 28]
                .averagePooling("s2", Window.of(2).stride(2)) // [N, 6, 14, 14]
                .convolution("c3", 16, Window.of(5)) // [N, 16, 10, 10]
                .averagePooling("s4", Window.of(2).stride(2)) // [N, 16, 5, 5]
                .dense("c5", 120) // [N, 120]
                .dense("f6", 84) // [N, 84]
                .softmax("scores"); // [N, 10]
    }
}
