package org.convoy.model.layer;

import org.nd4j.linalg.api.ndarray.INDArray;

/** Feature masks mean sequences of unequal length; the layers here are for images and refuse them. */
final class Masks {
    private Masks() {}

    static void refuse(INDArray mask, String layer) {
        if (mask != null) {
            throw new UnsupportedOperationException(
                    "Cannot apply a feature mask: Convoy's layers do not support masks " + layer);
        }
    }
}
