package org.convoy.model.augment;

import java.util.List;
import java.util.SplittableRandom;
import org.convoy.model.InputShape;
import org.convoy.model.PrincipalComponents;

/**
 * All pixels' colours move by Σ α·λ·p, where p and λ are the principal components of the train split's colours and α is
 * normal for each of them (Krizhevsky, Sutskever and Hinton 2012, section 4.1): another light.
 *
 * @param standardDeviation of α, 0 to 1; levels count as 0 to 1 in λ
 * @param steps λ·p of each component, one after another, in levels of 0 to 255; empty until {@link #knowing} the colours
 */
record PcaColourNoise(double standardDeviation, List<Double> steps) implements Transform {
    static final String NAME = "pca-colour-noise";

    private static final int CHANNELS = 3;
    private static final double LEVELS = 255;

    PcaColourNoise {
        Parameters.requireInRange(NAME + ".standard-deviation", 0, 1, standardDeviation);
        steps = List.copyOf(steps);
    }

    @Override
    public void requireFits(InputShape shape) {
        Parameters.requireColour(NAME, shape);
    }

    @Override
    public Transform knowing(double[] covariance) {
        PrincipalComponents colours = PrincipalComponents.of(covariance);
        Double[] found = new Double[CHANNELS * CHANNELS];
        for (int i = 0; i < found.length; i++) {
            found[i] = colours.variances()[i / CHANNELS] / LEVELS * colours.components()[i];
        }
        return new PcaColourNoise(standardDeviation, List.of(found));
    }

    @Override
    public void apply(Picture picture, SplittableRandom random) {
        double[] draws = new double[CHANNELS];
        for (int component = 0; component < CHANNELS; component++) {
            draws[component] = standardDeviation * random.nextGaussian();
        }
        move(picture, draws);
    }

    void move(Picture picture, double... draws) {
        if (steps.isEmpty()) {
            throw new IllegalStateException(NAME + " must know the train split's colours");
        }
        int plane = picture.height() * picture.width();
        byte[] pixels = picture.pixels();
        for (int channel = 0; channel < CHANNELS; channel++) {
            double shift = 0;
            for (int component = 0; component < CHANNELS; component++) {
                shift += draws[component] * steps.get(component * CHANNELS + channel);
            }
            int levels = (int) Math.round(shift);
            int first = picture.start() + channel * plane;
            for (int i = first; i < first + plane; i++) {
                pixels[i] = (byte) Math.min(255, Math.max(0, (pixels[i] & 0xFF) + levels));
            }
        }
    }
}
