package org.convoy.model.architecture;

import java.io.Serializable;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.inputs.InputType;

/**
 * A network by name, or described, with what of it can be chosen. Small and Serializable; equal ones have equal layers.
 *
 * @param name one of {@link #names()}, or of its own if it is described
 * @param widthMultiplier what all numbers of channels and units but the classes are multiplied by: 1/16 to 16
 * @param dropout share that is dropped in training where the network drops any: 0 up to below 1
 * @param activation of hidden layers
 * @param batchNorm whether batch norm follows each convolution
 * @param localResponseNorm whether the network has its local response normalisation
 * @param initialisation how weights start
 * @param gaborFilters whether the first convolution starts with Gabor filters instead
 * @param description its layers, as JSON; empty for a network by name
 */
public record Architecture(
        String name,
        double widthMultiplier,
        double dropout,
        Nonlinearity activation,
        boolean batchNorm,
        boolean localResponseNorm,
        Initialisation initialisation,
        boolean gaborFilters,
        String description)
        implements Serializable {
    /** What stands for the value that a network was published with. */
    private static final String DEFAULT = "default";

    /** Where {@link #choices} has the layers of a network that is described. */
    private static final String DESCRIPTION = "description";

    /** To add a network, add its recipe here. */
    private static final List<Recipe> RECIPES = Stream.of(
                    LeNet5.RECIPES,
                    SeedCnn.RECIPES,
                    BatchNormCnn.RECIPES,
                    AlexNet.RECIPES,
                    ZfNet.RECIPES,
                    Vgg.RECIPES,
                    NetworkInNetwork.RECIPES,
                    GoogLeNet.RECIPES,
                    ResNet.RECIPES,
                    CifarResNet.RECIPES,
                    ResNet9.RECIPES)
            .flatMap(List::stream)
            .toList();

    public Architecture {
        Recipe recipe = recipe(name, description);
        if (!(widthMultiplier >= 1 / 16.0 && widthMultiplier <= 16)) {
            throw new IllegalArgumentException(
                    "architecture.width-multiplier must be from 0.0625 to 16 but was " + widthMultiplier);
        }
        if (!(dropout >= 0 && dropout < 1)) {
            throw new IllegalArgumentException("architecture.dropout must be from 0 to below 1 but was " + dropout);
        }
        if (activation == Nonlinearity.MAXOUT && batchNorm) {
            throw new IllegalArgumentException(
                    "architecture.activation must not be maxout for " + name + " with batch norm");
        }
        if (recipe.dropout().isEmpty()) {
            requireDefault(name, "dropout", dropout == 0, dropout);
        }
        if (recipe.batchNorm().isEmpty()) {
            requireDefault(name, "batch-norm", batchNorm == recipe.alwaysBatchNorm(), batchNorm);
        }
        if (recipe.localResponseNorm().isEmpty()) {
            requireDefault(name, "local-response-norm", !localResponseNorm, localResponseNorm);
        }
    }

    private static void requireDefault(String name, String key, boolean isDefault, Object value) {
        if (!isDefault) {
            throw new IllegalArgumentException("architecture." + key + " must be default for " + name
                    + ", which leaves no choice there, but was " + value);
        }
    }

    /** The names there are. */
    public static List<String> names() {
        return RECIPES.stream().map(Recipe::name).toList();
    }

    /**
     * The network as it was published.
     *
     * @throws IllegalArgumentException if there is none of that name
     */
    public static Architecture named(String name) {
        return of(name, key -> DEFAULT);
    }

    /**
     * The network with what is chosen of it.
     *
     * @param choice the value of a key of section {@code architecture}: {@code default}, or null, for what the network was
     *     published with
     * @throws IllegalArgumentException if there is none of that name, or a value is out of its range
     */
    public static Architecture of(String name, UnaryOperator<String> choice) {
        String description = chosen(choice, DESCRIPTION).orElse("");
        return of(recipe(name, description), description, choice);
    }

    /**
     * A network that a file describes, with what is chosen of it.
     *
     * @param description JSON with what README.md says of {@code architecture.file}
     * @param choice as for {@link #of}
     * @throws UnknownNameException if it has a key, a type or a block that there is not
     * @throws IllegalArgumentException if it describes no network; the message names the layer
     */
    public static Architecture described(String description, UnaryOperator<String> choice) {
        return of(Description.recipe(description), description, choice);
    }

    private static Architecture of(Recipe recipe, String description, UnaryOperator<String> choice) {
        return new Architecture(
                recipe.name(),
                number(choice, "width-multiplier", 1),
                number(choice, "dropout", recipe.dropout().orElse(0.0)),
                activation(choice, recipe.activation()),
                bool(choice, "batch-norm", recipe.batchNorm().orElse(recipe.alwaysBatchNorm())),
                bool(choice, "local-response-norm", recipe.localResponseNorm().orElse(false)),
                initialisation(choice, recipe.initialisation()),
                firstFilters(choice),
                description);
    }

    /** By the keys of section {@code architecture}, what {@link #of} makes the same network of. */
    public Map<String, String> choices() {
        Map<String, String> choices = new TreeMap<>();
        choices.put("width-multiplier", Double.toString(widthMultiplier));
        choices.put("dropout", Double.toString(dropout));
        choices.put("activation", activation.label());
        choices.put("batch-norm", Boolean.toString(batchNorm));
        choices.put("local-response-norm", Boolean.toString(localResponseNorm));
        choices.put("initialisation", initialisation.label());
        choices.put("first-filters", gaborFilters ? "gabor" : "drawn");
        if (!description.isEmpty()) {
            choices.put(DESCRIPTION, description);
        }
        return choices;
    }

    /**
     * The layers.
     *
     * @param channels C of a picture
     * @param height H, pixels
     * @param width W, pixels
     * @param classWeights how much an example of each class counts; empty if all count the same
     * @throws IllegalArgumentException if the picture is too small for a layer
     */
    public Blueprint blueprint(int channels, int height, int width, int classes, List<Double> classWeights) {
        Blueprint blueprint = new Blueprint(
                this,
                (InputType.InputTypeConvolutional) InputType.convolutional(height, width, channels),
                classes,
                classWeights);
        recipe(name, description).layers().accept(blueprint.picture());
        return blueprint;
    }

    private static Recipe recipe(String name, String description) {
        if (!description.isEmpty()) {
            Recipe recipe = Description.recipe(description);
            if (!recipe.name().equals(name) || names().contains(name)) {
                throw new IllegalArgumentException("the network: name must be none of " + names() + " but was " + name);
            }
            return recipe;
        }
        return RECIPES.stream()
                .filter(recipe -> recipe.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("model.architecture must be one of " + names()
                        + ", or file for the one that architecture.file describes, but was '" + name + "'"));
    }

    private static double number(UnaryOperator<String> choice, String key, double published) {
        return chosen(choice, key)
                .map(value -> {
                    try {
                        return Double.parseDouble(value);
                    } catch (NumberFormatException e) {
                        throw refused(key, "default or a number", value);
                    }
                })
                .orElse(published);
    }

    private static boolean bool(UnaryOperator<String> choice, String key, boolean published) {
        return chosen(choice, key)
                .map(value -> {
                    if (!value.equals("true") && !value.equals("false")) {
                        throw refused(key, "default, true or false", value);
                    }
                    return value.equals("true");
                })
                .orElse(published);
    }

    private static Nonlinearity activation(UnaryOperator<String> choice, Nonlinearity published) {
        return chosen(choice, "activation")
                .map(value -> Nonlinearity.named(value)
                        .orElseThrow(() -> refused("activation", "default or one of " + Nonlinearity.labels(), value)))
                .orElse(published);
    }

    private static Initialisation initialisation(UnaryOperator<String> choice, Initialisation published) {
        return chosen(choice, "initialisation")
                .map(value -> Initialisation.named(value)
                        .orElseThrow(
                                () -> refused("initialisation", "default or one of " + Initialisation.labels(), value)))
                .orElse(published);
    }

    private static boolean firstFilters(UnaryOperator<String> choice) {
        return chosen(choice, "first-filters")
                .map(value -> {
                    if (!value.equals("drawn") && !value.equals("gabor")) {
                        throw refused("first-filters", "default, drawn or gabor", value);
                    }
                    return value.equals("gabor");
                })
                .orElse(false);
    }

    private static Optional<String> chosen(UnaryOperator<String> choice, String key) {
        return Optional.ofNullable(choice.apply(key)).filter(value -> !value.equals(DEFAULT));
    }

    private static IllegalArgumentException refused(String key, String rule, String value) {
        return new IllegalArgumentException("architecture." + key + " must be " + rule + " but was '" + value + "'");
    }
}
