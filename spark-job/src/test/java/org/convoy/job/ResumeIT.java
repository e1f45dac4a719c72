package org.convoy.job;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import java.util.zip.ZipFile;
import org.convoy.cli.JobCommand;
import org.convoy.demo.DigitPainter;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

import static org.assertj.core.api.Assertions.assertThat;

/** Training in a process of its own that is killed with -9 and started again. */
class ResumeIT {
    @TempDir
    private static Path directory;

    @BeforeAll
    static void prepareADataset() throws IOException {
        DigitPainter.writeFolder(directory.resolve("pictures"), 60, 1);
        int code = JobCommand.prepared(new CommandLine(new Convoy()))
                .execute(
                        "prepare",
                        "--set",
                        "prepare.input=" + directory.resolve("pictures"),
                        "--set",
                        "prepare.output=" + directory.resolve("dataset"),
                        "--set",
                        "prepare.image.colour=grey",
                        "--set",
                        "prepare.image.height=28",
                        "--set",
                        "prepare.image.width=28");
        assertThat(code).isZero();
    }

    @Test
    void aDriverThatIsKilledAgainAndAgainReachesTheSameParameters() throws Exception {
        assertThat(train("whole").waitFor()).isZero();
        byte[] undisturbed = parameters("whole");

        // In the first epoch, in the second, and at the end of one.
        for (String reached : List.of("epoch-000000-round-000003", "epoch-000001-round-000005", "epoch-000002-")) {
            Process training = train("killed");
            awaitCheckpoint("killed", reached, training);
            training.destroyForcibly().waitFor();
            assertThat(version("killed")).doesNotExist();
        }
        Process last = train("killed");
        String said = new String(last.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);

        assertThat(last.waitFor()).as(said).isZero();
        assertThat(said).contains("Resuming an unfinished training", "dropped 0");
        // Once, in the report: what was left of the learning rate came out of the checkpoint.
        assertThat(said).containsOnlyOnce("diverged in round 1 of epoch 1");
        assertThat(parameters("killed")).isEqualTo(undisturbed);
        assertThat(directory.resolve("models/killed/checkpoints")).doesNotExist();
    }

    /** Four epochs, in each about twenty rounds. */
    private static Process train(String model) throws IOException {
        return ConvoyProcess.start(
                directory,
                model.equals("whole") ? ProcessBuilder.Redirect.DISCARD : ProcessBuilder.Redirect.PIPE,
                List.of("train"),
                List.of(
                        "train.dataset=" + directory.resolve("dataset"),
                        "models.directory=" + directory.resolve("models"),
                        "models.name=" + model,
                        "train.epochs=4",
                        "train.batch-size=8",
                        "train.averaging-period-batches=3",
                        "train.checkpoint-every-rounds=1",
                        "train.augmentation=[random-crop,mirror]",
                        "train.class-weights=balanced",
                        "train.parameter-average-decay=0.9",
                        "train.optimiser.learning-rate=2e10",
                        "train.divergence-retries=1",
                        "train.divergence-rate-factor=1e-12"));
    }

    private static void awaitCheckpoint(String model, String from, Process training)
            throws IOException, InterruptedException {
        Path checkpoints = directory.resolve("models").resolve(model).resolve("checkpoints");
        long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(2);
        while (System.nanoTime() < deadline && training.isAlive()) {
            if (Files.isDirectory(checkpoints)) {
                try (Stream<Path> files = Files.list(checkpoints)) {
                    if (files.map(file -> file.getFileName().toString())
                            .anyMatch(name -> name.startsWith("epoch") && name.compareTo(from) >= 0)) {
                        return;
                    }
                }
            }
            Thread.sleep(2);
        }
        throw new AssertionError("no checkpoint " + from + " appeared, training "
                + (training.isAlive() ? "still runs" : "ended with code " + training.exitValue()));
    }

    private static Path version(String model) {
        return directory.resolve("models").resolve(model).resolve("versions/1");
    }

    /** Parameters and optimiser state, bit for bit. */
    private static byte[] parameters(String model) throws IOException {
        try (ZipFile archive = new ZipFile(version(model).resolve("model.zip").toFile());
                InputStream parameters = archive.getInputStream(archive.getEntry("coefficients.bin"));
                InputStream state = archive.getInputStream(archive.getEntry("updaterState.bin"))) {
            byte[] first = parameters.readAllBytes();
            byte[] second = state.readAllBytes();
            byte[] both = java.util.Arrays.copyOf(first, first.length + second.length);
            System.arraycopy(second, 0, both, first.length, second.length);
            return both;
        }
    }
}
