package org.convoy.train;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.convoy.runtime.UserError;

/**
 * The command line of {@code bin/bench data} and {@code bin/bench scoring}.
 *
 * @param parts what is measured, in this order
 * @param rounds interleaved rounds of each comparison
 * @param examples pictures of the comparisons
 * @param json where the figures go
 */
record PartOptions(List<String> parts, int rounds, int examples, Path json) {
    private static final Pattern COMMA = Pattern.compile(",");
    private static final Set<String> NAMES = Set.of("parts", "rounds", "examples", "json");

    /**
     * Reads the arguments.
     *
     * @param defaults with every part that there is
     */
    static PartOptions parse(PartOptions defaults, String... arguments) {
        Map<String, String> given = Stream.of(arguments)
                .map(argument -> argument.replaceFirst("^--", "").split("=", 2))
                .peek(pair -> require(pair.length == 2 && NAMES.contains(pair[0]), NAMES + " with =VALUE", pair[0]))
                .collect(Collectors.toMap(pair -> pair[0], pair -> pair[1]));
        List<String> parts = given.containsKey("parts")
                ? COMMA.splitAsStream(given.get("parts")).toList()
                : defaults.parts();
        parts.forEach(part ->
                require(defaults.parts().contains(part), defaults.parts().toString(), part));
        return new PartOptions(
                parts,
                given.containsKey("rounds") ? Integer.parseInt(given.get("rounds")) : defaults.rounds(),
                given.containsKey("examples") ? Integer.parseInt(given.get("examples")) : defaults.examples(),
                given.containsKey("json") ? Path.of(given.get("json")) : defaults.json());
    }

    private static void require(boolean holds, String allowed, String value) {
        if (!holds) {
            throw UserError.usage("argument must be one of " + allowed + " but was '" + value + "'");
        }
    }
}
