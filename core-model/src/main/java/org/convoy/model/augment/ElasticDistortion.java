package org.convoy.model.augment;

import java.util.SplittableRandom;

/**
 * Each pixel is displaced by a random field that is smooth (Simard, Steinkraus and Platt 2003, section 2): numbers from -1 to
 * 1 for each pixel and direction, convolved with a Gaussian of deviation σ, times α; bilinear. The displacement's deviation
 * is about 0.16 α / σ pixels.
 *
 * @param alpha α, pixels, 0 to 1000
 * @param sigma σ, pixels, 0.5 to 100
 * @param fill level of what comes in from outside
 */
record ElasticDistortion(double alpha, double sigma, byte fill) implements Transform {
    /** The Gaussian is cut off where it has fallen to a hundredth. */
    private static final double DEVIATIONS = 3;

    ElasticDistortion {
        Parameters.requireInRange("elastic-distortion.alpha-pixels", 0, 1000, alpha);
        Parameters.requireInRange("elastic-distortion.sigma-pixels", 0.5, 100, sigma);
    }

    @Override
    public void apply(Picture picture, SplittableRandom random) {
        int pixels = picture.height() * picture.width();
        displace(picture, noise(pixels, random), noise(pixels, random));
    }

    private static float[] noise(int pixels, SplittableRandom random) {
        float[] noise = new float[pixels];
        for (int i = 0; i < pixels; i++) {
            noise[i] = (float) (2 * random.nextDouble() - 1);
        }
        return noise;
    }

    /**
     * Displaces each pixel.
     *
     * @param across field before it is smoothed, H·W
     * @param down likewise
     */
    void displace(Picture picture, float[] across, float[] down) {
        float[] kernel = kernel();
        float[] smoothAcross = smooth(across, picture.height(), picture.width(), kernel);
        float[] smoothDown = smooth(down, picture.height(), picture.width(), kernel);
        Warp warp = picture.warp();
        int pixel = 0;
        for (int y = 0; y < picture.height(); y++) {
            for (int x = 0; x < picture.width(); x++) {
                warp.set(x, y, x + alpha * smoothAcross[pixel], y + alpha * smoothDown[pixel]);
                pixel++;
            }
        }
        warp.apply(fill);
    }

    private float[] kernel() {
        int radius = (int) Math.ceil(DEVIATIONS * sigma);
        double[] gaussian = new double[2 * radius + 1];
        double sum = 0;
        for (int i = 0; i < gaussian.length; i++) {
            gaussian[i] = StrictMath.exp(-(i - radius) * (i - radius) / (2 * sigma * sigma));
            sum += gaussian[i];
        }
        float[] kernel = new float[gaussian.length];
        for (int i = 0; i < kernel.length; i++) {
            kernel[i] = (float) (gaussian[i] / sum);
        }
        return kernel;
    }

    /** Convolves along rows, then along columns; outside of the field are zeros. The inner loops run on vectors. */
    private static float[] smooth(float[] field, int height, int width, float[] kernel) {
        int radius = kernel.length / 2;
        float[] byRows = new float[field.length];
        for (int row = 0; row < field.length; row += width) {
            for (int k = Math.max(-radius, 1 - width); k <= Math.min(radius, width - 1); k++) {
                float weight = kernel[k + radius];
                for (int x = row + Math.max(0, -k); x < row + Math.min(width, width - k); x++) {
                    byRows[x] += weight * field[x + k];
                }
            }
        }
        float[] smooth = new float[field.length];
        for (int y = 0; y < height; y++) {
            for (int k = Math.max(-radius, -y); k <= Math.min(radius, height - 1 - y); k++) {
                float weight = kernel[k + radius];
                int offset = k * width;
                for (int x = y * width; x < (y + 1) * width; x++) {
                    smooth[x] += weight * byRows[x + offset];
                }
            }
        }
        return smooth;
    }
}
