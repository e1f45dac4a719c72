package org.convoy.model;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class ReplicaTest {
    private static final int BATCH = 8;

    @ParameterizedTest
    @ValueSource(strings = {"sgd", "nesterov", "adam"})
    void goesOnBitForBitFromParametersStateAndIteration(String optimiser) {
        NetworkSpec spec = TestNetworks.spec("lenet-5", TestNetworks.GREY_28, new Optimiser(optimiser, 0.01, 0.9));
        byte[] pixels = TestNetworks.pixels(BATCH, spec.input(), 1);
        int[] labels = TestNetworks.labels(BATCH, spec.classes(), 2);
        Replica uninterrupted = spec.replica();
        fit(uninterrupted, 5, pixels, labels);
        float[] parameters = uninterrupted.parameters();
        float[] state = uninterrupted.optimiserState();
        fit(uninterrupted, 5, pixels, labels);

        Replica resumed = spec.replica();
        fit(resumed, 2, pixels, labels);
        resumed.load(parameters, state, 5);
        fit(resumed, 5, pixels, labels);

        assertThat(resumed.parameters()).isEqualTo(uninterrupted.parameters());
        assertThat(resumed.optimiserState()).isEqualTo(uninterrupted.optimiserState());
    }

    @Test
    void emptyOptimiserStateStartsWithNone() {
        NetworkSpec spec = TestNetworks.spec("lenet-5", TestNetworks.GREY_28, new Optimiser("nesterov", 0.01, 0.9));
        Replica replica = spec.replica();
        fit(replica, 2, TestNetworks.pixels(BATCH, spec.input(), 1), TestNetworks.labels(BATCH, 10, 2));

        replica.load(replica.parameters(), new float[0], 0);

        assertThat(replica.optimiserState()).hasSize(431_080).containsOnly(0f);
    }

    @Test
    void readsTheParametersItWasGiven() {
        NetworkSpec spec = TestNetworks.spec("lenet-5");
        Replica replica = spec.replica();
        float[] parameters = replica.parameters();
        parameters[0] = 42;
        parameters[parameters.length - 1] = -42;

        replica.load(parameters, new float[0], 0);

        assertThat(replica.parameters()).isEqualTo(parameters);
    }

    @Test
    void refusesPixelsThatAreNotWholePictures() {
        NetworkSpec spec = TestNetworks.spec("lenet-5");

        assertThatThrownBy(() -> spec.replica().fit(new byte[783], new int[] {0}))
                .hasMessage("pixels must hold 1 pictures of 1x28x28 (784 bytes) but had 783");
    }

    private static void fit(Replica replica, int steps, byte[] pixels, int[] labels) {
        for (int step = 0; step < steps; step++) {
            replica.fit(pixels, labels);
        }
    }
}
