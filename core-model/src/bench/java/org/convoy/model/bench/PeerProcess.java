package org.convoy.model.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.convoy.model.engine.NativeSettings;
import org.convoy.model.engine.SpeedProbe;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * One peer in a process of its own, so that no peer's threads or native settings touch another's. It obeys one command per
 * line of its input and answers each with one line that starts with {@value #ANSWER}.
 */
final class PeerProcess {
    static final String ANSWER = "@@ ";
    private static final int BATCHES = 8;
    private static final int PRODUCT_SIZE = 800;
    private static final int COPIED_VALUES = 4 << 20; // 16 MiB

    private final EngineKind kind;
    private final BenchNetwork network;
    private final int threads;
    private final BenchImages images;
    private final Peer peer;
    private final List<Peer> pair = new ArrayList<>();
    private final List<ExecutorService> threadsOfWorkers = new ArrayList<>();

    private PeerProcess(EngineKind kind, BenchNetwork network, int threads, BenchImages images) {
        this.kind = kind;
        this.network = network;
        this.threads = threads;
        this.images = images;
        peer = kind.create(network, images, BATCHES);
    }

    /** Arguments: engine, network, threads, folder of MNIST. */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        EngineKind kind = EngineKind.valueOf(arguments[0]);
        int threads = Integer.parseInt(arguments[2]);
        if (kind == EngineKind.CONVOY) {
            NativeSettings.apply(threads);
        }
        BenchImages images = BenchImages.read(Path.of(arguments[3]));
        PeerProcess process = new PeerProcess(kind, BenchNetwork.named(arguments[1]), threads, images);
        answer(images.source());
        BufferedReader commands = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        String command = commands.readLine();
        while (command != null && !command.equals("quit")) {
            answer(process.obey(command.split(" ")));
            command = commands.readLine();
        }
        System.exit(0); // DJL leaves threads behind
    }

    private String obey(String[] command) throws IOException, InterruptedException {
        switch (command[0]) {
            case "save" -> peer.saveParameters(Path.of(command[1]));
            case "load" -> peer.loadParameters(Path.of(command[1]));
            case "losses" -> {
                return joined(steps(command).mapToDouble(peer::train));
            }
            case "train" -> {
                return joined(steps(command).mapToDouble(step -> milliseconds(() -> peer.train(step))));
            }
            case "infer" -> {
                return joined(steps(command).mapToDouble(step -> milliseconds(() -> peer.infer(step))));
            }
            case "train-pair" -> {
                return Double.toString(trainPair(Integer.parseInt(command[1])));
            }
            case "products" -> {
                return Double.toString(milliseconds(() -> products(Integer.parseInt(command[1]))));
            }
            case "copies" -> {
                return Double.toString(milliseconds(() -> copies(Integer.parseInt(command[1]))));
            }
            case "ceiling" -> {
                SpeedProbe probe = SpeedProbe.run(NativeSettings.apply(threads));
                return probe.productGigaflops() + " " + probe.convolutionGigaflops();
            }
            default -> throw new IllegalArgumentException("Unknown command " + command[0]);
        }
        return "";
    }

    /**
     * Two workers in this process train {@code steps} steps each; milliseconds until both are done. Each keeps its thread,
     * because DL4J's workspaces belong to threads.
     */
    private double trainPair(int steps) throws InterruptedException {
        while (threadsOfWorkers.size() < 2) {
            threadsOfWorkers.add(Executors.newSingleThreadExecutor());
            pair.add(kind.create(network, images, BATCHES));
        }
        long start = System.nanoTime();
        List<Future<?>> runs = new ArrayList<>();
        for (int worker = 0; worker < 2; worker++) {
            Peer own = pair.get(worker);
            runs.add(threadsOfWorkers.get(worker).submit(() -> IntStream.range(0, steps).forEach(own::train)));
        }
        for (Future<?> run : runs) {
            try {
                run.get();
            } catch (ExecutionException e) {
                throw new IllegalStateException(e.getCause());
            }
        }
        return (System.nanoTime() - start) / 1e6;
    }

    /** Matrix products of 10⁹ operations each: what the processor has to give, whatever the program. */
    private static void products(int count) {
        INDArray a = Nd4j.rand(DataType.FLOAT, PRODUCT_SIZE, PRODUCT_SIZE);
        INDArray result = Nd4j.createUninitialized(DataType.FLOAT, new long[] {PRODUCT_SIZE, PRODUCT_SIZE}, 'f');
        for (int product = 0; product < count; product++) {
            Nd4j.gemm(a, a, result, false, false, 1.0, 0.0);
        }
    }

    /** Copies of what no processor's own cache holds: what the machine's memory has to give. */
    private static void copies(int count) {
        float[] from = new float[COPIED_VALUES];
        float[] to = new float[COPIED_VALUES];
        for (int copy = 0; copy < count; copy++) {
            System.arraycopy(from, 0, to, 0, from.length);
        }
    }

    private static IntStream steps(String[] command) {
        return IntStream.range(0, Integer.parseInt(command[1]));
    }

    private static double milliseconds(Runnable step) {
        long start = System.nanoTime();
        step.run();
        return (System.nanoTime() - start) / 1e6;
    }

    private static String joined(DoubleStream values) {
        return values.mapToObj(value -> String.format(Locale.ROOT, "%.6f", value))
                .collect(Collectors.joining(" "));
    }

    private static void answer(String text) {
        System.out.println(ANSWER + text);
        System.out.flush();
    }
}
