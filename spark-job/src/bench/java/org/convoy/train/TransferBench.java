package org.convoy.train;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.convoy.cli.JobCommand;
import org.convoy.job.Convoy;
import org.convoy.model.engine.NativeSettings;
import picocli.CommandLine;

/**
 * What a trained network is worth for other classes: the seed CNN learns the digits 0 to 4 from all their pictures, then
 * 5 to 9 from 50 pictures each, with more or less of it frozen, beside the same network from fresh weights on the same
 * pictures. By the commands that a user gives.
 *
 * <p>{@code bin/bench transfer [SEEDS]}
 */
public final class TransferBench {
    private static final int PER_CLASS = 50;
    private static final int FIRST_NEW_DIGIT = 5;
    private static final int DIGITS = 10;

    /** What training takes of the parent. */
    private record Case(String words, List<String> settings) {}

    private static final String PARENT = "transfer.from=digits-0-to-4@1";

    private static final List<Case> CASES = List.of(
            new Case("frozen below the head", List.of(PARENT, "transfer.freeze=below-head")),
            new Case("convolutions frozen", List.of(PARENT, "transfer.freeze=pool2")),
            new Case("nothing frozen", List.of(PARENT)),
            new Case("from scratch", List.of()));

    private final Path directory;

    private TransferBench(Path directory) {
        this.directory = directory;
    }

    public static void main(String[] arguments) throws IOException {
        NativeSettings.ensureApplied();
        Path mnist = Path.of(System.getenv().getOrDefault("CONVOY_DATA", "../shared/data"), "mnist");
        Path directory = Files.createTempDirectory("convoy-bench");
        try {
            new TransferBench(directory).run(mnist, arguments.length == 0 ? 3 : Integer.parseInt(arguments[0]));
        } finally {
            try (Stream<Path> files = Files.walk(directory)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
    }

    private void run(Path mnist, int seeds) throws IOException {
        prepare(mnist, "old", IntStream.range(0, FIRST_NEW_DIGIT).toArray(), Integer.MAX_VALUE);
        prepare(mnist, "new", IntStream.range(FIRST_NEW_DIGIT, DIGITS).toArray(), PER_CLASS);
        convoy("train", "old", "digits-0-to-4", List.of("train.epochs=3", "train.averaging-period-batches=8"));
        double parent = accuracy("old", "digits-0-to-4");

        List<String> rows = new ArrayList<>();
        for (Case training : CASES) {
            List<Double> accuracies = new ArrayList<>();
            for (int seed = 1; seed <= seeds; seed++) {
                List<String> settings = new ArrayList<>(training.settings());
                settings.addAll(List.of(
                        "train.seed=" + seed,
                        "train.epochs=40",
                        "train.batch-size=25",
                        "train.workers=1",
                        "train.optimiser.schedule.name=cosine",
                        "train.optimiser.schedule.warm-up=0.05"));
                String model = "digits-5-to-9-" + rows.size() + "-" + seed;
                convoy("train", "new", model, settings);
                accuracies.add(100 * accuracy("new", model));
            }
            rows.add(String.format(
                    Locale.ROOT,
                    "| %s | %.2f ± %.2f %% |",
                    training.words(),
                    Spread.mean(accuracies),
                    Spread.standardDeviation(accuracies)));
        }
        System.out.printf(
                Locale.ROOT,
                "%nSeed CNN, trained on the digits 0 to 4 (%.2f %% of their test pictures), then on 5 to 9 with %d pictures"
                        + " each;%ntest accuracy on 5 to 9, mean and deviation of %d seeds%n%n| training | accuracy |%n|---|---|%n%s%n",
                100 * parent,
                PER_CLASS,
                seeds,
                String.join(System.lineSeparator(), rows));
    }

    private void convoy(String command, String dataset, String model, List<String> settings) {
        List<String> arguments = new ArrayList<>(List.of(command));
        Stream.concat(
                        Stream.of(
                                command + ".dataset=" + directory.resolve(dataset),
                                "models.directory=" + directory.resolve("models"),
                                "models.name=" + model),
                        Stream.concat(
                                command.equals("train") ? Stream.of("model.architecture=seed-cnn") : Stream.of(),
                                settings.stream()))
                .forEach(setting -> arguments.addAll(List.of("--set", setting)));
        convoy(arguments);
    }

    private static void convoy(List<String> arguments) {
        System.out.println("bin/convoy " + String.join(" ", arguments));
        int code = JobCommand.prepared(new CommandLine(new Convoy())).execute(arguments.toArray(new String[0]));
        if (code != 0) {
            throw new IllegalStateException("convoy " + arguments.get(0) + " ended with code " + code);
        }
    }

    private double accuracy(String dataset, String model) throws IOException {
        convoy("evaluate", dataset, model, List.of());
        Path evaluation = directory.resolve("models").resolve(model).resolve("versions/1/evaluation-test.json");
        return new ObjectMapper()
                .readTree(evaluation.toFile())
                .path("metrics")
                .path("accuracy")
                .asDouble();
    }

    /** A dataset of these digits alone: the first pictures of each to train on, all of MNIST's others to test. */
    private void prepare(Path mnist, String dataset, int[] digits, int perClass) {
        Path idx = directory.resolve(dataset + "-idx");
        write(mnist, idx, "train", digits, perClass);
        write(mnist, idx, "t10k", digits, Integer.MAX_VALUE);
        convoy(List.of(
                "prepare",
                "--set",
                "prepare.input=" + idx,
                "--set",
                "prepare.output=" + directory.resolve(dataset),
                "--set",
                "prepare.source=idx",
                "--set",
                "prepare.split.validation-share=0"));
    }

    private static void write(Path mnist, Path to, String split, int[] digits, int perClass) {
        int[] kept = new int[DIGITS];
        IdxPictures.read(mnist, split)
                .only(picture -> Arrays.stream(digits).anyMatch(digit -> digit == picture.label())
                        && kept[picture.label()]++ < perClass)
                .write(to, split);
    }
}
