package org.convoy.model.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.convoy.model.bench.Block.BatchNorm;
import org.convoy.model.bench.Block.Bias;
import org.convoy.model.bench.Block.Convolution;
import org.convoy.model.bench.Block.Dense;
import org.convoy.model.bench.Block.GlobalAveragePool;
import org.convoy.model.bench.Block.MaximumPool;
import org.convoy.model.bench.Block.Output;
import org.convoy.model.layer.FastLayers;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.weights.WeightInit;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;

/** DL4J, stock or with Convoy's layers. */
final class Dl4jPeer implements Peer {
    /** Learned parameters by DL4J's names, weights before biases; running averages are no part of them. */
    private static final List<String> LEARNED = List.of("W", "b", "gamma", "beta");

    private final MultiLayerNetwork network;
    private final List<DataSet> batches = new ArrayList<>();

    private Dl4jPeer(BenchNetwork definition, BenchImages images, int batchCount) {
        NeuralNetConfiguration.ListBuilder layers = new NeuralNetConfiguration.Builder()
                .seed(1)
                .updater(new Sgd(definition.learningRate()))
                .weightInit(WeightInit.RELU)
                .list();
        for (Block block : definition.blocks()) {
            add(layers, block);
        }
        layers.setInputType(
                InputType.convolutional(definition.size(), definition.size(), definition.channels()));
        network = new MultiLayerNetwork(layers.build());
        network.init();
        for (int index = 0; index < batchCount; index++) {
            INDArray x = Nd4j.createFromArray(images.batch(definition, index))
                    .reshape(definition.batch(), definition.channels(), definition.size(), definition.size());
            INDArray y = Nd4j.zeros(definition.batch(), BenchImages.CLASSES);
            int[] classes = images.classes(definition, index);
            for (int n = 0; n < classes.length; n++) {
                y.putScalar(n, classes[n], 1);
            }
            batches.add(new DataSet(x, y));
        }
    }

    static Dl4jPeer stock(BenchNetwork definition, BenchImages images, int batchCount) {
        return new Dl4jPeer(definition, images, batchCount);
    }

    static Dl4jPeer convoy(BenchNetwork definition, BenchImages images, int batchCount) {
        Dl4jPeer peer = new Dl4jPeer(definition, images, batchCount);
        FastLayers.install(peer.network);
        return peer;
    }

    @Override
    public double train(int index) {
        network.fit(batches.get(index % batches.size()));
        return network.score();
    }

    @Override
    public void infer(int index) {
        network.output(batches.get(index % batches.size()).getFeatures()).close();
    }

    @Override
    public void saveParameters(Path file) throws IOException {
        save(network, file);
    }

    /** Writes a network's learned parameters as a {@link ParameterFile}. */
    static void save(MultiLayerNetwork network, Path file) throws IOException {
        List<float[]> parameters = new ArrayList<>();
        for (INDArray parameter : learned(network)) {
            parameters.add(inPeersOrder(parameter).dup('c').data().asFloat());
        }
        ParameterFile.write(file, parameters);
    }

    @Override
    public void loadParameters(Path file) throws IOException {
        List<float[]> parameters = ParameterFile.read(file);
        int position = 0;
        for (INDArray parameter : learned(network)) {
            INDArray target = inPeersOrder(parameter);
            target.assign(Nd4j.createFromArray(parameters.get(position++)).reshape('c', target.shape()));
        }
    }

    private static List<INDArray> learned(MultiLayerNetwork network) {
        List<INDArray> learned = new ArrayList<>();
        for (Layer layer : network.getLayers()) {
            for (String name : LEARNED) {
                if (layer.paramTable().containsKey(name)) {
                    learned.add(layer.getParam(name));
                }
            }
        }
        return learned;
    }

    /** DL4J's dense weights are [inputs, outputs], the file's the other way about. */
    private static INDArray inPeersOrder(INDArray parameter) {
        return parameter.rank() == 2 && parameter.size(0) > 1 ? parameter.transpose() : parameter;
    }

    private static void add(NeuralNetConfiguration.ListBuilder layers, Block block) {
        if (block instanceof Convolution convolution) {
            boolean relu = convolution.activation() == Block.Activation.RELU;
            layers.layer(new ConvolutionLayer.Builder(convolution.kernel(), convolution.kernel())
                    .padding(convolution.padding(), convolution.padding())
                    .nOut(convolution.outputs())
                    .hasBias(convolution.bias() == Bias.ADDED)
                    .activation(relu ? Activation.RELU : Activation.IDENTITY)
                    .build());
        } else if (block instanceof BatchNorm) {
            layers.layer(new BatchNormalization.Builder().build());
            layers.layer(new ActivationLayer(Activation.RELU));
        } else if (block instanceof MaximumPool) {
            layers.layer(new SubsamplingLayer.Builder(PoolingType.MAX)
                    .kernelSize(2, 2)
                    .stride(2, 2)
                    .build());
        } else if (block instanceof GlobalAveragePool) {
            layers.layer(new GlobalPoolingLayer.Builder(PoolingType.AVG).build());
        } else if (block instanceof Dense dense) {
            layers.layer(new DenseLayer.Builder()
                    .nOut(dense.outputs())
                    .activation(Activation.RELU)
                    .build());
        } else if (block instanceof Output output) {
            layers.layer(new OutputLayer.Builder()
                    .nOut(output.classes())
                    .activation(Activation.SOFTMAX)
                    .build());
        }
    }
}
