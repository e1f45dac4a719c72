package org.convoy.model;

import java.nio.FloatBuffer;
import java.util.Collections;
import java.util.Random;
import org.convoy.model.architecture.Architecture;

/** Small specifications and random pictures for the tests of this package. */
final class TestNetworks {
    static final InputShape GREY_28 = new InputShape(1, 28, 28);

    private TestNetworks() {}

    static NetworkSpec spec(String architecture) {
        return spec(architecture, GREY_28);
    }

    static NetworkSpec spec(String architecture, InputShape input) {
        return spec(architecture, input, new Optimiser("sgd", 0.05, 0));
    }

    static NetworkSpec spec(String architecture, InputShape input, Optimiser optimiser) {
        return spec(Architecture.named(architecture), input, optimiser);
    }

    static NetworkSpec spec(Architecture architecture, InputShape input, Optimiser optimiser) {
        Normalisation scale = Normalisation.of(
                "scale", Collections.nCopies(input.channels(), 0.0), Collections.nCopies(input.channels(), 1.0));
        return new NetworkSpec(architecture, input, 10, scale, optimiser, 7);
    }

    /** What a view of a flat vector holds now. */
    static float[] values(FloatBuffer view) {
        float[] values = new float[view.remaining()];
        view.duplicate().get(values);
        return values;
    }

    static byte[] pixels(int pictures, InputShape input, long seed) {
        byte[] pixels = new byte[pictures * input.size()];
        new Random(seed).nextBytes(pixels);
        return pixels;
    }

    static Labels labels(int pictures, int classes, long seed) {
        return Labels.of(new Random(seed).ints(pictures, 0, classes).toArray());
    }
}
