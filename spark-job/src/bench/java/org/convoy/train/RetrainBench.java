package org.convoy.train;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.stream.Stream;
import org.convoy.cli.JobCommand;
import org.convoy.job.Convoy;
import org.convoy.model.engine.NativeSettings;
import picocli.CommandLine;

/**
 * Five nights of retraining on Fashion-MNIST, of which each brings a fifth of its pictures, for training and for comparing models. The
 * third night's labels are shuffled; after the fifth its pictures come once more, with their true labels. By the commands that a
 * scheduler gives. The current version is judged on the whole test split, of which the cycles know what has come so far.
 *
 * <p>{@code bin/bench retrain}
 */
public final class RetrainBench {
    private static final int NIGHTS = 5;
    private static final int POISONED = 3;
    private static final String MODEL = "fashion";

    private final Path fashion;
    private final Path directory;
    private final List<String> rows = new ArrayList<>();

    private RetrainBench(Path fashion, Path directory) {
        this.fashion = fashion;
        this.directory = directory;
    }

    public static void main(String[] arguments) throws IOException {
        NativeSettings.ensureApplied();
        Path fashion = Path.of(System.getenv().getOrDefault("CONVOY_DATA", "../shared/data"), "fashion-mnist");
        Path directory = Files.createTempDirectory("convoy-bench");
        try {
            new RetrainBench(fashion, directory).run();
        } finally {
            try (Stream<Path> files = Files.walk(directory)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
    }

    private void run() throws IOException {
        IdxPictures train = IdxPictures.read(fashion, "train");
        IdxPictures test = IdxPictures.read(fashion, "t10k");
        convoy(
                "prepare",
                "prepare.input=" + fashion,
                "prepare.output=" + directory.resolve("all"),
                "prepare.source=idx",
                "prepare.split.validation-share=0");
        for (int night = 1; night <= NIGHTS; night++) {
            write(night, train, test, night == POISONED);
            retrain(night == POISONED ? night + ", labels shuffled" : Integer.toString(night));
        }
        write(POISONED, train, test, false);
        retrain(NIGHTS + 1 + ", night " + POISONED + "'s with true labels");
        System.out.printf(
                "%nFashion-MNIST in %d nights, seed CNN; accuracy of the current version on the test split%n%n"
                        + "| night | pictures in the dataset | candidate | current after | accuracy of current |%n"
                        + "|---|---|---|---|---|%n%s%n",
                NIGHTS,
                String.join(System.lineSeparator(), rows));
    }

    private void write(int night, IdxPictures train, IdxPictures test, boolean shuffled) {
        Path day = directory.resolve("raw/day=" + night);
        write(day, "train", train.part(night - 1, NIGHTS), shuffled);
        write(day, "t10k", test.part(night - 1, NIGHTS), shuffled);
    }

    private static void write(Path day, String split, IdxPictures pictures, boolean shuffled) {
        List<Integer> labels = new ArrayList<>(
                pictures.pictures().stream().map(IdxPictures.Labelled::label).toList());
        if (shuffled) {
            Collections.shuffle(labels, new Random(1));
        }
        List<IdxPictures.Labelled> labelled = new ArrayList<>();
        for (int i = 0; i < labels.size(); i++) {
            labelled.add(new IdxPictures.Labelled(pictures.pictures().get(i).pixels(), labels.get(i)));
        }
        pictures.with(labelled).write(day, split);
    }

    private void retrain(String night) throws IOException {
        int code = convoy(
                "retrain",
                "prepare.input=" + directory.resolve("raw") + "/day=*",
                "prepare.output=" + directory.resolve("dataset"),
                "prepare.source=idx",
                "prepare.split.validation-share=0.05",
                "models.directory=" + directory.resolve("models"),
                "models.name=" + MODEL,
                "model.architecture=seed-cnn",
                "train.workers=2",
                "train.epochs=4",
                "train.averaging-period-batches=8",
                "train.optimiser.l2=5e-4",
                "train.optimiser.schedule.name=cosine",
                "train.optimiser.schedule.warm-up=0.05",
                "retrain.warm-start={ epochs = 2, optimiser.learning-rate = 0.01 }");
        Path model = directory.resolve("models").resolve(MODEL);
        JsonNode line = new ObjectMapper()
                .readTree(Files.readAllLines(model.resolve("METRICS.jsonl")).stream()
                        .reduce((first, last) -> last)
                        .orElseThrow());
        if ((code == 0) != line.path("outcome").asText().equals("published")) {
            throw new IllegalStateException("exit code " + code + " but " + line);
        }
        String current = Files.readString(model.resolve("CURRENT")).strip();
        rows.add(String.format(
                Locale.ROOT,
                "| %s | %,d | %s@%d %s%s | %s@%s | %.2f %% |",
                night,
                pictures(),
                MODEL,
                line.path("version").asInt(),
                line.path("outcome").asText(),
                compared(line),
                MODEL,
                current,
                100 * accuracy(current)));
    }

    /** Both figures on the pictures held out so far. */
    private static String compared(JsonNode line) {
        return line.path("currentValue").isNull()
                ? ""
                : String.format(
                        Locale.ROOT,
                        " (%.2f %% against %.2f %%)",
                        100 * line.path("candidateValue").asDouble(),
                        100 * line.path("currentValue").asDouble());
    }

    private long pictures() throws IOException {
        return new ObjectMapper()
                .readTree(directory.resolve("dataset/manifest.json").toFile())
                .path("counts")
                .path("written")
                .asLong();
    }

    private double accuracy(String version) throws IOException {
        convoy(
                "evaluate",
                "evaluate.dataset=" + directory.resolve("all"),
                "models.directory=" + directory.resolve("models"),
                "evaluate.model=" + MODEL + "@" + version);
        return new ObjectMapper()
                .readTree(directory
                        .resolve("models/" + MODEL + "/versions/" + version + "/evaluation-test.json")
                        .toFile())
                .path("metrics")
                .path("accuracy")
                .asDouble();
    }

    private static int convoy(String command, String... settings) {
        List<String> arguments = new ArrayList<>(List.of(command));
        for (String setting : settings) {
            arguments.addAll(List.of("--set", setting));
        }
        System.out.println("bin/convoy " + String.join(" ", arguments));
        int code = JobCommand.prepared(new CommandLine(new Convoy())).execute(arguments.toArray(new String[0]));
        if (code != 0 && code != 4) {
            throw new IllegalStateException("convoy " + command + " ended with code " + code);
        }
        return code;
    }
}
