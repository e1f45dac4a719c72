package org.convoy.model.architecture;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A network that a file describes: its layers in a row, blocks of layers among them, as JSON. One more way to add layers to a
 * {@link Blueprint}: what it can say is what {@link Activations} can do. README.md says how it is written.
 */
final class Description {
    private static final JsonMapper JSON = new JsonMapper();
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_-]*");
    private static final String TYPE = "type";
    private static final String PARAMETER = "$";
    private static final List<String> NETWORK_KEYS =
            List.of("name", "activation", "batch-norm", "initialisation", "blocks", "layers");

    private static final List<String> WINDOW = List.of("kernel", "stride", "padding", "rounding");
    private static final List<String> CONVOLUTION = with(WINDOW, "dilation", "activation", "batch-norm");

    /** The types of layers, and the keys of each beside its name and type. */
    private static final Map<String, List<String>> LAYER_KEYS = Map.ofEntries(
            Map.entry("convolution", with(CONVOLUTION, "filters", "groups")),
            Map.entry("depthwise-convolution", with(CONVOLUTION, "multiplier")),
            Map.entry("separable-convolution", with(CONVOLUTION, "filters")),
            Map.entry("max-pooling", WINDOW),
            Map.entry("average-pooling", WINDOW),
            Map.entry("global-max-pooling", List.of()),
            Map.entry("global-average-pooling", List.of()),
            Map.entry("dense", List.of("units", "activation")),
            Map.entry("dropout", List.of("share")),
            Map.entry("batch-norm", List.of()),
            Map.entry("local-response-norm", List.of("k", "alpha")),
            Map.entry("activation", List.of("function")),
            Map.entry("scale", List.of("factor")),
            Map.entry("residual", List.of("body", "shortcut", "activation")),
            Map.entry("branches", List.of("bodies")),
            Map.entry("block", List.of("block", "times", "with")));

    private static final Map<String, List<String>> HEAD_KEYS =
            Map.of("softmax", List.of("bias"), "softmax-of-values", List.of());

    private static final int MOST = 1 << 20;
    private static final int MOST_LAYERS = 10_000;
    private static final int MOST_NESTING = 20;

    /** Adds a layer, or several, behind {@code x}. */
    private interface Step {
        Activations after(Activations x);
    }

    /** Adds the last layer. */
    private interface Head {
        void after(Activations x);
    }

    private final Map<String, JsonNode> blocks = new LinkedHashMap<>();
    private int layers;

    private Description() {}

    private static List<String> with(List<String> keys, String... more) {
        return Stream.concat(keys.stream(), Stream.of(more)).toList();
    }

    /**
     * The network.
     *
     * @throws IllegalArgumentException if the text describes none; it names the layer
     */
    static Recipe recipe(String json) {
        JsonNode root;
        try {
            root = JSON.readTree(json);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("the description is no JSON: " + e.getOriginalMessage(), e);
        }
        return new Description().network(new Fields("the network", root, NETWORK_KEYS));
    }

    private Recipe network(Fields fields) {
        String name = name(fields, "");
        Nonlinearity activation = fields.optionalText("activation")
                .map(label -> Nonlinearity.named(label)
                        .orElseThrow(() -> fields.wrong("activation", "one of " + Nonlinearity.labels(), label)))
                .orElse(Nonlinearity.RELU);
        Initialisation initialisation = fields.optionalText("initialisation")
                .map(label -> Initialisation.named(label)
                        .orElseThrow(() -> fields.wrong("initialisation", "one of " + Initialisation.labels(), label)))
                .orElse(Initialisation.HE);
        boolean batchNorm = fields.flag("batch-norm").orElse(false);
        fields.given("blocks").ifPresent(given -> given.fields()
                .forEachRemaining(block -> blocks.put(block.getKey(), block.getValue())));
        List<JsonNode> all = fields.list("layers");
        if (all.size() < 2) {
            throw fields.refused("layers must be two or more");
        }
        Step body = row(all.subList(0, all.size() - 1), "", 0);
        Head head = head(all.get(all.size() - 1));
        return new Recipe(
                name,
                picture -> head.after(body.after(picture)),
                activation,
                initialisation,
                Optional.empty(),
                Optional.of(batchNorm),
                false,
                Optional.empty());
    }

    private Head head(JsonNode node) {
        String type = node.path(TYPE).asText();
        if (!HEAD_KEYS.containsKey(type)) {
            throw new IllegalArgumentException(owner(node, "") + ": the last layer must be of type softmax or"
                    + " softmax-of-values but was of type '" + type + "'");
        }
        Fields fields = fields(node, "", HEAD_KEYS.get(type));
        String name = name(fields, "");
        if (type.equals("softmax-of-values")) {
            return x -> x.softmaxOfValues(name);
        }
        return fields.flag("bias").orElse(true) ? x -> x.softmax(name) : x -> x.softmaxWithoutBias(name);
    }

    /** Layers one behind the other. */
    private Step row(List<JsonNode> nodes, String prefix, int nesting) {
        if (nesting > MOST_NESTING) {
            throw new IllegalArgumentException(
                    "the network: blocks must not be nested more than " + MOST_NESTING + " times");
        }
        List<Step> steps = new ArrayList<>();
        for (JsonNode node : nodes) {
            steps.add(step(node, prefix, nesting));
        }
        return inARow(steps);
    }

    private static Step inARow(List<Step> steps) {
        return given -> {
            Activations x = given;
            for (Step step : steps) {
                x = step.after(x);
            }
            return x;
        };
    }

    private Step step(JsonNode node, String prefix, int nesting) {
        if (++layers > MOST_LAYERS) {
            throw new IllegalArgumentException("the network: layers must be at most " + MOST_LAYERS);
        }
        String type = node.path(TYPE).asText();
        if (HEAD_KEYS.containsKey(type)) {
            throw new IllegalArgumentException(owner(node, prefix) + ": only the last layer may be of type " + type);
        }
        if (!LAYER_KEYS.containsKey(type)) {
            throw new UnknownNameException(
                    owner(node, prefix) + " has no type that there is but '" + type + "'",
                    type,
                    LAYER_KEYS.keySet().stream().sorted().toList());
        }
        Fields fields = fields(node, prefix, LAYER_KEYS.get(type));
        return switch (type) {
            case "convolution" -> convolution(fields, prefix);
            case "depthwise-convolution" -> depthwiseConvolution(fields, prefix);
            case "separable-convolution" -> separableConvolution(fields, prefix);
            case "max-pooling" -> pooling(fields, prefix, Activations::maxPooling);
            case "average-pooling" -> pooling(fields, prefix, Activations::averagePooling);
            case "global-max-pooling" -> named(fields, prefix, Activations::globalMaxPooling);
            case "global-average-pooling" -> named(fields, prefix, Activations::globalAveragePooling);
            case "dense" -> dense(fields, prefix);
            case "dropout" -> dropout(fields);
            case "batch-norm" -> named(fields, prefix, Activations::batchNorm);
            case "local-response-norm" -> localResponseNorm(fields, prefix);
            case "activation" -> activation(fields, prefix);
            case "scale" -> scale(fields, prefix);
            case "residual" -> residual(fields, prefix, nesting);
            case "branches" -> branches(fields, prefix, nesting);
            default -> block(fields, prefix, nesting);
        };
    }

    private interface Named {
        Activations add(Activations x, String name);
    }

    private Step named(Fields fields, String prefix, Named layer) {
        String name = name(fields, prefix);
        return x -> layer.add(x, name);
    }

    private Step convolution(Fields fields, String prefix) {
        String name = name(fields, prefix);
        boolean toClasses = fields.given("filters").filter(this::isClasses).isPresent();
        int filters = toClasses ? 0 : fields.whole("filters", 1, MOST);
        Window window = window(fields, 1);
        int groups = fields.whole("groups", 1, MOST, 1);
        Choice activation = activationBehind(fields);
        Optional<Boolean> batchNorm = fields.flag("batch-norm");
        return x -> x.convolution(
                name,
                new Convolution(
                        toClasses ? x.classes() : x.scaled(filters),
                        window,
                        groups,
                        activation.of(x),
                        batchNorm.orElse(!toClasses && x.architecture().batchNorm())));
    }

    private boolean isClasses(JsonNode filters) {
        return filters.asText().equals("classes");
    }

    private Step depthwiseConvolution(Fields fields, String prefix) {
        String name = name(fields, prefix);
        int multiplier = fields.whole("multiplier", 1, MOST, 1);
        Window window = window(fields, 1);
        Choice activation = activationBehind(fields);
        Optional<Boolean> batchNorm = fields.flag("batch-norm");
        return x -> x.convolution(
                name,
                new Convolution(
                        x.shape().channels() * multiplier,
                        window,
                        x.shape().channels(),
                        activation.of(x),
                        batchNorm.orElse(x.architecture().batchNorm())));
    }

    private Step separableConvolution(Fields fields, String prefix) {
        String name = name(fields, prefix);
        int filters = fields.whole("filters", 1, MOST);
        Window window = window(fields, 1);
        Choice activation = activationBehind(fields);
        Optional<Boolean> batchNorm = fields.flag("batch-norm");
        return x -> {
            int channels = x.shape().channels();
            return x.convolution(
                            name + "-depthwise", new Convolution(channels, window, channels, Optional.empty(), false))
                    .convolution(
                            name,
                            new Convolution(
                                    x.scaled(filters),
                                    Window.of(1),
                                    1,
                                    activation.of(x),
                                    batchNorm.orElse(x.architecture().batchNorm())));
        };
    }

    private interface Pooling {
        Activations add(Activations x, String name, Window window);
    }

    private Step pooling(Fields fields, String prefix, Pooling pooling) {
        String name = name(fields, prefix);
        Window window = window(fields, 0);
        return x -> pooling.add(x, name, window);
    }

    private Step dense(Fields fields, String prefix) {
        String name = name(fields, prefix);
        int units = fields.whole("units", 1, MOST);
        Choice activation = activationBehind(fields);
        return x -> x.dense(name, units, activation.of(x));
    }

    private Step dropout(Fields fields) {
        double share = fields.number("share", 0.5);
        if (!(share >= 0 && share < 1)) {
            throw fields.wrong("share", "from 0 to below 1", share);
        }
        return x -> x.dropout(share);
    }

    private Step localResponseNorm(Fields fields, String prefix) {
        String name = name(fields, prefix);
        double k = fields.number("k", 2);
        double alpha = fields.number("alpha", 1e-4);
        if (!(k > 0)) {
            throw fields.wrong("k", "above 0", k);
        }
        return x -> x.responseNorm(name, k, alpha);
    }

    private Step activation(Fields fields, String prefix) {
        String name = name(fields, prefix);
        Choice function = activationBehind(fields, "function");
        return x -> function.of(x).map(chosen -> x.activation(name, chosen)).orElse(x);
    }

    private Step scale(Fields fields, String prefix) {
        String name = name(fields, prefix);
        double factor = fields.number("factor", 1);
        return x -> x.times(name, factor);
    }

    private Step residual(Fields fields, String prefix, int nesting) {
        String name = name(fields, prefix);
        Step body = row(fields.list("body"), name + "-", nesting + 1);
        Optional<Step> shortcut = fields.optionalList("shortcut").map(nodes -> row(nodes, name + "-", nesting + 1));
        Choice activation = activationBehind(fields);
        return x -> {
            Activations sum =
                    body.after(x).plus(name, shortcut.map(step -> step.after(x)).orElse(x));
            return activation
                    .of(x)
                    .map(function -> sum.activation(name + "-" + function.label(), function))
                    .orElse(sum);
        };
    }

    private Step branches(Fields fields, String prefix, int nesting) {
        String name = name(fields, prefix);
        List<Step> branches = new ArrayList<>();
        for (JsonNode branch : fields.list("bodies")) {
            if (!branch.isArray()) {
                throw fields.wrong("bodies", "a list of lists of layers", branch);
            }
            List<JsonNode> nodes = new ArrayList<>();
            branch.forEach(nodes::add);
            branches.add(row(nodes, name + "-", nesting + 1));
        }
        if (branches.size() < 2) {
            throw fields.refused("bodies must be two or more");
        }
        return x -> Activations.concatenation(
                name, branches.stream().map(branch -> branch.after(x)).toArray(Activations[]::new));
    }

    /** A named block, once or several times, with its parameters in place of what begins with a dollar sign. */
    private Step block(Fields fields, String prefix, int nesting) {
        String name = name(fields, prefix);
        String block = fields.text("block");
        int times = fields.whole("times", 1, MOST_LAYERS, 1);
        JsonNode content = blocks.get(block);
        if (content == null) {
            throw new UnknownNameException(
                    "layer " + name + " has no block '" + block + "'", block, List.copyOf(blocks.keySet()));
        }
        if (!content.isArray() || content.isEmpty()) {
            throw new IllegalArgumentException("block " + block + ": must be a list of layers but was " + content);
        }
        JsonNode parameters = fields.given("with").orElse(JsonNodeFactory.instance.objectNode());
        new Fields("layer " + name + ", with", parameters, parameters(content));
        List<JsonNode> nodes = new ArrayList<>();
        filledIn(content, parameters, fields).forEach(nodes::add);
        List<Step> steps = new ArrayList<>();
        for (int i = 1; i <= times; i++) {
            steps.add(row(nodes, name + (times == 1 ? "-" : "-" + i + "-"), nesting + 1));
        }
        return inARow(steps);
    }

    /** What a block asks for. */
    private static List<String> parameters(JsonNode node) {
        List<String> names = new ArrayList<>();
        if (isParameter(node)) {
            names.add(node.textValue().substring(PARAMETER.length()));
        }
        node.forEach(child -> names.addAll(parameters(child)));
        return names;
    }

    private static boolean isParameter(JsonNode node) {
        return node.isTextual() && node.textValue().startsWith(PARAMETER);
    }

    private static JsonNode filledIn(JsonNode node, JsonNode parameters, Fields fields) {
        if (isParameter(node)) {
            String parameter = node.textValue().substring(PARAMETER.length());
            return Optional.ofNullable(parameters.get(parameter))
                    .orElseThrow(() -> fields.refused("with must say " + parameter + ", which its block asks for"));
        }
        if (node.isArray()) {
            ArrayNode filled = JsonNodeFactory.instance.arrayNode();
            node.forEach(element -> filled.add(filledIn(element, parameters, fields)));
            return filled;
        }
        if (node.isObject()) {
            ObjectNode filled = JsonNodeFactory.instance.objectNode();
            node.fields()
                    .forEachRemaining(
                            field -> filled.set(field.getKey(), filledIn(field.getValue(), parameters, fields)));
            return filled;
        }
        return node;
    }

    /** @param stride where none is given; 0 for the kernel's */
    private static Window window(Fields fields, int stride) {
        int kernel = fields.whole("kernel", 1, MOST);
        int dilation = fields.whole("dilation", 1, MOST, 1);
        Window window = new Window(
                kernel, fields.whole("stride", 1, MOST, stride == 0 ? kernel : stride), 0, dilation, rounding(fields));
        Optional<JsonNode> padding = fields.given("padding");
        if (padding.isEmpty()) {
            return window;
        }
        if (window.rounding() == Window.Rounding.UP) {
            throw fields.refused("padding must not be given with rounding = up, which pads as it needs");
        }
        if (padding.get().asText().equals("same")) {
            if (window.extent() % 2 == 0) {
                throw fields.wrong("padding", "a number where the window is even (" + window + ")", "same");
            }
            return window.padded(window.extent() / 2);
        }
        return window.padded(fields.whole("padding", 0, MOST));
    }

    private static Window.Rounding rounding(Fields fields) {
        return switch (fields.optionalText("rounding").orElse("none")) {
            case "none" -> Window.Rounding.REFUSED;
            case "down" -> Window.Rounding.DOWN;
            case "up" -> Window.Rounding.UP;
            default -> throw fields.wrong("rounding", "none, down or up", fields.text("rounding"));
        };
    }

    /** An activation function, or none, which the architecture may have the say in. */
    private interface Choice {
        Optional<Nonlinearity> of(Activations x);
    }

    private static Choice activationBehind(Fields fields) {
        return activationBehind(fields, "activation");
    }

    private static Choice activationBehind(Fields fields, String key) {
        Optional<String> label = fields.optionalText(key);
        if (label.isEmpty()) {
            return x -> Optional.of(x.architecture().activation());
        }
        Optional<Nonlinearity> function = Nonlinearity.named(label.get());
        if (function.isEmpty() && !label.get().equals("none")) {
            throw fields.wrong(key, "none or one of " + Nonlinearity.labels(), label.get());
        }
        return x -> function;
    }

    private static String name(Fields fields, String prefix) {
        String name = prefix + fields.text("name");
        if (!NAME.matcher(name).matches()) {
            throw fields.wrong("name", "of letters, digits, - and _", name);
        }
        return name;
    }

    private static Fields fields(JsonNode node, String prefix, List<String> keys) {
        List<String> known = new ArrayList<>(List.of("name", TYPE));
        known.addAll(keys);
        return new Fields(owner(node, prefix), node, known);
    }

    private static String owner(JsonNode node, String prefix) {
        return "layer " + prefix + node.path("name").asText("without a name");
    }
}
