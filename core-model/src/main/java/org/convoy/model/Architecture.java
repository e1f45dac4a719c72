package org.convoy.model;

import java.util.Arrays;
import java.util.List;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.dropout.Dropout;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.weights.WeightInit;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/**
 * The networks Convoy knows by name. Shapes in the comments are for a 28x28 grey picture and 10 classes, or for what the
 * network says. Weights start as He et al. 2015 draw them (section 2.2), but for the last layer.
 */
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
    },

    /**
     * A small network with batch norm and without dense layers, the benchmark's "batch-norm net": 965,578 parameters, running
     * statistics counted in, for 32x32x3, which the shapes are for, and 10 classes; the picture's size does not change them.
     */
    BN_CNN("bn-cnn", 4) {
        @Override
        List<Layer> layers(int classes) {
            return List.of(
                    convolutionWithoutBias(64), // [N, 64, 32, 32]
                    new BatchNormalization(),
                    relu(),
                    convolutionWithoutBias(128), // [N, 128, 32, 32]
                    new BatchNormalization(),
                    relu(),
                    maxPooling(), // [N, 128, 16, 16]
                    convolutionWithoutBias(256), // [N, 256, 16, 16]
                    new BatchNormalization(),
                    relu(),
                    maxPooling(), // [N, 256, 8, 8]
                    convolutionWithoutBias(256), // [N, 256, 8, 8]
                    new BatchNormalization(),
                    relu(),
                    averagePooling(), // [N, 256]
                    softmax(classes)); // [N, 10]
        }
    },

    /**
     * VGG-16: Simonyan and Zisserman 2015, table 1, column D, with dropout of one half behind both dense layers (section
     * 3.1). 138,357,544 parameters for 224x224x3, which the shapes are for, and 1000 classes; 33,638,218 for 32x32x3 and 10.
     */
    VGG_16("vgg-16", 32) {
        @Override
        List<Layer> layers(int classes) {
            return List.of(
                    paddedConvolution(64), // [N, 64, 224, 224]
                    paddedConvolution(64), // [N, 64, 224, 224]
                    maxPooling(), // [N, 64, 112, 112]
                    paddedConvolution(128), // [N, 128, 112, 112]
                    paddedConvolution(128), // [N, 128, 112, 112]
                    maxPooling(), // [N, 128, 56, 56]
                    paddedConvolution(256), // [N, 256, 56, 56]
                    paddedConvolution(256), // [N, 256, 56, 56]
                    paddedConvolution(256), // [N, 256, 56, 56]
                    maxPooling(), // [N, 256, 28, 28]
                    paddedConvolution(512), // [N, 512, 28, 28]
                    paddedConvolution(512), // [N, 512, 28, 28]
                    paddedConvolution(512), // [N, 512, 28, 28]
                    maxPooling(), // [N, 512, 14, 14]
                    paddedConvolution(512), // [N, 512, 14, 14]
                    paddedConvolution(512), // [N, 512, 14, 14]
                    paddedConvolution(512), // [N, 512, 14, 14]
                    maxPooling(), // [N, 512, 7, 7]
                    dense(4096), // [N, 4096]
                    afterDropout(dense(4096)), // [N, 4096]
                    afterDropout(softmax(classes))); // [N, 1000]
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

    /** 3x3, of the input's height and width. */
    private static Layer paddedConvolution(int filters) {
        return new ConvolutionLayer.Builder(3, 3).padding(1, 1).nOut(filters).build();
    }

    /** 3x3, of the input's height and width, for a batch norm behind it, which would take a bias out again. */
    private static Layer convolutionWithoutBias(int filters) {
        return new ConvolutionLayer.Builder(3, 3)
                .padding(1, 1)
                .nOut(filters)
                .hasBias(false)
                .activation(Activation.IDENTITY)
                .build();
    }

    private static Layer relu() {
        return new ActivationLayer(Activation.RELU);
    }

    /** Mean over H and W. */
    private static Layer averagePooling() {
        return new GlobalPoolingLayer.Builder(PoolingType.AVG).build();
    }

    /** In training, {@code layer} reads a random half of what comes to it. */
    private static Layer afterDropout(BaseLayer layer) {
        layer.setIDropout(new Dropout(0.5));
        return layer;
    }

    private static Layer maxPooling() {
        return new SubsamplingLayer.Builder(SubsamplingLayer.PoolingType.MAX)
                .kernelSize(2, 2)
                .stride(2, 2)
                .build();
    }

    private static BaseLayer dense(int units) {
        return new DenseLayer.Builder().nOut(units).build();
    }

    private static BaseLayer softmax(int classes) {
        return new OutputLayer.Builder(LossFunction.MCXENT)
                .nOut(classes)
                .activation(Activation.SOFTMAX)
                .weightInit(WeightInit.XAVIER)
                .build();
    }
}
