package org.convoy.model;

/** Each value of a picture less its mean over the train split, divided by 127.5 (Krizhevsky, Sutskever and Hinton 2012, section 2). */
@SuppressWarnings("ArrayRecordComponent") // carried, never compared
record MeanPicture(float[] mean) implements Normalisation {
    static final String LABEL = "mean-picture";

    private static final float FACTOR = 1 / 127.5f;

    /** @param mean of each value, in pixel units, C·H·W */
    static MeanPicture around(double[] mean) {
        return new MeanPicture(floats(mean));
    }

    static float[] floats(double[] values) {
        float[] floats = new float[values.length];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = (float) values[i];
        }
        return floats;
    }

    @Override
    public String label() {
        return LABEL;
    }

    @Override
    public void requireFits(InputShape input) {
        requireSize(mean.length, input);
    }

    static void requireSize(int size, InputShape input) {
        if (size != input.size()) {
            throw new IllegalArgumentException(
                    "normalisation must be for pictures of " + input + " but has " + size + " values");
        }
    }

    @Override
    public void apply(byte[] pixels, float[] normalised, int pictures) {
        subtract(pixels, mean, normalised, pictures);
        for (int i = 0; i < pictures * mean.length; i++) {
            normalised[i] *= FACTOR;
        }
    }

    /** uint8 less the mean, N·D. */
    static void subtract(byte[] pixels, float[] mean, float[] centred, int pictures) {
        for (int picture = 0; picture < pictures; picture++) {
            int start = picture * mean.length;
            for (int i = 0; i < mean.length; i++) {
                centred[start + i] = (pixels[start + i] & 0xFF) - mean[i];
            }
        }
    }
}
