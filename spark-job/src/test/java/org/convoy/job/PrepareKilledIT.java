package org.convoy.job;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.convoy.demo.DigitPainter;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/** Preparing in a process of its own that is killed with -9 at points drawn from a seed, and started again. */
@Tag("heavy")
class PrepareKilledIT {
    @TempDir
    private Path directory;

    private final Random random = new Random(20);

    @BeforeEach
    void paintPictures() throws IOException {
        DigitPainter.writeFolder(directory.resolve("pictures"), 60, 1);
    }

    @Test
    void leavesNothingThatLooksWholeAndThenTheSameDataset() throws Exception {
        long start = System.nanoTime();
        finish();
        long wholeMillis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
        byte[] undisturbed = manifest();
        int killed = 0;

        deleteOutput();
        for (int i = 0; i < 6; i++) {
            Process preparing = start();
            if (i < 3) {
                preparing.waitFor((long) (wholeMillis * (0.3 + 0.6 * random.nextDouble())), TimeUnit.MILLISECONDS);
            } else {
                await(preparing, "");
                preparing.waitFor(random.nextInt(1500), TimeUnit.MILLISECONDS);
            }
            preparing.destroyForcibly().waitFor();
            if (Files.exists(output())) {
                // It was done already.
                assertThat(manifest()).isEqualTo(undisturbed);
                deleteOutput();
            } else {
                killed++;
            }
        }
        finish();

        assertThat(killed).isPositive();
        assertThat(manifest()).isEqualTo(undisturbed);
        assertThat(directory.toFile().list()).containsExactlyInAnyOrder("pictures", "dataset");
    }

    @Test
    void replacesADatasetWhollyOrNotAtAll() throws Exception {
        finish();
        byte[] old = manifest();
        DigitPainter.writeFolder(directory.resolve("pictures"), 61, 2);
        List<byte[]> seen = new ArrayList<>();

        for (int i = 0; i < 3; i++) {
            Process preparing = start("--overwrite");
            await(preparing, "manifest.json");
            TimeUnit.MICROSECONDS.sleep(random.nextInt(3000));
            preparing.destroyForcibly().waitFor();
            if (Files.exists(output())) {
                seen.add(manifest());
            }
        }
        finish("--overwrite");

        byte[] renewed = manifest();
        assertThat(renewed).isNotEqualTo(old);
        assertThat(seen).allMatch(manifest -> Arrays.equals(manifest, old) || Arrays.equals(manifest, renewed));
        assertThat(directory.toFile().list()).containsExactlyInAnyOrder("pictures", "dataset");
    }

    private void finish(String... options) throws Exception {
        Process preparing = start(options);
        String said = new String(preparing.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(preparing.waitFor()).as(said).isZero();
        assertThat(said).doesNotContain("belongs to another run");
    }

    private Process start(String... options) throws IOException {
        List<String> arguments = new ArrayList<>(List.of("prepare"));
        arguments.addAll(List.of(options));
        return ConvoyProcess.start(
                directory,
                ProcessBuilder.Redirect.PIPE,
                arguments,
                List.of(
                        "prepare.input=" + directory.resolve("pictures"),
                        "prepare.output=" + output(),
                        "prepare.image.height=28",
                        "prepare.image.width=28"));
    }

    /** Waits until {@code name} is in a hidden directory of a running preparation; "" for the directory itself. */
    private void await(Process preparing, String name) throws IOException, InterruptedException {
        List<Path> before = hidden();
        long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(2);
        while (System.nanoTime() < deadline && preparing.isAlive()) {
            for (Path path : hidden()) {
                if (!before.contains(path) && Files.exists(path.resolve(name))) {
                    return;
                }
            }
            Thread.sleep(1);
        }
        throw new AssertionError("nothing was written; the preparation "
                + (preparing.isAlive() ? "still runs" : "ended with code " + preparing.exitValue()));
    }

    private List<Path> hidden() throws IOException {
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.filter(path -> path.getFileName().toString().startsWith("."))
                    .toList();
        }
    }

    private Path output() {
        return directory.resolve("dataset");
    }

    private byte[] manifest() throws IOException {
        return Files.readAllBytes(output().resolve("manifest.json"));
    }

    private void deleteOutput() throws IOException {
        try (Stream<Path> paths = Files.walk(output())) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
