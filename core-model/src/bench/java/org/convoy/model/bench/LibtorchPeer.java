package org.convoy.model.bench;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Blocks;
import ai.djl.nn.Parameter;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.nn.pooling.Pool;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.GradientCollector;
import ai.djl.training.Trainer;
import ai.djl.training.loss.Loss;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.convoy.model.bench.Block.Bias;
import org.convoy.model.bench.Block.Convolution;
import org.convoy.model.bench.Block.Dense;
import org.convoy.model.bench.Block.GlobalAveragePool;
import org.convoy.model.bench.Block.MaximumPool;
import org.convoy.model.bench.Block.Output;

/** libtorch through DJL, with DJL's own blocks, loss and optimiser. */
final class LibtorchPeer implements Peer {
    private final NDManager manager = NDManager.newBaseManager(Device.cpu());
    private final Loss loss = Loss.softmaxCrossEntropyLoss();
    private final Trainer trainer;
    private final List<NDArray> images = new ArrayList<>();
    private final List<NDArray> labels = new ArrayList<>();

    LibtorchPeer(BenchNetwork definition, BenchImages source, int batchCount) {
        Model model = Model.newInstance(definition.title(), Device.cpu());
        model.setBlock(network(definition));
        trainer = model.newTrainer(new DefaultTrainingConfig(loss)
                .optOptimizer(Optimizer.sgd()
                        .setLearningRateTracker(Tracker.fixed((float) definition.learningRate()))
                        .build())
                .optDevices(new Device[] {Device.cpu()}));
        Shape shape = new Shape(definition.batch(), definition.channels(), definition.size(), definition.size());
        trainer.initialize(shape);
        for (int index = 0; index < batchCount; index++) {
            images.add(manager.create(source.batch(definition, index), shape));
            labels.add(manager.create(source.classes(definition, index)));
        }
    }

    @Override
    public double train(int index) {
        NDArray x = images.get(index % images.size());
        NDArray y = labels.get(index % labels.size());
        // Intermediates live as long as the manager of their inputs: one for each step, or memory grows without end.
        try (NDManager step = manager.newSubManager()) {
            x.attach(step);
            y.attach(step);
            double value;
            try (GradientCollector collector = trainer.newGradientCollector()) {
                NDArray mean = loss.evaluate(new NDList(y), trainer.forward(new NDList(x)));
                collector.backward(mean);
                value = mean.getFloat();
            }
            trainer.step();
            x.attach(manager);
            y.attach(manager);
            return value;
        }
    }

    @Override
    public void infer(int index) {
        NDArray x = images.get(index % images.size());
        JniUtils.setGradMode(false);
        try (NDManager step = manager.newSubManager()) {
            x.attach(step);
            trainer.evaluate(new NDList(x)).singletonOrThrow().getFloat(0, 0);
            x.attach(manager);
        }
    }

    @Override
    public void saveParameters(Path file) throws IOException {
        List<float[]> parameters = new ArrayList<>();
        for (NDArray parameter : learned()) {
            parameters.add(parameter.toFloatArray());
        }
        ParameterFile.write(file, parameters);
    }

    @Override
    public void loadParameters(Path file) throws IOException {
        load(file, trainer.getModel().getBlock());
    }

    private List<NDArray> learned() {
        return learned(trainer.getModel().getBlock());
    }

    /** The network, without its last softmax. */
    static SequentialBlock network(BenchNetwork definition) {
        SequentialBlock block = new SequentialBlock();
        definition.blocks().forEach(step -> add(block, step));
        return block;
    }

    /** Gives a network that is initialised the parameters of a {@link ParameterFile}. */
    static void load(Path file, ai.djl.nn.Block network) throws IOException {
        List<float[]> parameters = ParameterFile.read(file);
        int position = 0;
        for (NDArray parameter : learned(network)) {
            parameter.set(parameters.get(position++));
        }
    }

    private static List<NDArray> learned(ai.djl.nn.Block network) {
        List<NDArray> learned = new ArrayList<>();
        network.getParameters().forEach(named -> {
            Parameter parameter = named.getValue();
            if (parameter.requiresGradient()) {
                learned.add(parameter.getArray());
            }
        });
        return learned;
    }

    private static void add(SequentialBlock network, Block block) {
        if (block instanceof Convolution convolution) {
            network.add(Conv2d.builder()
                    .setFilters(convolution.outputs())
                    .setKernelShape(new Shape(convolution.kernel(), convolution.kernel()))
                    .optPadding(new Shape(convolution.padding(), convolution.padding()))
                    .optBias(convolution.bias() == Bias.ADDED)
                    .build());
            if (convolution.activation() == Block.Activation.RELU) {
                network.add(Activation.reluBlock());
            }
        } else if (block instanceof Block.BatchNorm) {
            network.add(BatchNorm.builder().build());
            network.add(Activation.reluBlock());
        } else if (block instanceof MaximumPool) {
            network.add(Pool.maxPool2dBlock(new Shape(2, 2), new Shape(2, 2)));
        } else if (block instanceof GlobalAveragePool) {
            network.add(Pool.globalAvgPool2dBlock());
        } else if (block instanceof Dense dense) {
            network.add(Blocks.batchFlattenBlock());
            network.add(Linear.builder().setUnits(dense.outputs()).build());
            network.add(Activation.reluBlock());
        } else if (block instanceof Output output) {
            network.add(Blocks.batchFlattenBlock());
            network.add(Linear.builder().setUnits(output.classes()).build());
        }
    }
}
