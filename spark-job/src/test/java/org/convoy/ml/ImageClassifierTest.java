package org.convoy.ml;

import java.util.List;
import java.util.Map;
import org.convoy.model.InputShape;
import org.convoy.model.ModelCard;
import org.convoy.model.Normalisation;
import org.convoy.model.NormalisationCard;
import org.convoy.prepare.ImageDecoder;
import org.convoy.prepare.Resize;
import org.convoy.runtime.UserError;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class ImageClassifierTest {
    private static final String PLUGIN = "org.convoy.cli.NativesPlugin";

    @Test
    void aSessionOnAClusterNeedsThePlugin() {
        assertThatCode(() -> ImageClassifier.requireNativesOnExecutors("org.other.Plugin, " + PLUGIN))
                .doesNotThrowAnyException();
        assertThatThrownBy(() -> ImageClassifier.requireNativesOnExecutors("org.other.Plugin"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("spark.plugins must hold " + PLUGIN
                        + " but was 'org.other.Plugin'; set it where the session is opened");
    }

    @Test
    void picturesAreDecodedAsTheModelsCardSays() {
        ImageDecoder decoder = ImageClassifierModel.decoder(
                card(Map.of("resize", "pad", "background", "#102030", "jpeg-decode", "full")));

        assertThat(decoder.resize()).isEqualTo(Resize.PAD);
        assertThat(decoder.background()).isEqualTo(0x102030);
        assertThat(decoder.colour().channels()).isEqualTo(3);
        assertThat(List.of(decoder.height(), decoder.width())).containsExactly(8, 9);
        assertThatThrownBy(() -> ImageClassifierModel.decoder(card(Map.of())))
                .isInstanceOf(UserError.class)
                .hasMessageStartingWith("the model's card does not say how its pictures were prepared");
    }

    private static ModelCard card(Map<String, String> preparation) {
        return new ModelCard(
                ModelCard.FORMAT_VERSION,
                "lenet-5",
                Map.of(),
                new InputShape(3, 8, 9),
                List.of("a", "b"),
                NormalisationCard.of(Normalisation.of("scale", List.of(0.0, 0.0, 0.0), List.of(1.0, 1.0, 1.0))),
                preparation,
                1,
                "",
                "",
                Map.of(),
                1,
                "",
                Map.of(),
                "",
                0,
                List.of());
    }
}
