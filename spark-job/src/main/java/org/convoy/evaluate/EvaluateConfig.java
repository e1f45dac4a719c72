package org.convoy.evaluate;

import com.typesafe.config.Config;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.convoy.data.Split;
import org.convoy.model.augment.TestTimeAugmentation;

/** What {@code evaluate} is told; {@code reference.conf} documents each key. */
public record EvaluateConfig(
        String modelsDirectory, String model, String dataset, Split split, TestTimeAugmentation testTimeAugmentation) {
    public EvaluateConfig {
        requireGiven("models.directory", modelsDirectory);
        requireGiven("models.name (or evaluate.model)", model);
        requireGiven("evaluate.dataset", dataset);
    }

    /** Reads sections {@code evaluate} and {@code models}. */
    public static EvaluateConfig from(Config settings) {
        String model = settings.getString("evaluate.model");
        return new EvaluateConfig(
                settings.getString("models.directory"),
                model.isBlank() ? settings.getString("models.name") : model,
                settings.getString("evaluate.dataset"),
                split(settings.getString("evaluate.split")),
                testTimeAugmentation(settings.getString("evaluate.test-time-augmentation")));
    }

    private static Split split(String label) {
        return Arrays.stream(Split.values())
                .filter(split -> split.label().equals(label))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("evaluate.split must be one of "
                        + Arrays.stream(Split.values()).map(Split::label).collect(Collectors.joining(", "))
                        + " but was '" + label + "'"));
    }

    private static TestTimeAugmentation testTimeAugmentation(String label) {
        return Arrays.stream(TestTimeAugmentation.values())
                .filter(views -> views.label().equals(label))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("evaluate.test-time-augmentation must be one of "
                        + Arrays.stream(TestTimeAugmentation.values())
                                .map(TestTimeAugmentation::label)
                                .collect(Collectors.joining(", "))
                        + " but was '" + label + "'"));
    }

    private static void requireGiven(String key, String value) {
        if (value.isBlank()) {
            throw new IllegalArgumentException(key + " must be given: set it in the --conf file or with --set");
        }
    }
}
