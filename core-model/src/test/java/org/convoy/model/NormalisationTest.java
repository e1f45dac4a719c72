package org.convoy.model;

import java.util.List;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class NormalisationTest {
    private static final List<Double> MEAN = List.of(10.0, 20.0);
    private static final List<Double> DEVIATION = List.of(2.0, 0.0);

    @Test
    void scaleMapsBytesToMinusOneToOne() {
        assertThat(applied("scale", 0, 255, 51, 204)).containsExactly(-1f, 1f, -0.6f, 0.6f);
    }

    @Test
    void standardiseUsesEachChannelsOwnStatisticsAndCountsAConstantChannelAsOne() {
        // Two channels of two pixels: C·H·W order.
        assertThat(applied("standardise", 10, 14, 20, 23)).containsExactly(0f, 2f, 0f, 3f);
    }

    @Test
    void meanSubtractsTheChannelsMean() {
        assertThat(applied("mean", 10, 10, 20, 20)).containsExactly(0f, 0f, 0f, 0f);
    }

    @Test
    void noneKeepsUnsignedLevels() {
        assertThat(applied("none", 0, 127, 128, 255)).containsExactly(0f, 127f, 128f, 255f);
    }

    @Test
    void refusesAnUnknownName() {
        assertThatThrownBy(() -> Normalisation.of("whiten", MEAN, DEVIATION))
                .hasMessage(
                        "model.normalisation must be one of [none, scale, mean, standardise, mean-picture, pca, zca]"
                                + " but was 'whiten'");
    }

    private static float[] applied(String name, int... levels) {
        byte[] pixels = new byte[levels.length];
        for (int i = 0; i < levels.length; i++) {
            pixels[i] = (byte) levels[i];
        }
        float[] normalised = new float[levels.length];
        Normalisation.of(name, MEAN, DEVIATION).apply(pixels, normalised, 1);
        return normalised;
    }
}
