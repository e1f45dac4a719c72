package org.convoy.model;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class OptimiserTest {
    @Test
    void itsRateIsTheSchedulesAtItsBase() {
        Optimiser optimiser = new Optimiser("sgd", 0.4, 0, Regularisation.NONE, new Schedule.Cosine());

        assertThat(optimiser.rate(0.5)).isEqualTo(0.2);
    }

    @Test
    void namesTheOptimisersThereAre() {
        assertThatThrownBy(() -> new Optimiser("adagrad", 0.1, 0))
                .hasMessage("train.optimiser.name must be one of [sgd, nesterov, adam, adamw, lamb, lars]"
                        + " but was 'adagrad'");
    }

    @Test
    void adamHasNoWeightDecay() {
        Regularisation decay = new Regularisation(0.1, 0, 0, 0, 0);

        assertThatThrownBy(() -> new Optimiser("adam", 0.1, 0, decay, new Schedule.Constant()))
                .hasMessage("train.optimiser.weight-decay must be 0 for adam (adamw has it) but was 0.1");
    }

    @Test
    void namesWhatIsOutOfRange() {
        assertThatThrownBy(() -> new Regularisation(-1, 0, 0, 0, 0))
                .hasMessage("train.optimiser.weight-decay must be at least 0 but was -1.0");
        assertThatThrownBy(() -> new Regularisation(0, Double.NaN, 0, 0, 0))
                .hasMessage("train.optimiser.l1 must be at least 0 but was NaN");
        assertThatThrownBy(() -> new Regularisation(0, 0, -0.5, 0, 0))
                .hasMessage("train.optimiser.l2 must be at least 0 but was -0.5");
        assertThatThrownBy(() -> new Regularisation(0, 0, 0, Double.POSITIVE_INFINITY, 0))
                .hasMessage("train.optimiser.gradient-clipping-norm must be at least 0 but was Infinity");
        assertThatThrownBy(() -> new Regularisation(0, 0, 0, 0, 1))
                .hasMessage("train.optimiser.label-smoothing must be in [0, 1) but was 1.0");
    }
}
