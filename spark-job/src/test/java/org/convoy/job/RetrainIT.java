package org.convoy.job;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.convoy.cli.JobCommand;
import org.convoy.data.Manifest;
import org.convoy.demo.DigitPainter;
import org.convoy.model.engine.NativeSettings;
import org.convoy.repository.ModelRepository;
import org.convoy.runtime.RunLock;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

import static org.assertj.core.api.Assertions.assertThat;

/** Nights of retraining, by the command that a scheduler runs. */
class RetrainIT {
    /** Classes of the made pictures, and how many of each a night brings. */
    private static final int DIGITS = 4;

    private static final int PER_DIGIT = 60;
    private static final JsonMapper JSON = new JsonMapper();

    @TempDir
    private Path directory;

    private record Ended(int code, String out, String error) {}

    @BeforeAll
    static void makeNativeSettings() {
        // Each command has a process of its own; here they share one, whose first task would load OpenCV too early.
        NativeSettings.ensureApplied();
    }

    @BeforeEach
    void oneNight() throws IOException {
        night(1, DIGITS, 0);
    }

    @Test
    void publishesKeepsBackSetsAsideAndTakesInWhatIsPutRight() throws Exception {
        Ended first = retrain();
        assertThat(first.error()).isEmpty();
        assertThat(first.code()).isZero();
        assertThat(first.out())
                .contains("digits@1 is published: there was no current version", "day=1, read 240 = written 240");
        assertThat(current()).isEqualTo("1");
        byte[] night1 = Files.readAllBytes(dataset().resolve("manifest.json"));

        Ended empty = retrain();
        assertThat(empty.code()).isZero();
        assertThat(empty.out())
                .contains("Nothing new in ", "digits@1 stays current")
                .doesNotContain("Training epoch");
        assertThat(versions()).containsExactly("1");

        ModelRepository repository =
                ModelRepository.at(new Configuration(), models().getParent().toString());
        try (RunLock held = repository.lock("digits", "training")) {
            held.requireHeld();
            Ended locked = retrain();
            assertThat(locked.code()).isEqualTo(5);
            assertThat(locked.error()).contains("training of digits, by ");
        }

        night(2, DIGITS, 1);
        Ended rehearsed = retrain("--dry-run");
        assertThat(rehearsed.code()).isEqualTo(4);
        assertThat(rehearsed.out()).contains("The candidate would be kept back", "nothing has changed");
        assertThat(Files.readAllBytes(dataset().resolve("manifest.json"))).isEqualTo(night1);
        assertThat(versions()).containsExactly("1");
        assertThat(models().getParent().toFile().list()).containsExactly("digits");

        Path told = directory.resolve("told");
        String hook = "retrain.hook=\"echo $CONVOY_OUTCOME $CONVOY_MODEL@$CONVOY_VERSION >> " + told + "; exit 3\"";
        Ended poisoned = retrain("--set", hook);
        assertThat(poisoned.code()).isEqualTo(4);
        assertThat(poisoned.out())
                .contains("digits@2 is kept back, for it fails ", "digits@1 stays current")
                .containsPattern("accuracy on earlier ones .* failed .*McNemar p (< 0\\.0001|= 0\\.0[0-4]\\d*); of ")
                .contains("Set aside, so that the next candidate is trained without: file:" + directory)
                .containsPattern("retrain.hook '.*' ended with code 3");
        assertThat(current()).isEqualTo("1");
        assertThat(Files.readString(told)).isEqualTo("kept-back digits@2\n");
        assertThat(Files.readAllBytes(dataset().resolve("manifest.json"))).isEqualTo(night1);
        assertThat(run("inspect", "dataset", dataset().toString(), "--verify").code())
                .as("no file of the night is left")
                .isZero();
        JsonNode report =
                JSON.readTree(models().resolve("versions/2/retrain.json").toFile());
        assertThat(report.path("outcome").asText()).isEqualTo("KEPT_BACK");
        JsonNode accuracy = report.path("gates").get(1);
        assertThat(accuracy.path("name").asText()).isEqualTo("accuracy on earlier ones");
        assertThat(accuracy.path("verdict").asText()).isEqualTo("FAILED");
        assertThat(accuracy.path("current").asDouble())
                .isGreaterThan(accuracy.path("candidate").asDouble());

        assertThat(retrain().out()).contains("Nothing new in ");

        night(2, DIGITS, 0);
        Ended corrected = retrain("--set", hook);
        assertThat(corrected.code()).isZero();
        assertThat(corrected.out()).contains("digits@3 is published: accuracy ");
        assertThat(current()).isEqualTo("3");
        assertThat(Files.readString(told)).isEqualTo("kept-back digits@2\npublished digits@3\n");
        Manifest manifest = manifest();
        assertThat(manifest.appended()).hasSize(1);
        assertThat(manifest.counts().written()).isEqualTo(2L * DIGITS * PER_DIGIT);
        assertThat(Files.readString(models().resolve("versions/3/model-card.json")))
                .contains("\"from\" : \"digits@1\"", "\"parentVersion\" : 1");
        List<String> outcomes = new ArrayList<>();
        for (String line : Files.readAllLines(models().resolve("METRICS.jsonl"))) {
            outcomes.add(JSON.readTree(line).path("outcome").asText());
        }
        assertThat(outcomes).containsExactly("published", "nothing-new", "kept-back", "nothing-new", "published");
        assertThat(models().resolve("retrain/cycle")).doesNotExist();
    }

    @Test
    @Tag("heavy")
    void classesThatAppearOrAreMissingAreRefusedUnlessTheyMayCome() throws Exception {
        assertThat(retrain().code()).isZero();
        byte[] night1 = Files.readAllBytes(dataset().resolve("manifest.json"));

        night(2, DIGITS - 1, 0);
        Ended missing = retrain();
        assertThat(missing.code()).isEqualTo(3);
        assertThat(missing.error()).contains("day=2] has no class '3', which the dataset has");
        night(2, DIGITS + 1, 0);
        Ended appeared = retrain();
        assertThat(appeared.code()).isEqualTo(3);
        assertThat(appeared.error()).contains("day=2] has a class '4' that the dataset lacks");
        assertThat(Files.readAllBytes(dataset().resolve("manifest.json"))).isEqualTo(night1);
        assertThat(current()).isEqualTo("1");

        Ended grown = retrain("--set", "retrain.appended-classes=any", "--set", "retrain.gates.class-mix-drift=1e9");
        assertThat(grown.error()).isEmpty();
        assertThat(grown.out()).contains("digits@2 is published", "recall of 4");
        assertThat(manifest().classes()).containsExactly("0", "1", "2", "3", "4");
        assertThat(current()).isEqualTo("2");
    }

    @Test
    @Tag("heavy")
    void aCurrentVersionThatCannotBeReadIsSaidAndPassedOverOnlyIfThatIsAskedFor() throws Exception {
        assertThat(retrain().code()).isZero();
        night(2, DIGITS, 0);
        assertThat(retrain(
                                "--set",
                                "retrain.candidates=[warm-start,from-scratch]",
                                "--set",
                                "retrain.gates.tolerance=1",
                                "--set",
                                "retrain.gates.significance=0")
                        .out())
                .contains("digits@2, warm-start: ", "digits@3, from-scratch: ")
                .containsPattern("digits@[23] is published");
        Path archive = models().resolve("versions/" + current() + "/model.zip");
        String broken = current();
        Files.delete(archive.resolveSibling(".model.zip.crc"));
        Files.writeString(archive, "no zip");
        night(3, DIGITS, 0);

        Ended refused = retrain();
        assertThat(refused.code()).isEqualTo(3);
        assertThat(refused.error())
                .contains("digits@" + broken + " is current and cannot be read: [")
                .contains("go on from the one before it with retrain.corrupt-current = predecessor");
        assertThat(current()).isEqualTo(broken);

        Ended passedOver = retrain("--set", "retrain.corrupt-current=predecessor");
        assertThat(passedOver.error()).isEmpty();
        assertThat(passedOver.out()).contains("cannot be read: [", "digits@1 is taken in its place");
        assertThat(passedOver.out()).containsPattern("accuracy [0-9.]+ after [0-9.]+ of digits@1");
        assertThat(current()).isEqualTo("4");
        assertThat(Files.readString(models().resolve("HISTORY.jsonl"))).contains("\"rollback\"");
    }

    /** Pictures of some digits; with {@code shift} each under another digit's name. */
    private void night(int day, int digits, int shift) throws IOException {
        DigitPainter painter = new DigitPainter(day);
        Path folder = directory.resolve("raw/day=" + day);
        if (Files.exists(folder)) {
            try (Stream<Path> old = Files.walk(folder)) {
                for (Path path : old.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(path);
                }
            }
        }
        for (int digit = 0; digit < digits; digit++) {
            Path named = Files.createDirectories(folder.resolve(Integer.toString((digit + shift) % digits)));
            for (int i = 0; i < PER_DIGIT; i++) {
                Files.write(named.resolve(digit + "-" + i + ".png"), painter.png(digit, i));
            }
        }
    }

    private Path dataset() {
        return directory.resolve("dataset");
    }

    private Path models() {
        return directory.resolve("models/digits");
    }

    private Manifest manifest() throws IOException {
        return Manifest.fromJson(Files.readAllBytes(dataset().resolve("manifest.json")));
    }

    private String current() throws IOException {
        return Files.readString(models().resolve("CURRENT")).strip();
    }

    private List<String> versions() throws IOException {
        try (Stream<Path> versions = Files.list(models().resolve("versions"))) {
            return versions.map(path -> path.getFileName().toString()).sorted().toList();
        }
    }

    private Ended retrain(String... arguments) throws Exception {
        List<String> all = new ArrayList<>(List.of("retrain"));
        for (String setting : List.of(
                "prepare.input=" + directory.resolve("raw") + "/day=*",
                "prepare.output=" + dataset(),
                "prepare.image.colour=grey",
                "prepare.image.height=28",
                "prepare.image.width=28",
                "prepare.split.validation-share=0",
                "prepare.split.test-share=0.3",
                "models.directory=" + directory.resolve("models"),
                "models.name=digits",
                "train.workers=2",
                "train.epochs=6",
                "train.batch-size=8",
                "train.averaging-period-batches=4",
                // What is measured on a handful of pictures and on a busy machine.
                "retrain.gates.tolerance=0.1",
                "retrain.gates.calibration-error=1",
                "retrain.gates.class-recall=0",
                "retrain.gates.prediction-drift=1e9",
                "retrain.gates.time-ratio=1e9")) {
            all.addAll(List.of("--set", setting));
        }
        all.addAll(List.of(arguments));
        return run(all.toArray(new String[0]));
    }

    private static Ended run(String... arguments) throws Exception {
        PrintStream before = System.out;
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        StringWriter error = new StringWriter();
        System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
        try {
            CommandLine commands = new CommandLine(new Convoy());
            commands.setErr(new PrintWriter(error, true));
            int code = JobCommand.prepared(commands).execute(arguments);
            return new Ended(code, out.toString(StandardCharsets.UTF_8), error.toString());
        } finally {
            System.setOut(before);
        }
    }
}
