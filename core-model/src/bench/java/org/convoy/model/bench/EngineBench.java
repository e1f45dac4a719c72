package org.convoy.model.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.convoy.model.engine.NativeSettings;

/**
 * Measures the engines side by side. Before the clock starts, their losses must follow each other from the same weights;
 * then they take turns, round by round, and medians and ratios within rounds are reported.
 *
 * <p>{@code bin/bench engine [--networks=seed-cnn,lenet,batch-norm-net,vgg16] [--threads=1,2] [--rounds=5]}
 */
public final class EngineBench {
    /** How far apart two engines' losses may be, as a share of the loss. */
    private static final double LOSS_TOLERANCE = 0.01;

    private static final Pattern COMMA = Pattern.compile(",");
    private static final double ROUND_MILLISECONDS = 1500;
    private static final int MOST_STEPS_PER_ROUND = 100;
    private static final int WARM_UP_STEPS = 10;
    /** Steps over which the engines' losses must follow each other. */
    private static final int COMPARED_STEPS = 20;
    /** An engine that takes longer for one step is measured once, not in every round. */
    private static final double SLOW_MILLISECONDS = 15_000;
    private static final int PRODUCTS = 100;
    private static final int COPIES = 500;

    private final Path mnist;
    private final Path output;
    private final int rounds;
    private final List<Row> rows = new ArrayList<>();
    private final List<Scaling> scalings = new ArrayList<>();
    private String imageSource = "";

    /**
     * One line of the table.
     *
     * @param losses largest distance of Convoy's losses from the others', as a share
     * @param imagesPerSecond medians by engine
     * @param toStock median over the rounds of Convoy's speed by stock's
     * @param toLibtorch the same by libtorch's
     * @param ceilingShare Convoy's operations per second by the faster of product and convolution, both measured in between
     */
    record Row(
            String network,
            String task,
            int threads,
            int batch,
            double losses,
            Map<String, Double> imagesPerSecond,
            double toStock,
            double toLibtorch,
            double ceilingGigaflops,
            double ceilingShare) {}

    /**
     * Two workers with one thread each against one.
     *
     * @param oneProcess images per second of two workers in one JVM, by one worker's
     * @param twoProcesses the same of two JVMs
     * @param processor the same of bare matrix products in two JVMs: what the machine's two processors allow
     * @param memory the same of bare copies of 16 MiB: what its memory allows
     */
    record Scaling(String network, double oneProcess, double twoProcesses, double processor, double memory) {}

    private EngineBench(Path mnist, Path output, int rounds) {
        this.mnist = mnist;
        this.output = output;
        this.rounds = rounds;
    }

    public static void main(String[] arguments) throws IOException {
        Map<String, String> options = Stream.of(arguments)
                .map(argument -> argument.replaceFirst("^--", "").split("=", 2))
                .collect(Collectors.toMap(pair -> pair[0], pair -> pair[1]));
        String data = System.getenv().getOrDefault("CONVOY_DATA", "../shared/data");
        EngineBench bench = new EngineBench(
                Path.of(data, "mnist").toAbsolutePath().normalize(),
                Files.createDirectories(Path.of(options.getOrDefault("out", "out/bench"))),
                Integer.parseInt(options.getOrDefault("rounds", "5")));
        System.out.println(NativeSettings.decide(1).describe());
        for (String title : COMMA.splitAsStream(options.getOrDefault("networks", "seed-cnn,lenet,batch-norm-net,vgg16")).toList()) {
            BenchNetwork network = BenchNetwork.named(title);
            for (String threads : COMMA.splitAsStream(options.getOrDefault("threads", "1,2")).toList()) {
                bench.compare(network, Integer.parseInt(threads));
            }
            bench.scale(network);
        }
        bench.printTable();
    }

    private void compare(BenchNetwork network, int threads) throws IOException {
        Map<EngineKind, PeerHandle> peers = new EnumMap<>(EngineKind.class);
        try {
            for (EngineKind kind : EngineKind.values()) {
                peers.put(kind, new PeerHandle(kind, network, threads, mnist, output));
            }
            imageSource = peers.get(EngineKind.CONVOY).imageSource();
            double losses = compareLosses(network, peers);
            for (String task : List.of("train", "infer")) {
                measure(network, threads, task, losses, peers);
            }
        } finally {
            peers.values().forEach(PeerHandle::close);
        }
    }

    /** Largest distance of Convoy's losses from those of the others, from the same weights over the same batches. */
    private double compareLosses(BenchNetwork network, Map<EngineKind, PeerHandle> peers) throws IOException {
        Path parameters = Files.createTempFile(output, "parameters", ".bin");
        peers.get(EngineKind.CONVOY).ask("save " + parameters);
        peers.get(EngineKind.STOCK).ask("load " + parameters);
        peers.get(EngineKind.LIBTORCH).ask("load " + parameters);
        Files.delete(parameters);
        double[] convoy = peers.get(EngineKind.CONVOY).numbers("losses " + COMPARED_STEPS);
        double largest = 0;
        for (EngineKind other : List.of(EngineKind.STOCK, EngineKind.LIBTORCH)) {
            int steps = other == EngineKind.STOCK ? network.stockSteps() : COMPARED_STEPS;
            double[] losses = peers.get(other).numbers("losses " + steps);
            for (int step = 0; step < steps; step++) {
                largest = Math.max(largest, Math.abs(convoy[step] - losses[step]) / Math.abs(losses[step]));
            }
            if (largest > LOSS_TOLERANCE) {
                throw new IllegalStateException(String.format(
                        "%s: Convoy's losses %s do not follow those of %s %s",
                        network.title(), Arrays.toString(convoy), other.title(), Arrays.toString(losses)));
            }
        }
        return largest;
    }

    private void measure(
            BenchNetwork network, int threads, String task, double losses, Map<EngineKind, PeerHandle> peers)
            throws IOException {
        Map<EngineKind, Integer> steps = new EnumMap<>(EngineKind.class);
        Map<EngineKind, Double> slow = new EnumMap<>(EngineKind.class);
        peers.forEach((kind, peer) -> {
            double first = median(peer.numbers(task + " 1"));
            if (first > SLOW_MILLISECONDS) {
                slow.put(kind, first);
                return;
            }
            if (first < ROUND_MILLISECONDS) {
                peer.ask(task + " " + WARM_UP_STEPS);
            }
            double step = Math.min(first, median(peer.numbers(task + " 1")));
            steps.put(kind, (int) Math.max(1, Math.min(MOST_STEPS_PER_ROUND, ROUND_MILLISECONDS / step)));
        });
        Map<EngineKind, double[]> milliseconds = new EnumMap<>(EngineKind.class);
        peers.keySet().forEach(kind -> milliseconds.put(kind, new double[rounds]));
        double ceiling = 0;
        for (int round = 0; round < rounds; round++) {
            for (PeerHandle peer : peers.values()) {
                EngineKind kind = peer.kind();
                milliseconds.get(kind)[round] = slow.containsKey(kind)
                        ? slow.get(kind)
                        : median(peer.numbers(task + " " + steps.get(kind)));
            }
            double[] gigaflops = peers.get(EngineKind.CONVOY).numbers("ceiling");
            ceiling = Math.max(ceiling, Math.max(gigaflops[0], gigaflops[1]));
        }
        Map<String, Double> imagesPerSecond = new LinkedHashMap<>();
        milliseconds.forEach(
                (kind, times) -> imagesPerSecond.put(kind.title(), rounded(1000 * network.batch() / median(times))));
        double megaflops = task.equals("train") ? network.trainingMegaflops() : network.forwardMegaflops();
        double convoy = imagesPerSecond.get(EngineKind.CONVOY.title());
        rows.add(new Row(
                network.title(),
                task,
                threads,
                network.batch(),
                losses,
                imagesPerSecond,
                rounded(ratio(milliseconds, EngineKind.STOCK)),
                rounded(ratio(milliseconds, EngineKind.LIBTORCH)),
                rounded(ceiling),
                rounded(convoy * megaflops / 1000 / ceiling)));
        System.out.println(rows.get(rows.size() - 1));
        writeJson();
    }

    private void scale(BenchNetwork network) throws IOException {
        try (PeerHandle first = new PeerHandle(EngineKind.CONVOY, network, 1, mnist, output);
                PeerHandle second = new PeerHandle(EngineKind.CONVOY, network, 1, mnist, output)) {
            first.ask("train 2");
            double step = median(first.numbers("train 1"));
            int warmUp = step < ROUND_MILLISECONDS ? WARM_UP_STEPS : 2;
            first.ask("train " + warmUp);
            second.ask("train " + warmUp);
            first.ask("train-pair " + warmUp);
            int steps = (int) Math.max(1, Math.min(MOST_STEPS_PER_ROUND, ROUND_MILLISECONDS / step));
            double[] oneProcess = new double[rounds];
            double[] twoProcesses = new double[rounds];
            double[] processor = new double[rounds];
            double[] memory = new double[rounds];
            for (int round = 0; round < rounds; round++) {
                double alone = sum(first.numbers("train " + steps));
                oneProcess[round] = 2 * alone / first.numbers("train-pair " + steps)[0];
                twoProcesses[round] = 2 * alone / together(first, second, "train " + steps);
                processor[round] = scaling(first, second, "products " + PRODUCTS);
                memory[round] = scaling(first, second, "copies " + COPIES);
            }
            scalings.add(new Scaling(
                    network.title(),
                    rounded(median(oneProcess)),
                    rounded(median(twoProcesses)),
                    rounded(median(processor)),
                    rounded(median(memory))));
            System.out.println(scalings.get(scalings.size() - 1));
            writeJson();
        }
    }

    /** How much more two processes do of {@code command} than one, in the same time. */
    private static double scaling(PeerHandle first, PeerHandle second, String command) {
        return 2 * first.numbers(command)[0] / together(first, second, command);
    }

    /** Milliseconds until both peers have done what they are told. */
    private static double together(PeerHandle first, PeerHandle second, String command) {
        long start = System.nanoTime();
        first.send(command);
        second.send(command);
        first.answer();
        second.answer();
        return (System.nanoTime() - start) / 1e6;
    }

    private void printTable() {
        StringBuilder table = new StringBuilder("\nImages: " + imageSource + ". Medians of " + rounds
                + " interleaved rounds, images per second.\n\n"
                + "| network | task | batch | threads | stock DL4J | Convoy | libtorch | by stock | by libtorch |"
                + " share of ceiling |\n|---|---|---|---|---|---|---|---|---|---|\n");
        for (Row row : rows) {
            table.append(String.format(
                    Locale.ROOT,
                    "| %s | %s | %d | %d | %.1f | %.1f | %.1f | %.1f | %.2f | %.0f %% of %.0f GFLOP/s |%n",
                    row.network(),
                    row.task(),
                    row.batch(),
                    row.threads(),
                    row.imagesPerSecond().get(EngineKind.STOCK.title()),
                    row.imagesPerSecond().get(EngineKind.CONVOY.title()),
                    row.imagesPerSecond().get(EngineKind.LIBTORCH.title()),
                    row.toStock(),
                    row.toLibtorch(),
                    100 * row.ceilingShare(),
                    row.ceilingGigaflops()));
        }
        table.append("\n| network | two workers in one JVM | two JVMs | bare products in two JVMs |"
                + " bare copies in two JVMs |\n|---|---|---|---|---|\n");
        for (Scaling scaling : scalings) {
            table.append(String.format(
                    Locale.ROOT,
                    "| %s | %.2f | %.2f | %.2f | %.2f |%n",
                    scaling.network(),
                    scaling.oneProcess(),
                    scaling.twoProcesses(),
                    scaling.processor(),
                    scaling.memory()));
        }
        System.out.println(table);
    }

    /** After every figure, so that a run that fails later leaves what it measured. */
    private void writeJson() throws IOException {
        Map<String, Object> report = new LinkedHashMap<>();
        report.put("settings", NativeSettings.decide(1).describe());
        report.put("images", imageSource);
        report.put("rounds", rounds);
        report.put("rows", rows);
        report.put("scaling", scalings);
        new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT).writeValue(output.resolve("engine.json").toFile(), report);
    }

    /** Median over the rounds of how many times faster Convoy was than {@code other} in the same round. */
    private static double ratio(Map<EngineKind, double[]> milliseconds, EngineKind other) {
        double[] convoy = milliseconds.get(EngineKind.CONVOY);
        double[] ratios = milliseconds.get(other).clone();
        for (int round = 0; round < ratios.length; round++) {
            ratios[round] /= convoy[round];
        }
        return median(ratios);
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    private static double sum(double[] values) {
        return Arrays.stream(values).sum();
    }

    private static double rounded(double value) {
        return Math.round(1000 * value) / 1000.0;
    }
}
