package org.convoy.model;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.convoy.model.engine.NativeSettings;
import org.nd4j.linalg.api.ndarray.INDArray;

/** What the frozen layers of a network make of pictures: its head's input. Not thread-safe. */
public final class FeatureExtractor {
    private final Dl4jNetwork network;
    private final Batch batch;
    private final int frozenLayers;

    /**
     * Builds the network.
     *
     * @param spec of a network that is frozen below its head, as workers have it
     */
    public FeatureExtractor(NetworkSpec spec) {
        NativeSettings.ensureApplied();
        network = spec.network();
        network.installFastLayers();
        batch = new Batch(spec.input(), spec.classes(), spec.normalisation());
        frozenLayers = spec.frozenLayers();
    }

    /**
     * The features of some pictures.
     *
     * @param pixels uint8, N·C·H·W, not normalised
     * @param pictures N
     * @return float32, little-endian, N·F
     */
    public byte[] features(byte[] pixels, int pictures) {
        try (INDArray pictureValues = batch.features(pixels, pictures);
                INDArray features = network.inputOf(frozenLayers, pictureValues)) {
            float[] values = features.dup('c').data().asFloat();
            byte[] bytes = new byte[Math.multiplyExact(values.length, Float.BYTES)];
            ByteBuffer.wrap(bytes)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .asFloatBuffer()
                    .put(values);
            return bytes;
        }
    }
}
