package org.convoy.model;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.convoy.model.architecture.Architecture;
import org.convoy.model.engine.NativeSettings;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class NetworkMemoryTest {
    private static final int CLASSES = 10;

    /** Enough that the process's own memory, which moves by some 10 MiB, is little beside the network's. */
    @SuppressWarnings("ImmutableEnumChecker") // a shape is three ints
    private enum Case {
        LENET_5("lenet-5", new InputShape(1, 28, 28), 1024),
        SEED_CNN("seed-cnn", new InputShape(1, 28, 28), 512),
        BN_CNN("bn-cnn", new InputShape(3, 32, 32), 64),
        BN_CNN_128("bn-cnn", new InputShape(3, 32, 32), 128),
        RESNET_9("resnet-9", new InputShape(3, 32, 32), 64),
        RESNET_50("resnet-50", new InputShape(3, 128, 128), 16);

        private final String network;
        private final InputShape input;
        private final int batch;

        Case(String network, InputShape input, int batch) {
            this.network = network;
            this.input = input;
            this.batch = batch;
        }

        NetworkSpec spec() {
            List<Double> perChannel =
                    Stream.generate(() -> 127.5).limit(input.channels()).toList();
            return new NetworkSpec(
                    Architecture.named(network),
                    input,
                    CLASSES,
                    Normalisation.of("scale", perChannel, perChannel),
                    new Optimiser("nesterov", 0.01, 0.9),
                    1);
        }
    }

    /** In a process of its own, with a heap that is there from the start. */
    @Test
    void theComputedMemoryIsWhatTrainingTakes() throws IOException {
        Map<String, Double> computedByTaken = new TreeMap<>();
        for (Case one : Case.values()) {
            Process process = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-Xms256m",
                            "-Xmx256m",
                            "-XX:+AlwaysPreTouch",
                            "-cp",
                            System.getProperty("java.class.path"),
                            Training.class.getName(),
                            one.name())
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            double taken = Long.parseLong(output.strip());
            computedByTaken.put(one.name(), one.spec().memory(one.batch).total() / taken);
        }
        assertThat(computedByTaken.values()).as(computedByTaken.toString()).allSatisfy(ratio -> assertThat(ratio)
                .isBetween(0.8, 2.0));
    }

    /** Prints by how many bytes a network that trains makes the process larger. */
    static final class Training {
        private Training() {}

        public static void main(String[] arguments) throws IOException {
            NativeSettings.apply(1);
            Case one = Case.valueOf(arguments[0]);
            // Classes, native libraries and compiled code, with another network, whose memory the one that counts can't
            // reuse much of.
            Case other = one == Case.LENET_5 ? Case.SEED_CNN : Case.LENET_5;
            train(other.spec(), 4, 30);
            System.gc();
            long before = residentBytes("VmRSS:");
            train(one.spec(), one.batch, 3);
            System.out.println(residentBytes("VmHWM:") - before);
        }

        private static void train(NetworkSpec spec, int batch, int steps) {
            Replica replica = spec.replica();
            for (int step = 0; step < steps; step++) {
                replica.fit(new byte[batch * spec.input().size()], Labels.of(new int[batch]), 1e-9);
            }
        }

        private static long residentBytes(String key) throws IOException {
            String line = Files.readAllLines(Path.of("/proc/self/status")).stream()
                    .filter(candidate -> candidate.startsWith(key))
                    .findFirst()
                    .orElseThrow();
            return 1024 * Long.parseLong(line.replaceAll("\\D+", ""));
        }
    }
}
