package org.convoy.model.architecture;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** One object of a description, read strictly. */
final class Fields {
    private final String owner;
    private final JsonNode node;

    /**
     * @param owner whose keys these are, for messages
     * @param known the keys there are
     * @throws UnknownNameException if another one is given
     */
    Fields(String owner, JsonNode node, List<String> known) {
        this.owner = owner;
        this.node = node;
        if (!node.isObject()) {
            throw refused("must have keys but was " + node);
        }
        node.fieldNames().forEachRemaining(key -> {
            if (!known.contains(key)) {
                throw new UnknownNameException(owner + " has no key '" + key + "'", key, known);
            }
        });
    }

    Optional<JsonNode> given(String key) {
        return Optional.ofNullable(node.get(key));
    }

    private JsonNode required(String key) {
        return given(key).orElseThrow(() -> refused("must have a key '" + key + "'"));
    }

    String text(String key) {
        return text(key, required(key));
    }

    Optional<String> optionalText(String key) {
        return given(key).map(value -> text(key, value));
    }

    private String text(String key, JsonNode value) {
        if (!value.isTextual() || value.textValue().isEmpty()) {
            throw wrong(key, "a word", value);
        }
        return value.textValue();
    }

    int whole(String key, int least, int most) {
        return whole(key, least, most, required(key));
    }

    int whole(String key, int least, int most, int otherwise) {
        return given(key).map(value -> whole(key, least, most, value)).orElse(otherwise);
    }

    private int whole(String key, int least, int most, JsonNode value) {
        if (!value.canConvertToExactIntegral() || value.asLong() < least || value.asLong() > most) {
            throw wrong(key, "a whole number from " + least + " to " + most, value);
        }
        return value.intValue();
    }

    double number(String key, double otherwise) {
        return given(key)
                .map(value -> {
                    if (!value.isNumber()) {
                        throw wrong(key, "a number", value);
                    }
                    return value.doubleValue();
                })
                .orElse(otherwise);
    }

    Optional<Boolean> flag(String key) {
        return given(key).map(value -> {
            if (!value.isBoolean()) {
                throw wrong(key, "true or false", value);
            }
            return value.booleanValue();
        });
    }

    List<JsonNode> list(String key) {
        return list(key, required(key));
    }

    Optional<List<JsonNode>> optionalList(String key) {
        return given(key).map(value -> list(key, value));
    }

    private List<JsonNode> list(String key, JsonNode value) {
        if (!value.isArray()) {
            throw wrong(key, "a list", value);
        }
        List<JsonNode> elements = new ArrayList<>();
        value.forEach(elements::add);
        return elements;
    }

    IllegalArgumentException wrong(String key, String rule, Object value) {
        return refused(key + " must be " + rule + " but was " + value);
    }

    IllegalArgumentException refused(String problem) {
        return new IllegalArgumentException(owner + ": " + problem);
    }
}
