package org.convoy.model.layer;

import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.convoy.model.layer.LayerPlan.Placement;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.DepthwiseConvolution2D;
import org.deeplearning4j.nn.conf.layers.SeparableConvolution2D;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.GraphVertex;
import org.deeplearning4j.nn.graph.vertex.VertexIndices;
import org.deeplearning4j.nn.graph.vertex.impl.FrozenVertex;
import org.deeplearning4j.nn.graph.vertex.impl.InputVertex;
import org.deeplearning4j.nn.graph.vertex.impl.LayerVertex;
import org.deeplearning4j.nn.layers.AbstractLayer;
import org.deeplearning4j.nn.layers.ActivationLayer;
import org.deeplearning4j.nn.layers.BaseLayer;
import org.deeplearning4j.nn.layers.FrozenLayer;
import org.deeplearning4j.nn.layers.convolution.ConvolutionLayer;
import org.deeplearning4j.nn.layers.convolution.DepthwiseConvolution2DLayer;
import org.deeplearning4j.nn.layers.convolution.SeparableConvolution2DLayer;
import org.deeplearning4j.nn.layers.convolution.subsampling.SubsamplingLayer;
import org.deeplearning4j.nn.layers.feedforward.dense.DenseLayer;
import org.deeplearning4j.nn.layers.normalization.BatchNormalization;
import org.deeplearning4j.nn.layers.normalization.LocalResponseNormalization;
import org.deeplearning4j.nn.layers.pooling.GlobalPoolingLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * Puts Convoy's layers into an initialised network, in place of DL4J's own. Configuration and parameters stay as they are,
 * so a saved archive is a stock one. {@code clone()} and loading give stock layers again: install again after them.
 *
 * <p>In a network with Convoy's layers the gradient at the network's input is not computed where a convolution comes first
 * (it is null), and feature masks are refused.
 */
public final class FastLayers {
    private FastLayers() {}

    /** Replaces every layer that Convoy has a native form of; installing twice changes nothing. */
    public static LayerPlan install(MultiLayerNetwork network) {
        Layer[] layers = network.getLayers();
        Map<String, Layer> layersByName = layersByName(network);
        List<Placement> placements = new ArrayList<>();
        for (int i = 0; i < layers.length; i++) {
            String name = layers[i].conf().getLayer().getLayerName();
            Optional<String> obstacle = obstacle(layers[i]);
            placements.add(placement(name, layers[i], obstacle));
            if (obstacle.isEmpty()) {
                layers[i] = fast(layers[i]);
            }
        }
        for (int i = 0; i < layers.length; i++) {
            layersByName.put(layers[i].conf().getLayer().getLayerName(), layers[i]);
            layers[i].allowInputModification(false);
            boolean lowestTrained = i == 0 || layers[i - 1] instanceof FrozenLayer;
            if (lowestTrained && network.getLayerWiseConfigurations().getInputPreProcess(i) == null) {
                omitInputGradient(layers[i]);
            }
        }
        return new LayerPlan(placements);
    }

    /** Replaces every layer that Convoy has a native form of; installing twice changes nothing. */
    public static LayerPlan install(ComputationGraph graph) {
        List<Placement> placements = new ArrayList<>();
        for (int position : graph.topologicalSortOrder()) {
            GraphVertex stock = graph.getVertices()[position];
            if (stock instanceof LayerVertex vertex) {
                placements.add(installLayer(graph, vertex));
                replace(graph, position, FastVertices.fast(graph, vertex));
            } else if (!(stock instanceof InputVertex)) {
                Optional<String> obstacle = FastVertices.obstacle(graph, stock);
                String type = graph.getConfiguration()
                        .getVertices()
                        .get(stock.getVertexName())
                        .getClass()
                        .getSimpleName();
                placements.add(new Placement(stock.getVertexName(), type, 0, obstacle));
                if (obstacle.isEmpty()) {
                    replace(graph, position, FastVertices.fast(graph, stock));
                }
            }
        }
        return new LayerPlan(placements);
    }

    /**
     * Freezes the first layers of a network with Convoy's layers: they answer as in inference, and the way back ends above
     * them.
     */
    public static void freeze(MultiLayerNetwork network, int count) {
        Layer[] layers = network.getLayers();
        Map<String, Layer> layersByName = layersByName(network);
        for (int i = 0; i < count; i++) {
            layers[i] = new FrozenLayer(layers[i]);
            layersByName.put(layers[i].conf().getLayer().getLayerName(), layers[i]);
        }
        if (count > 0 && network.getLayerWiseConfigurations().getInputPreProcess(count) == null) {
            omitInputGradient(layers[count]);
        }
    }

    /** Likewise of a graph, in its order; a vertex counts like a layer. */
    public static void freeze(ComputationGraph graph, int count) {
        int[] computed = Arrays.stream(graph.topologicalSortOrder())
                .filter(position -> !graph.getVertices()[position].isInputVertex())
                .toArray();
        for (int position : Arrays.copyOf(computed, count)) {
            GraphVertex vertex = graph.getVertices()[position];
            if (vertex.hasLayer()) {
                Layer layer = vertex.getLayer();
                vertex.setLayerAsFrozen();
                Arrays.asList(graph.getLayers()).replaceAll(other -> other == layer ? vertex.getLayer() : other);
            } else {
                replace(graph, position, new FrozenVertex(vertex));
            }
        }
    }

    private static Placement installLayer(ComputationGraph graph, LayerVertex vertex) {
        Layer stock = vertex.getLayer();
        Optional<String> obstacle = obstacle(stock);
        if (obstacle.isEmpty()) {
            vertex.setLayer(fast(stock));
            Arrays.asList(graph.getLayers()).replaceAll(layer -> layer == stock ? vertex.getLayer() : layer);
        }
        vertex.getLayer().allowInputModification(false);
        if (vertex.getLayerPreProcessor() == null && readsInputAlone(graph, vertex)) {
            omitInputGradient(vertex.getLayer());
        }
        return placement(vertex.getVertexName(), stock, obstacle);
    }

    private static void replace(ComputationGraph graph, int position, GraphVertex vertex) {
        graph.getVertices()[position] = vertex;
        verticesByName(graph).put(vertex.getVertexName(), vertex);
    }

    private static Placement placement(String name, Layer stock, Optional<String> obstacle) {
        String type = stock.conf().getLayer().getClass().getSimpleName();
        return new Placement(name, type, stock.numParams(), obstacle);
    }

    /** Why {@code layer} stays as it is; empty if there is a native form. */
    private static Optional<String> obstacle(Layer layer) {
        if (layer instanceof FrozenLayer frozen) {
            return obstacle(frozen.getInsideLayer());
        }
        if (isFast(layer)) {
            return Optional.empty();
        }
        if (layer instanceof AbstractLayer<?> typed && !isSupported(typed.getDataType())) {
            return Optional.of("its data type is " + typed.getDataType());
        }
        // The exact class: subclasses such as deconvolution compute something else.
        Class<?> kind = layer.getClass();
        org.deeplearning4j.nn.conf.layers.Layer conf = layer.conf().getLayer();
        if (kind == ConvolutionLayer.class) {
            return FastConvolution.obstacle((org.deeplearning4j.nn.conf.layers.ConvolutionLayer) conf);
        }
        if (kind == DepthwiseConvolution2DLayer.class) {
            return FastDepthwiseConvolution.obstacle((DepthwiseConvolution2D) conf);
        }
        if (kind == SeparableConvolution2DLayer.class) {
            return FastSeparableConvolution.obstacle((SeparableConvolution2D) conf);
        }
        if (kind == SubsamplingLayer.class) {
            return FastPooling.obstacle((org.deeplearning4j.nn.conf.layers.SubsamplingLayer) conf);
        }
        if (kind == DenseLayer.class) {
            return FastDense.obstacle((org.deeplearning4j.nn.conf.layers.DenseLayer) conf);
        }
        if (kind == BatchNormalization.class) {
            return FastBatchNorm.obstacle((org.deeplearning4j.nn.conf.layers.BatchNormalization) conf);
        }
        if (kind == ActivationLayer.class) {
            return FastActivation.obstacle((org.deeplearning4j.nn.conf.layers.ActivationLayer) conf);
        }
        if (kind == LocalResponseNormalization.class) {
            return FastLocalResponseNorm.obstacle((org.deeplearning4j.nn.conf.layers.LocalResponseNormalization) conf);
        }
        if (kind == GlobalPoolingLayer.class) {
            return FastGlobalPooling.obstacle((org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer) conf);
        }
        return Optional.of("Convoy has no native form of it");
    }

    /** The native form of a layer without obstacle, with the same parameters. */
    private static Layer fast(Layer layer) {
        if (isFast(layer)) {
            return layer;
        }
        if (layer instanceof FrozenLayer frozen) {
            return isFast(frozen.getInsideLayer()) ? frozen : new FrozenLayer(fast(frozen.getInsideLayer()));
        }
        AbstractLayer<?> stock = (AbstractLayer<?>) layer;
        NeuralNetConfiguration conf = stock.conf();
        DataType dataType = stock.getDataType();
        Class<?> kind = stock.getClass();
        if (kind == ConvolutionLayer.class) {
            return withStateOf((BaseLayer<?>) stock, new FastConvolution(conf, dataType));
        }
        if (kind == DepthwiseConvolution2DLayer.class) {
            return withStateOf((BaseLayer<?>) stock, new FastDepthwiseConvolution(conf, dataType));
        }
        if (kind == SeparableConvolution2DLayer.class) {
            return withStateOf((BaseLayer<?>) stock, new FastSeparableConvolution(conf, dataType));
        }
        if (kind == DenseLayer.class) {
            return withStateOf((BaseLayer<?>) stock, new FastDense(conf, dataType));
        }
        if (kind == BatchNormalization.class) {
            return withStateOf((BaseLayer<?>) stock, new FastBatchNorm(conf, dataType));
        }
        if (kind == ActivationLayer.class) {
            return withStateOf(stock, new FastActivation(conf, dataType));
        }
        if (kind == LocalResponseNormalization.class) {
            return withStateOf(stock, new FastLocalResponseNorm(conf, dataType));
        }
        if (kind == GlobalPoolingLayer.class) {
            return withStateOf(stock, new FastGlobalPooling(conf, dataType));
        }
        return withStateOf(stock, new FastPooling(conf, dataType));
    }

    private static Layer withStateOf(BaseLayer<?> stock, BaseLayer<?> fast) {
        fast.setParamsViewArray(stock.params());
        fast.setParamTable(stock.paramTable());
        if (stock.getGradientsViewArray() != null) {
            fast.setBackpropGradientsViewArray(stock.getGradientsViewArray());
        }
        return withStateOf((AbstractLayer<?>) stock, fast);
    }

    private static Layer withStateOf(AbstractLayer<?> stock, AbstractLayer<?> fast) {
        fast.setIndex(stock.getIndex());
        fast.setListeners(stock.getListeners());
        fast.setCacheMode(stock.getCacheMode());
        fast.setIterationCount(stock.getIterationCount());
        fast.setEpochCount(stock.getEpochCount());
        return fast;
    }

    private static boolean isFast(Layer layer) {
        return layer.getClass().getPackage() == FastLayers.class.getPackage();
    }

    private static boolean isSupported(DataType dataType) {
        return dataType == DataType.FLOAT || dataType == DataType.DOUBLE;
    }

    private static void omitInputGradient(Layer layer) {
        if (layer instanceof FastConvolution convolution) {
            convolution.omitInputGradient();
        }
    }

    /** Whether {@code vertex} is the only one that reads a network input, so that nobody adds to the input's gradient. */
    private static boolean readsInputAlone(ComputationGraph graph, LayerVertex vertex) {
        VertexIndices[] sources = vertex.getInputVertices();
        GraphVertex source = graph.getVertices()[sources[0].getVertexIndex()];
        return source instanceof InputVertex && source.getOutputVertices().length == 1;
    }

    private static Map<String, Layer> layersByName(MultiLayerNetwork network) {
        return hiddenTable(MultiLayerNetwork.class, "layerMap", network);
    }

    private static Map<String, GraphVertex> verticesByName(ComputationGraph graph) {
        return hiddenTable(ComputationGraph.class, "verticesMap", graph);
    }

    /** DL4J looks layers and vertices up by name in second tables that it does not hand out. */
    @SuppressWarnings("unchecked")
    private static <V> Map<String, V> hiddenTable(Class<?> owner, String field, Object network) {
        try {
            Field table = owner.getDeclaredField(field);
            table.setAccessible(true);
            return (Map<String, V>) table.get(network);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("Cannot reach DL4J's " + owner.getSimpleName() + "." + field, e);
        }
    }
}
