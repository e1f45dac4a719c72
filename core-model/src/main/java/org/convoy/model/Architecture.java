package org.convoy.model;

import java.util.Arrays;
import java.util.List;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.weights.WeightInit;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** The networks Convoy knows by name. Shapes in the comments are for a 28x28 grey picture and 10 classes. */
public enum Architecture {
    /**
     * LeNet-5 in its modern form (ReLU, max pooling, softmax): LeCun et al. 1998, section II.B, with the layer widths that
     * became usual with Caffe. 431,080 parameters.
     */
    LENET_5("lenet-5", 16) {
        @Override
        List<Layer> layers(int classes) {
            return List.of(
                    convolution(5, 20), // [N, 20, 24, 24]
                    maxPooling(), // [N, 20, 12, 12]
                    convolution(5, 50), // [N, 50, 8, 8]
                    maxPooling(), // [N, 50, 4, 4]
                    dense(500), // [N, 500]
                    softmax(classes)); // [N, 10]
        }
    },

    /** A small VGG-like network, "seed CNN": two blocks of two 3x3 convolutions. 2,327,818 parameters. */
    SEED_CNN("seed-cnn", 16) {
        @Override
        List<Layer> layers(int classes) {
            return List.of(
                    convolution(3, 16), // [N, 16, 26, 26]
                    convolution(3, 32), // [N, 32, 24, 24]
                    maxPooling(), // [N, 32, 12, 12]
                    convolution(3, 64), // [N, 64, 10, 10]
                    convolution(3, 128), // [N, 128, 8, 8]
                    maxPooling(), // [N, 128, 4, 4]
                    dense(1024), // [N, 1024]
                    dense(128), // [N, 128]
                    softmax(classes)); // [N, 10]
        }
    };

    private final String label;
    private final int smallestSide;

    Architecture(String label, int smallestSide) {
        this.label = label;
        this.smallestSide = smallestSide;
    }

    /** The name in configuration and model cards. */
    public String label() {
        return label;
    }

    /**
     * The architecture of that name.
     *
     * @throws IllegalArgumentException if there is none
     */
    public static Architecture named(String label) {
        return Arrays.stream(values())
                .filter(architecture -> architecture.label.equals(label))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("model.architecture must be one of "
                        + Arrays.stream(values()).map(Architecture::label).toList() + " but was '" + label + "'"));
    }

    abstract List<Layer> layers(int classes);

    /** The DL4J configuration for pictures of {@code input}; errors name the smallest picture the network can read. */
    MultiLayerConfiguration configuration(InputShape input, int classes, Optimiser optimiser, long seed) {
        if (Math.min(input.height(), input.width()) < smallestSide) {
            throw new IllegalArgumentException(label + " needs pictures of at least " + smallestSide + "x"
                    + smallestSide + " pixels but was given " + input.height() + "x" + input.width());
        }
        NeuralNetConfiguration.ListBuilder layers = new NeuralNetConfiguration.Builder()
                .seed(seed)
                .updater(optimiser.updater())
                .weightInit(WeightInit.RELU)
                .activation(Activation.RELU)
                .convolutionMode(ConvolutionMode.Truncate)
                .list();
        layers(classes).forEach(layers::layer);
        return layers.setInputType(InputType.convolutional(input.height(), input.width(), input.channels()))
                .build();
    }

    private static Layer convolution(int kernel, int filters) {
        return new ConvolutionLayer.Builder(kernel, kernel).nOut(filters).build();
    }

    private static Layer maxPooling() {
        return new SubsamplingLayer.Builder(SubsamplingLayer.PoolingType.MAX)
                .kernelSize(2, 2)
                .stride(2, 2)
                .build();
    }

    private static Layer dense(int units) {
        return new DenseLayer.Builder().nOut(units).build();
    }

    private static Layer softmax(int classes) {
        return new OutputLayer.Builder(LossFunction.MCXENT)
                .nOut(classes)
                .activation(Activation.SOFTMAX)
                .weightInit(WeightInit.XAVIER)
                .build();
    }
}
