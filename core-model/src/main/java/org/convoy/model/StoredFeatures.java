package org.convoy.model;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * How features that were stored are read: they are what frozen layers made of pictures, as little-endian float32, and take the
 * place of pictures of 1x1x4F bytes for a head that reads F values. Never part of an archive.
 */
record StoredFeatures() implements Normalisation {
    static final String LABEL = "float32";

    @Override
    public String label() {
        return LABEL;
    }

    @Override
    public InputShape read(InputShape input) {
        return new InputShape(1, 1, input.size() / Float.BYTES);
    }

    @Override
    public void apply(byte[] pixels, float[] normalised, int pictures) {
        ByteBuffer.wrap(pixels)
                .order(ByteOrder.LITTLE_ENDIAN)
                .asFloatBuffer()
                .get(normalised, 0, pixels.length / Float.BYTES);
    }

    @Override
    public void requireFits(InputShape input) {
        if (input.size() % Float.BYTES != 0) {
            throw new IllegalArgumentException("features must be of 4 bytes each but were " + input.size() + " bytes");
        }
    }
}
