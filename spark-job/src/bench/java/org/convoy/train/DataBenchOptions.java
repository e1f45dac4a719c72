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
 * The command line of {@code bin/bench data}.
 *
 * @param parts what is measured, in this order
 * @param rounds interleaved rounds of each comparison
 * @param examples training pictures of the feed part
 * @param json where the figures go
 */
record DataBenchOptions(List<String> parts, int rounds, int examples, Path json) {
    private static final Pattern COMMA = Pattern.compile(",");
    private static final Set<String> NAMES = Set.of("parts", "rounds", "examples", "json");

    static DataBenchOptions parse(String... arguments) {
        Map<String, String> given = Stream.of(arguments)
                .map(argument -> argument.replaceFirst("^--", "").split("=", 2))
                .peek(pair -> require(pair.length == 2 && NAMES.contains(pair[0]), NAMES + " with =VALUE", pair[0]))
                .collect(Collectors.toMap(pair -> pair[0], pair -> pair[1]));
        List<String> parts = COMMA.splitAsStream(given.getOrDefault("parts", String.join(",", DataBench.PARTS)))
                .toList();
        parts.forEach(part -> require(DataBench.PARTS.contains(part), DataBench.PARTS.toString(), part));
        return new DataBenchOptions(
                parts,
                Integer.parseInt(given.getOrDefault("rounds", "5")),
                Integer.parseInt(given.getOrDefault("examples", "25600")),
                Path.of(given.getOrDefault("json", "spark-job/target/bench-data.json")));
    }

    private static void require(boolean holds, String allowed, String value) {
        if (!holds) {
            throw UserError.usage("argument must be one of " + allowed + " but was '" + value + "'");
        }
    }
}
