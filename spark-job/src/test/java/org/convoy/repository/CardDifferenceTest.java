package org.convoy.repository;

import java.util.List;
import java.util.Map;
import org.convoy.model.InputShape;
import org.convoy.model.ModelCard;
import org.convoy.model.NormalisationCard;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class CardDifferenceTest {
    @Test
    void twoEqualCardsDifferInNothing() {
        assertThat(CardDifference.between(card("train.epochs = 3", 0.5), card("train.epochs = 3", 0.5)))
                .isEmpty();
    }

    @Test
    void namesMetricsAndKeysThatDifferAndThoseThatOneLacks() {
        assertThat(CardDifference.between(
                        card("train.epochs = 3\ntrain.seed = 1\ntrain.gone = a = b", 0.5),
                        card("train.epochs = 4\ntrain.seed = 1\ntrain.new = \"x\"", 0.25)))
                .containsExactly(
                        new CardDifference.Line("validation-accuracy", "0.5000", "0.2500"),
                        new CardDifference.Line("train.epochs", "3", "4"),
                        new CardDifference.Line("train.gone", "a = b", "-"),
                        new CardDifference.Line("train.new", "-", "\"x\""));
    }

    private static ModelCard card(String configuration, double accuracy) {
        return new ModelCard(
                ModelCard.FORMAT_VERSION,
                "lenet-5",
                Map.of(),
                new InputShape(1, 28, 28),
                List.of("0", "1"),
                new NormalisationCard("scale", List.of(0.0), List.of(1.0)),
                Map.of(),
                431_080,
                "ab12",
                configuration,
                Map.of("validation-accuracy", accuracy),
                7,
                "2026-01-01T00:00:00Z",
                Map.of("java", "17"),
                "abcdef0",
                0,
                List.of());
    }
}
