package org.convoy.train;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.convoy.runtime.UserError;

/**
 * The command line.
 *
 * @param parts what is measured, in this order
 * @param networks whose rounds are taken apart
 * @param rounds interleaved rounds of the speed comparison
 * @param publishedEpochs of each training of the published part
 * @param datasets what the accuracy part learns
 * @param seeds trainings per figure of the accuracy and published parts
 * @param capSeconds of training after which the race to 99 % is given up
 * @param examples how many training pictures at most; empty for what each part takes by itself
 * @param json where the figures go
 */
record BenchOptions(
        List<String> parts,
        List<ShareCase> networks,
        int rounds,
        int publishedEpochs,
        List<String> datasets,
        int seeds,
        double capSeconds,
        OptionalLong examples,
        Path json) {
    private static final Pattern COMMA = Pattern.compile(",");
    private static final Set<String> NAMES = Set.of(
            "parts", "networks", "rounds", "published-epochs", "datasets", "seeds", "cap-seconds", "examples", "json");

    static BenchOptions parse(String... arguments) {
        Map<String, String> given = Stream.of(arguments)
                .map(argument -> argument.replaceFirst("^--", "").split("=", 2))
                .peek(pair -> require(
                        pair[0], "one of " + NAMES + " with =VALUE", name -> pair.length == 2 && NAMES.contains(name)))
                .collect(Collectors.toMap(pair -> pair[0], pair -> pair[1]));
        List<String> parts = COMMA.splitAsStream(given.getOrDefault("parts", String.join(",", AveragingBench.PARTS)))
                .toList();
        parts.forEach(part -> require(part, "one of " + AveragingBench.PARTS, AveragingBench.PARTS::contains));
        List<String> datasets = COMMA.splitAsStream(
                        given.getOrDefault("datasets", String.join(",", BenchData.NAMES)))
                .toList();
        datasets.forEach(dataset -> require(dataset, "one of " + BenchData.NAMES, BenchData.NAMES::contains));
        return new BenchOptions(
                parts,
                COMMA.splitAsStream(given.getOrDefault("networks", ShareCase.defaults()))
                        .map(ShareCase::named)
                        .toList(),
                Integer.parseInt(given.getOrDefault("rounds", "3")),
                Integer.parseInt(given.getOrDefault("published-epochs", "20")),
                datasets,
                Integer.parseInt(given.getOrDefault("seeds", "3")),
                Double.parseDouble(given.getOrDefault("cap-seconds", "1200")),
                given.containsKey("examples")
                        ? OptionalLong.of(Long.parseLong(given.get("examples")))
                        : OptionalLong.empty(),
                Path.of(given.getOrDefault("json", "spark-job/target/bench-averaging.json")));
    }

    /** Training pictures of a part that takes {@code usual} by itself. */
    long examples(long usual) {
        return Math.min(usual, examples.orElse(usual));
    }

    private static void require(String value, String rule, Predicate<String> holds) {
        if (!holds.test(value)) {
            throw UserError.usage("argument must be " + rule + " but was '" + value + "'");
        }
    }
}
