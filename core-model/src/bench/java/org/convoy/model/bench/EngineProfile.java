package org.convoy.model.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Where a batch's milliseconds go, by the times that oneDNN logs of its own primitives; the rest is DL4J, ND4J and Java.
 *
 * <p>{@code bin/bench profile [NETWORK]}
 */
public final class EngineProfile {
    private static final Pattern COMMA = Pattern.compile(",");
    private static final int WARM_UP_STEPS = 50;
    private static final int STEPS = 100;

    private EngineProfile() {}

    public static void main(String[] arguments) throws IOException {
        String network =
                BenchNetwork.named(arguments.length > 0 ? arguments[0] : "seed-cnn").title();
        String data = System.getenv().getOrDefault("CONVOY_DATA", "../shared/data");
        ProcessBuilder builder = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx2g",
                "-cp",
                System.getProperty("java.class.path"),
                PeerProcess.class.getName(),
                EngineKind.CONVOY.name(),
                network,
                "1",
                Path.of(data, "mnist").toAbsolutePath().normalize().toString());
        builder.environment().put("ONEDNN_VERBOSE", "1");
        Process process = builder.redirectError(ProcessBuilder.Redirect.DISCARD).start();
        try (var commands = process.outputWriter(StandardCharsets.UTF_8)) {
            commands.write("train " + WARM_UP_STEPS + "\ntrain " + STEPS + "\nquit\n");
        }
        List<String> lines =
                process.inputReader(StandardCharsets.UTF_8).lines().toList();
        print(network, lines);
    }

    private static void print(String network, List<String> lines) {
        // Three answers: ready, warmed up, and the milliseconds of each measured step.
        List<Integer> answers = IntStream.range(0, lines.size())
                .filter(line -> lines.get(line).startsWith(PeerProcess.ANSWER))
                .boxed()
                .toList();
        double step = Arrays.stream(lines.get(answers.get(2))
                        .substring(PeerProcess.ANSWER.length())
                        .split(" "))
                .mapToDouble(Double::parseDouble)
                .average()
                .orElseThrow();
        Map<String, Double> milliseconds = lines.subList(answers.get(1), answers.get(2)).stream()
                .filter(line -> line.startsWith("onednn_verbose,exec"))
                .map(COMMA::split)
                .collect(Collectors.groupingBy(
                        EngineProfile::part,
                        Collectors.summingDouble(fields -> Double.parseDouble(fields[fields.length - 1]) / STEPS)));
        double primitives =
                milliseconds.values().stream().mapToDouble(Double::doubleValue).sum();
        milliseconds.put("all else: DL4J, ND4J, Java", step - primitives);
        System.out.printf(
                Locale.ROOT,
                "%n%s, training, one thread, %.1f ms a batch%n%n| part | ms | share |%n|---|---|---|%n",
                network,
                step);
        milliseconds.entrySet().stream()
                .sorted(Map.Entry.comparingByValue(Comparator.reverseOrder()))
                .forEach(part -> System.out.printf(
                        Locale.ROOT,
                        "| %s | %.2f | %.0f %% |%n",
                        part.getKey(),
                        part.getValue(),
                        100 * part.getValue() / step));
    }

    /** Kind and direction of a primitive, and for convolutions whether it is Winograd's algorithm. */
    private static String part(String[] fields) {
        String algorithm = fields[4].contains("wino") ? ", Winograd" : "";
        String direction = fields[5].equals("undef") ? "" : " " + fields[5].replace('_', ' ');
        return fields[3].replace('_', ' ') + direction + algorithm;
    }
}
