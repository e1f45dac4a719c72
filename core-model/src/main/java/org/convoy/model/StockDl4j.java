package org.convoy.model;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;
import org.convoy.model.engine.NativeSettings;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.dataset.DataSet;

/** A specification as DL4J's own classes, for training with DL4J Spark's own master. */
public final class StockDl4j {
    private StockDl4j() {}

    /** The version of DL4J that Convoy was built with. */
    public static String version() {
        Properties properties = new Properties();
        try (InputStream in = StockDl4j.class.getResourceAsStream("dl4j.properties")) {
            properties.load(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return properties.getProperty("version");
    }

    /** Whether the network's layers lie in a row, so that {@link #network} can give it. */
    public static boolean isChain(NetworkSpec spec) {
        return spec.isChain();
    }

    /** The network with its initial parameters, on stock layers, which lie in a row. */
    public static MultiLayerNetwork network(NetworkSpec spec) {
        return (MultiLayerNetwork) spec.network().model();
    }

    /**
     * A minibatch with normalised features.
     *
     * @param pixels uint8, N·C·H·W
     * @param labels of N pictures
     */
    public static DataSet minibatch(NetworkSpec spec, byte[] pixels, Labels labels) {
        NativeSettings.ensureApplied();
        Batch batch = new Batch(spec.input(), spec.classes(), spec.normalisation());
        return new DataSet(batch.features(pixels, labels.size()), batch.targets(labels, 0));
    }
}
