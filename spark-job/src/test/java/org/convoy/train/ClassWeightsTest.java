package org.convoy.train;

import java.util.List;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class ClassWeightsTest {
    @Test
    void balancedClassesCountTheSameAndAnExampleOneOnTheAverage() {
        assertThat(new ClassWeights.Balanced().of(List.of(60L, 30L, 10L)))
                .containsExactly(100.0 / (3 * 60), 100.0 / (3 * 30), 100.0 / (3 * 10));
    }

    @Test
    void aClassWithoutExamplesIsNotOneOfThem() {
        assertThat(new ClassWeights.Balanced().of(List.of(30L, 0L, 10L)))
                .containsExactly(40.0 / (2 * 30), 1.0, 40.0 / (2 * 10));
    }

    @Test
    void noneHasNoWeights() {
        assertThat(new ClassWeights.None().of(List.of(60L, 40L))).isEmpty();
    }

    @Test
    void givenOnesMustBeOnePerClass() {
        ClassWeights given = new ClassWeights.Given(List.of(1.0, 2.5));

        assertThat(given.of(List.of(60L, 40L))).containsExactly(1.0, 2.5);
        assertThatThrownBy(() -> given.of(List.of(60L, 40L, 10L)))
                .hasMessage("train.class-weights must be 3, one per class, but were 2");
    }

    @Test
    void givenOnesMustBeAboveZero() {
        assertThatThrownBy(() -> new ClassWeights.Given(List.of(1.0, 0.0)))
                .hasMessage("train.class-weights must be above 0 but were [1.0, 0.0]");
    }
}
