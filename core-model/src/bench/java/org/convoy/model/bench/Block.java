package org.convoy.model.bench;

/** One step of a benchmark network, from which every peer builds its own. */
sealed interface Block {
    /** Convolution with stride 1; {@code bias} is left out before a batch norm. */
    record Convolution(int outputs, int kernel, int padding, Bias bias, Activation activation) implements Block {}

    /** Batch norm over N, H, W, with its own scale and shift, followed by ReLU. */
    record BatchNorm() implements Block {}

    /** Maximum over windows of 2x2. */
    record MaximumPool() implements Block {}

    /** Mean over H and W. */
    record GlobalAveragePool() implements Block {}

    /** Dense layer with ReLU, over the flattened C·H·W. */
    record Dense(int outputs) implements Block {}

    /** Dense layer with softmax and cross entropy. */
    record Output(int classes) implements Block {}

    /** Whether a convolution adds a bias per output channel. */
    enum Bias {
        ADDED,
        NONE
    }

    /** What follows the convolution at once. */
    enum Activation {
        RELU,
        NONE
    }
}
