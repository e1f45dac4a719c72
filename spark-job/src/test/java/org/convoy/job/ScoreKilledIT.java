package org.convoy.job;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.convoy.demo.DigitPainter;
import org.convoy.score.SmallModel;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/** Scoring in processes of their own: killed with -9 and started again, and two at once. */
@Tag("heavy")
class ScoreKilledIT {
    /** Enough for 20 units, of which each of 8 tasks takes some. */
    private static final int PICTURES = 5120;

    @TempDir
    private static Path directory;

    private static final Set<String> IDS = new TreeSet<>();

    @BeforeAll
    static void paintPictures() throws IOException {
        DigitPainter.writeFolder(directory.resolve("pictures"), PICTURES / 10, 1);
        Files.write(
                directory.resolve("model.zip"),
                SmallModel.of(10, 7, SmallModel.PREPARATION).zip());
        try (Stream<Path> files = Files.walk(directory.resolve("pictures"))) {
            files.filter(Files::isRegularFile)
                    .forEach(file -> IDS.add(
                            directory.resolve("pictures").relativize(file).toString()));
        }
        assertThat(IDS).hasSize(PICTURES);
    }

    @Test
    void aDriverThatIsKilledAgainAndAgainLosesNoPictureAndAnswersForNoneTwice() throws Exception {
        Random random = new Random(3);
        int killed = 0;
        for (int wanted = 1; wanted <= 15; wanted += 7) {
            int files = wanted;
            Process scoring = start("killed", ProcessBuilder.Redirect.DISCARD);
            await(scoring, () -> parts("killed") >= files);
            TimeUnit.MICROSECONDS.sleep(random.nextInt(20_000));
            scoring.destroyForcibly().waitFor();
            killed += Files.exists(output("killed").resolve("_manifest.json")) ? 0 : 1;
        }
        assertThat(killed).as("killed before it was done").isPositive();
        boolean done = Files.exists(output("killed").resolve("_manifest.json"));
        int left = parts("killed");

        String said = finish("killed");

        assertThat(said).contains(done ? "is scored already" : "Going on: " + left + " of ");
        assertEachPictureOnce("killed");
        assertThat(output("killed").toFile().list((where, name) -> name.startsWith("_attempts")))
                .isEmpty();
    }

    /** The first one is stopped in mid-work, so that the second one finds it however fast the machine is. */
    @Test
    void ofTwoRunsAtOnceOneWorksAndTheOtherSaysSo() throws Exception {
        Process first = start("shared", ProcessBuilder.Redirect.DISCARD);
        await(first, () -> Files.exists(output("shared").resolve("_plan.json")));
        signal(first, "-STOP");

        Process second = start("shared", ProcessBuilder.Redirect.PIPE);
        String refused = said(second);

        assertThat(second.waitFor()).as(refused).isEqualTo(5);
        assertThat(refused).contains("another run holds the lock: scoring of " + directory.resolve("pictures"));
        signal(first, "-CONT");
        assertThat(first.waitFor()).isZero();
        assertEachPictureOnce("shared");
        assertThat(finish("shared")).contains("is scored already");
    }

    private static void signal(Process process, String signal) throws Exception {
        assertThat(new ProcessBuilder("kill", signal, String.valueOf(process.pid()))
                        .start()
                        .waitFor())
                .isZero();
    }

    private static void assertEachPictureOnce(String output) throws IOException {
        List<String> ids = new ArrayList<>();
        try (Stream<Path> files = Files.list(output(output))) {
            for (Path file : files.filter(path -> path.getFileName().toString().startsWith("part-"))
                    .toList()) {
                for (String line : Files.readAllLines(file)) {
                    ids.add(line.replaceFirst("^\\{\"id\":\"([^\"]*)\".*$", "$1"));
                }
            }
        }
        assertThat(ids).hasSize(PICTURES);
        assertThat(new TreeSet<>(ids)).isEqualTo(IDS);
        assertThat(Files.readString(output(output).resolve("_manifest.json")))
                .contains("\"picturesIn\" : " + PICTURES, "\"rowsOut\" : " + PICTURES);
    }

    private static String finish(String output) throws Exception {
        Process scoring = start(output, ProcessBuilder.Redirect.PIPE);
        String said = said(scoring);
        assertThat(scoring.waitFor()).as(said).isZero();
        return said;
    }

    private static String said(Process process) throws IOException {
        return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }

    private static Process start(String output, ProcessBuilder.Redirect said) throws IOException {
        return ConvoyProcess.start(
                directory,
                said,
                List.of("score"),
                List.of(
                        "score.input=" + directory.resolve("pictures"),
                        "score.output=" + output(output),
                        "score.model=" + directory.resolve("model.zip"),
                        "score.format=json"));
    }

    private static void await(Process scoring, BooleanSupplier reached) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(3);
        while (!reached.getAsBoolean()) {
            assertThat(scoring.isAlive()).as("scoring runs").isTrue();
            assertThat(System.nanoTime()).as("waited for scoring").isLessThan(deadline);
            Thread.sleep(2);
        }
    }

    private static int parts(String output) {
        String[] names = output(output).toFile().list((where, name) -> name.startsWith("part-"));
        return names == null ? 0 : names.length;
    }

    private static Path output(String output) {
        return directory.resolve(output);
    }
}
