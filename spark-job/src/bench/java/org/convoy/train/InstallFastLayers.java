package org.convoy.train;

import java.util.List;
import org.convoy.model.layer.FastLayers;
import org.convoy.model.layer.LayerPlan;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.spark.api.TrainingHook;
import org.nd4j.linalg.dataset.api.DataSet;
import org.nd4j.linalg.dataset.api.MultiDataSet;

/** Gives Convoy's layers to the workers of DL4J Spark's master, which builds new networks for each averaging. */
final class InstallFastLayers implements TrainingHook {
    private static final long serialVersionUID = 1L;

    /** Only the last layer, whose loss is DL4J's own, stays. */
    private static final int STOCK_LAYERS = 1;

    @Override
    public void preUpdate(DataSet minibatch, Model model) {
        install((MultiLayerNetwork) model);
    }

    @Override
    public void preUpdate(MultiDataSet minibatch, Model model) {
        install((MultiLayerNetwork) model);
    }

    @Override
    public void postUpdate(DataSet minibatch, Model model) {}

    @Override
    public void postUpdate(MultiDataSet minibatch, Model model) {}

    private static void install(MultiLayerNetwork network) {
        if (network.getLayer(0).getClass().getPackage() == FastLayers.class.getPackage()) {
            return;
        }
        List<LayerPlan.Placement> stock = FastLayers.install(network).stock();
        if (stock.size() > STOCK_LAYERS) {
            throw new IllegalStateException("only the output layer must stay stock but " + stock + " did");
        }
    }
}
