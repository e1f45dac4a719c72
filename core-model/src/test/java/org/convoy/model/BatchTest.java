package org.convoy.model;

import java.util.List;
import org.convoy.model.engine.NativeSettings;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class BatchTest {
    @Test
    void oneHotLabelsHaveOneAtTheirClass() {
        assertThat(oneHot(0)).containsExactly(0, 0, 1, 0, 1, 0, 0, 0);
    }

    @Test
    void smoothingSpreadsItsShareEvenlyOverAllClasses() {
        assertThat(oneHot(0.5)).containsExactly(0.125f, 0.125f, 0.625f, 0.125f, 0.625f, 0.125f, 0.125f, 0.125f);
    }

    @Test
    void aMixtureOfTwoLabelsHasTheirSharesAtTheirClasses() {
        Labels labels = new Labels(new int[] {2, 1}, new int[] {0, 1}, new float[] {0.75f, 0.25f});

        assertThat(targets(labels, 0)).containsExactly(0.25f, 0, 0.75f, 0, 0, 1, 0, 0);
        assertThat(targets(labels, 0.5)).containsExactly(0.25f, 0.125f, 0.5f, 0.125f, 0.125f, 0.625f, 0.125f, 0.125f);
    }

    private static float[] oneHot(double smoothing) {
        return targets(Labels.of(2, 0), smoothing);
    }

    private static float[] targets(Labels labels, double smoothing) {
        NativeSettings.ensureApplied();
        Normalisation none = Normalisation.of("none", List.of(0.0), List.of(1.0));
        return new Batch(new InputShape(1, 1, 1), 4, none)
                .targets(labels, smoothing)
                .data()
                .asFloat();
    }
}
