package org.convoy.job;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import java.util.zip.ZipFile;
import org.convoy.cli.JobCommand;
import org.convoy.demo.DigitPainter;
import org.convoy.model.engine.NativeSettings;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

import static org.assertj.core.api.Assertions.assertThat;

/** Training in a process of its own that is killed with -9 and started again. */
@Tag("heavy")
class ResumeIT {
    @TempDir
    private static Path directory;

    @BeforeAll
    static void prepareADataset() throws IOException {
        // Other tests may follow in this process, and preparing loads OpenCV.
        NativeSettings.ensureApplied();
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
        byte[] undisturbed = bytes("whole", "coefficients.bin", "updaterState.bin");

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
        assertThat(bytes("killed", "coefficients.bin", "updaterState.bin")).isEqualTo(undisturbed);
        assertThat(directory.resolve("models/killed/checkpoints")).doesNotExist();
    }

    @Test
    void aTransferThatIsKilledReachesTheSameParametersAndStartsFromNoOtherModelThen() throws Exception {
        assertThat(start("parent", "train.epochs=1").waitFor()).isZero();
        assertThat(start("other", "train.epochs=1", "train.seed=2").waitFor()).isZero();
        String[] fromParent = {"transfer.from=parent@1", "transfer.head=replace", "transfer.freeze=below-head"};
        assertThat(transfer("child", fromParent).waitFor()).isZero();

        Process training = transfer("killed-child", fromParent);
        awaitCheckpoint("killed-child", "epoch-000001-round-000003", training);
        training.destroyForcibly().waitFor();
        assertThat(version("killed-child")).doesNotExist();

        assertThat(refusal("transfer.from=other@1", "transfer.head=replace", "transfer.freeze=below-head"))
                .contains(
                        "the parent's digest was " + digest("parent") + " and is " + digest("other"),
                        "transfer.from was \"parent@1\" and is \"other@1\"");
        assertThat(refusal("transfer.from=parent@1", "transfer.head=replace", "transfer.freeze=3"))
                .contains("transfer.freeze was \"below-head\" and is 3");
        assertThat(transfer("killed-child", fromParent).waitFor()).isZero();
        assertThat(bytes("killed-child", "coefficients.bin")).isEqualTo(bytes("child", "coefficients.bin"));
        assertThat(Files.readString(version("child").resolve("model-card.json")))
                .contains("\"from\" : \"parent@1\"", digest("parent"));
    }

    private static Process transfer(String model, String... settings) throws IOException {
        return transfer(model, ProcessBuilder.Redirect.DISCARD, settings);
    }

    private static Process transfer(String model, ProcessBuilder.Redirect output, String... settings)
            throws IOException {
        List<String> all = new ArrayList<>(List.of(settings));
        all.addAll(List.of("train.epochs=3", "train.averaging-period-batches=2", "train.checkpoint-every-rounds=1"));
        return start(model, output, all);
    }

    private static Process start(String model, String... settings) throws IOException {
        return start(model, ProcessBuilder.Redirect.DISCARD, List.of(settings));
    }

    private static Process start(String model, ProcessBuilder.Redirect output, List<String> settings)
            throws IOException {
        List<String> all = new ArrayList<>(settings);
        all.addAll(List.of(
                "train.dataset=" + directory.resolve("dataset"),
                "models.directory=" + directory.resolve("models"),
                "models.name=" + model,
                "train.batch-size=8"));
        return ConvoyProcess.start(directory, output, List.of("train"), all);
    }

    private static String refusal(String... settings) throws Exception {
        Process training = transfer("killed-child", ProcessBuilder.Redirect.PIPE, settings);
        String said = new String(training.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        assertThat(training.waitFor()).as(said).isEqualTo(2);
        return said;
    }

    private static String digest(String model) throws Exception {
        byte[] zip = Files.readAllBytes(version(model).resolve("model.zip"));
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(zip));
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

    /** Entries of a model's archive, one after another. */
    private static byte[] bytes(String model, String... entries) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipFile archive = new ZipFile(version(model).resolve("model.zip").toFile())) {
            for (String entry : entries) {
                try (InputStream content = archive.getInputStream(archive.getEntry(entry))) {
                    content.transferTo(bytes);
                }
            }
        }
        return bytes.toByteArray();
    }
}
