package org.convoy.model.augment;

import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.convoy.model.Classifier;
import org.convoy.model.InputShape;
import org.convoy.model.ModelArchive;
import org.convoy.model.ModelCard;
import org.convoy.model.NetworkSpec;
import org.convoy.model.Normalisation;
import org.convoy.model.NormalisationCard;
import org.convoy.model.Optimiser;
import org.convoy.model.Replica;
import org.convoy.model.architecture.Architecture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.convoy.model.augment.Pictures.bytes;

class TestTimeAugmentationTest {
    private static final InputShape THREE = new InputShape(1, 3, 3);
    private static final InputShape GREY_28 = new InputShape(1, 28, 28);
    private static final byte[] TWO_PICTURES = bytes(1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 14, 15, 16, 17, 18, 19);

    @Test
    void theFirstViewIsThePictureAndTheSecondIsMirrored() {
        assertThat(TestTimeAugmentation.MIRROR.views()).isEqualTo(2);
        assertThat(TestTimeAugmentation.MIRROR.view(TWO_PICTURES, THREE, 0)).isEqualTo(TWO_PICTURES);
        assertThat(TestTimeAugmentation.MIRROR.view(TWO_PICTURES, THREE, 1))
                .isEqualTo(bytes(3, 2, 1, 6, 5, 4, 9, 8, 7, 13, 12, 11, 16, 15, 14, 19, 18, 17));
    }

    @Test
    void shiftsGoTowardsTheCornersAndRepeatTheEdge() {
        byte[] picture = Arrays.copyOf(TWO_PICTURES, 9);

        assertThat(TestTimeAugmentation.SHIFT.views()).isEqualTo(5);
        assertThat(TestTimeAugmentation.SHIFT.view(picture, THREE, 0)).isEqualTo(picture);
        // To the top left by one pixel, and to the bottom right.
        assertThat(TestTimeAugmentation.SHIFT.view(picture, THREE, 1)).isEqualTo(bytes(5, 6, 6, 8, 9, 9, 8, 9, 9));
        assertThat(TestTimeAugmentation.SHIFT.view(picture, THREE, 4)).isEqualTo(bytes(1, 1, 2, 1, 1, 2, 4, 4, 5));
    }

    @Test
    void aShiftIsAFourteenthOfTheSide() {
        byte[] picture = new byte[784];
        picture[14 * 28 + 14] = 1;

        // Two of 28 pixels, to the top right.
        assertThat(TestTimeAugmentation.SHIFT.view(picture, GREY_28, 2)[12 * 28 + 16])
                .isEqualTo((byte) 1);
    }

    @Test
    void tenViewsAreTheFiveAndTheirMirrorImages() {
        byte[] picture = Pictures.random(GREY_28, 1);
        Set<String> seen = new HashSet<>();
        assertThat(TestTimeAugmentation.MIRROR_AND_SHIFT.views()).isEqualTo(10);
        for (int number = 0; number < 10; number++) {
            byte[] view = TestTimeAugmentation.MIRROR_AND_SHIFT.view(picture, GREY_28, number);
            byte[] base = number % 2 == 0 ? picture : TestTimeAugmentation.MIRROR.view(picture, GREY_28, 1);
            assertThat(view).isEqualTo(TestTimeAugmentation.SHIFT.view(base, GREY_28, number / 2));
            seen.add(Arrays.toString(view));
        }

        assertThat(seen).hasSize(10);
    }

    @ParameterizedTest
    @EnumSource
    void theAnswerIsTheMeanOfTheViews(TestTimeAugmentation views) {
        Classifier classifier = classifier();
        byte[] pictures = Pictures.random(new InputShape(1, 3 * 28, 28), 2);

        float[] answer = views.probabilities(classifier, pictures, 3, GREY_28);

        double[] mean = new double[answer.length];
        for (int number = 0; number < views.views(); number++) {
            float[] one = classifier.probabilities(views.view(pictures, GREY_28, number), 3);
            for (int i = 0; i < one.length; i++) {
                mean[i] += (double) one[i] / views.views();
            }
        }
        for (int i = 0; i < mean.length; i++) {
            assertThat((double) answer[i]).isCloseTo(mean[i], within(1e-6));
        }
        if (views == TestTimeAugmentation.NONE) {
            assertThat(answer).isEqualTo(classifier.probabilities(pictures, 3));
        } else {
            assertThat(answer).isNotEqualTo(classifier.probabilities(pictures, 3));
        }
    }

    private static Classifier classifier() {
        Normalisation scale = Normalisation.of("scale", List.of(0.0), List.of(1.0));
        NetworkSpec spec =
                new NetworkSpec(Architecture.named("lenet-5"), GREY_28, 2, scale, new Optimiser("sgd", 0.1, 0), 7);
        Replica replica = spec.replica();
        ModelCard card = new ModelCard(
                ModelCard.FORMAT_VERSION,
                "lenet-5",
                Map.of(),
                GREY_28,
                List.of("a", "b"),
                NormalisationCard.of(scale),
                Map.of(),
                replica.parameters().remaining(),
                "ab12",
                "",
                Map.of(),
                7,
                "2026-01-01T00:00:00Z",
                Map.of(),
                "abcdef0",
                0,
                List.of());
        return ModelArchive.of(spec, replica.parameters(), replica.optimiserState(), card)
                .classifier();
    }
}
