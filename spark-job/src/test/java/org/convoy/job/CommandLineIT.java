package org.convoy.job;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.ZipFile;
import javax.imageio.ImageIO;
import org.convoy.cli.JobCommand;
import org.convoy.data.Manifest;
import org.convoy.data.Split;
import org.convoy.demo.DigitPainter;
import org.convoy.model.architecture.Architecture;
import org.convoy.model.engine.NativeSettings;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.factory.Nd4j;
import picocli.CommandLine;

import static org.assertj.core.api.Assertions.assertThat;

/** What a user reads and the exit code a scheduler sees, for what goes wrong most often. */
class CommandLineIT {
    @TempDir
    private static Path directory;

    private static Path pictures;
    private static Path dataset;

    private Path models;

    private record Ended(int code, String out, String error) {}

    @BeforeAll
    static void prepareADataset() throws Exception {
        // Each command has a process of its own; here they share one, whose first task would load OpenCV too early.
        NativeSettings.ensureApplied();
        pictures = directory.resolve("pictures");
        dataset = directory.resolve("dataset");
        DigitPainter.writeFolder(pictures, 12, 1);
        Ended prepared = prepare(pictures, dataset);
        assertThat(prepared.error()).isEmpty();
        assertThat(prepared.code()).isZero();
        assertThat(prepared.out()).contains("read 120 = written 120 + rejected 0 + duplicates 0");
    }

    @BeforeEach
    void freshRepository() throws Exception {
        models = Files.createTempDirectory(directory, "models");
    }

    @Test
    void trainsEvaluatesListsShowsAndPublishes() throws Exception {
        Ended trained = train("--set", "train.epochs=1");
        assertThat(trained.error()).isEmpty();
        assertThat(trained.out()).contains("dropped 0; 2 workers, 431080 parameters", "digits@1 is published");
        assertThat(train("--set", "train.epochs=1").out()).contains("digits@2 is not published");

        Ended evaluated = evaluate();
        assertThat(evaluated.error()).isEmpty();
        assertThat(evaluated.out())
                .contains("digits@2 on test", "calibration error", "confusion")
                .doesNotContain("views");
        Path evaluation = models.resolve("digits/versions/2/evaluation-test.json");
        assertThat(Files.readString(evaluation)).contains("\"testTimeAugmentation\" : \"none\"");

        Ended byViews = evaluate("--set", "evaluate.test-time-augmentation=shift");
        assertThat(byViews.out()).contains("each judged by several views: shift");
        assertThat(Files.readString(evaluation)).contains("\"testTimeAugmentation\" : \"shift\"");
        assertThat(lossLine(byViews)).isNotEqualTo(lossLine(evaluated));
        assertUsage(
                evaluate("--set", "evaluate.test-time-augmentation=crop"),
                "evaluate.test-time-augmentation must be one of none, mirror, shift, mirror-and-shift but was 'crop'");

        String repository = "models.directory=" + models;
        assertThat(run("models", "publish", "digits@2", "--set", repository).out())
                .contains("digits@2 is published");
        assertThat(run("models", "list", "--set", repository).out().lines())
                .anyMatch(line -> line.startsWith("digits@2") && line.endsWith("CURRENT"))
                .anyMatch(line -> line.startsWith("digits@1") && !line.endsWith("CURRENT"));
        assertThat(run("models", "diff", "digits@1", "digits@2", "--set", repository)
                        .out()
                        .lines())
                .first()
                .asString()
                .matches(" +digits@1 +digits@2");
        assertThat(run("models", "rollback", "digits", "--why", "2 is worse", "--set", repository)
                        .out())
                .contains("digits@1 is published again");
        Ended nowhere = run("models", "rollback", "digits", "--set", repository);
        assertThat(nowhere.code()).isEqualTo(3);
        assertThat(nowhere.error()).contains("digits] has nothing to roll back to: before version 1 no other");
        assertUsage(
                run("models", "prune", "digits", "--set", repository, "--set", "models.keep-versions=0"),
                "models.keep-versions must be 1 or more but was 0");
        assertThat(run("models", "prune", "digits", "--set", repository).out())
                .contains("digits: nothing to delete; there are [1, 2]");
        assertThat(run("models", "publish", "digits@2", "--set", repository).code())
                .isZero();
        assertThat(run("models", "list", "--set", repository).out().lines())
                .anyMatch(line -> line.startsWith("digits@1") && line.endsWith("(before it)"));
        assertThat(run("models", "show", "digits", "--set", repository).out())
                .containsPattern("rollback @1 by .+: 2 is worse");
        Path card = models.resolve("digits/versions/1/model-card.json");
        Files.delete(models.resolve("digits/versions/1/.model-card.json.crc"));
        Files.writeString(card, "{}");
        Ended broken = run("models", "list", "--set", repository);
        assertThat(broken.code()).isEqualTo(3);
        assertThat(broken.out().lines())
                .anyMatch(line -> line.startsWith("digits@1") && line.contains("cannot be read"))
                .anyMatch(line -> line.startsWith("digits@2") && line.endsWith("CURRENT"));
        assertThat(run("models", "show", "digits@CURRENT", "--set", repository).out())
                .contains("digits@2 in ", "lenet-5, 431080 parameters", "train.epochs = 1");
    }

    @Test
    void theDoctorFindsNothingWrongAndThenTrains() throws Exception {
        String[] settings = {
            "train.dataset=" + dataset,
            "models.directory=" + models,
            "train.workers=2",
            "train.batch-size=16",
            "train.epochs=1",
            "models.name=digits",
            "doctor.rehearsal-seconds=2"
        };
        Ended examined = run(with(new String[] {"doctor", "--then-train"}, settings));
        assertThat(examined.error()).isEmpty();
        assertThat(examined.code()).isZero();
        assertThat(examined.out())
                .containsPattern("ok      memory +lenet-5 \\(431,080 parameters\\) at batch 16, 2 at once")
                .containsPattern("(ok     |warning) rounds +a round of τ = ")
                .containsPattern("recommended +2 ")
                .doesNotContain("error  ")
                .contains("digits@1 is published");

        settings[settings.length - 1] = "doctor.rehearsal-seconds=0";
        Ended asJson = run(with(new String[] {"doctor", "--json"}, settings));
        assertThat(asJson.code()).isZero();
        assertThat(new ObjectMapper().readTree(asJson.out()).get("findings").findValuesAsText("check"))
                .contains("versions", "storage", "memory")
                .doesNotContain("rounds");
    }

    @Test
    void theDoctorEndsWith1WhenItFindsAnError() throws Exception {
        Path file = Files.writeString(directory.resolve("a-file"), "no directory");
        Ended examined = run("doctor", "--set", "models.directory=" + file.resolve("models"));
        assertThat(examined.code()).isEqualTo(1);
        assertThat(examined.out())
                .containsPattern("error   storage +\\[.*a-file/models\\] the driver cannot use it")
                .containsPattern("ok      training +none was named: give train.dataset")
                .contains("Why: ", "Do:  ", "1 error and 0 warnings; put the errors right before training.");
        assertUsage(
                run("doctor", "--set", "doctor.check-seconds=0"), "doctor.check-seconds must be at least 1 but was 0");
    }

    @Test
    void trainsAResidualNetworkWithWhatIsChosenOfIt() throws Exception {
        String[] narrow = {"--set", "model.architecture=resnet-9", "--set", "architecture.width-multiplier=0.0625"};
        Ended trained = train(with(narrow, "train.epochs=2", "train.recompute-batch-norm=true"));
        assertThat(trained.error()).isEmpty();
        assertThat(trained.out())
                .contains("dropped 0; 2 workers", "architecture.width-multiplier = 0.0625", "digits@1 is published");
        assertThat(Files.readString(models.resolve("digits/versions/1/model-card.json")))
                .contains("\"width-multiplier\" : \"0.0625\"");

        assertThat(evaluate().out()).contains("digits@1 on test");
        assertThat(run("inspect", "digits", "--set", "models.directory=" + models)
                        .out()
                        .lines())
                .anyMatch(line -> line.matches("layer1-sum +ElementWiseVertex +0  Convoy"))
                .anyMatch(line -> line.matches("layer3-res2-bn +BatchNormalization +128  Convoy"))
                .filteredOn(line -> line.contains("stock DL4J"))
                .singleElement()
                .matches(line -> line.startsWith("scores"));

        assertUsage(
                train(with(narrow, "train.master=dl4j-spark")),
                "train.master must be convoy for resnet-9, whose layers form a graph, but was dl4j-spark");
        assertUsage(
                train(with(narrow, "architecture.batch-norm=false")),
                "architecture.batch-norm must be default for resnet-9, which leaves no choice there, but was false");
    }

    @Test
    void trainsTheNetworkThatAFileDescribes() throws Exception {
        String[] example = fromFile(Path.of("..", "conf", "networks", "small-resnet.conf"));
        Ended trained = train(with(example, "train.epochs=1"));
        assertThat(trained.error()).isEmpty();
        assertThat(trained.out())
                .contains(
                        "dropped 0; 2 workers, 83162 parameters",
                        "model.architecture = \"file\"",
                        "digits@1 is published");

        assertThat(evaluate().out()).contains("digits@1 on test");
        assertThat(run("inspect", "digits", "--set", "models.directory=" + models)
                        .out())
                .contains("digits@1: small-resnet, input 1x28x28")
                .containsPattern("stage1-2-sum-conv1-bn +BatchNormalization +64  Convoy")
                .containsOnlyOnce("stock DL4J");
    }

    @Test
    void saysWhatIsWrongWithADescription() throws Exception {
        Path file = models.resolve("my-net.conf");
        Files.writeString(
                file,
                """
                name = mine
                layers = [
                  { name = conv1, type = convolution, filters = 4, kernal = 3 }
                  { name = scores, type = softmax }
                ]
                """);
        Ended misspelt = train(fromFile(file));
        assertThat(misspelt.error())
                .startsWith("convoy: [" + file
                        + "] layer conv1 has no key 'kernal'; did you mean 'kernel'? (there are name,");
        assertThat(misspelt.code()).isEqualTo(2);

        Files.writeString(file, Files.readString(file).replace("kernal = 3", "kernel = 3, stride = 2"));
        assertUsage(
                train(fromFile(file)),
                "[" + file + "] mine cannot read pictures of 1x28x28: layer conv1 is given 1x28x28, and"
                        + " out = (in + 2·padding − kernel) / stride + 1 = (28 + 2·0 − 3) / 2 + 1 = 13.5 is not whole;"
                        + " choose its rounding: down leaves the rest out, up covers it");

        Files.writeString(file, "name = mine, layers = [");
        assertThat(train(fromFile(file)).error()).startsWith("convoy: [" + file + "] is not valid HOCON: ");
        Path absent = models.resolve("absent.conf");
        assertUsage(
                train(fromFile(absent)),
                "[" + absent
                        + "] cannot be read as the network's description (architecture.file): there is no such file");
        Path absentUri = models.resolve("absent.conf").toAbsolutePath();
        assertThat(train(fromFile("file://" + absentUri)).error())
                .startsWith("convoy: [file://" + absentUri + "] cannot be read as the network's description");
        assertUsage(
                train("--set", "architecture.file=" + file),
                "model.architecture must be file with architecture.file = " + file + " but was 'lenet-5'");
        assertUsage(
                train("--set", "model.architecture=file"),
                "architecture.file must be given with model.architecture = file");
    }

    /** The file may have moved, and be written in another order; what it says must be the same. */
    @Test
    void anUnfinishedTrainingGoesOnWithTheSameDescriptionAlone() throws Exception {
        String description =
                """
                name = mine
                layers = [
                  { name = fc1, type = dense, units = 4, activation = relu }
                  { name = scores, type = softmax }
                ]
                """;
        Path first = Files.writeString(models.resolve("first.conf"), description);
        Path moved = Files.writeString(
                models.resolve("moved.conf"),
                description.replace("type = dense, units = 4", "units = 4 # few\n, type = dense"));
        Path changed = Files.writeString(models.resolve("changed.conf"), description.replace("units = 4", "units = 5"));
        assertThat(train(described(first)).code()).isEqualTo(1);

        Ended other = train(described(changed));
        assertThat(other.code()).isEqualTo(2);
        assertThat(other.error())
                .contains("is of an unfinished training that differs: the digest of the network's description was ");
        assertThat(train(described("file://" + moved.toAbsolutePath())).out())
                .contains("Resuming an unfinished training");
    }

    private static String[] described(Object file) {
        return warmUpToDivergence("model.architecture=file", "architecture.file=" + file);
    }

    /** The archive of a model that somebody has replaced. */
    @Test
    void refusesADamagedArchive() throws Exception {
        assertThat(train("--set", "train.epochs=1").code()).isZero();
        Path archive = models.resolve("digits/versions/1/model.zip");
        byte[] whole = Files.readAllBytes(archive);
        Files.delete(models.resolve("digits/versions/1/.model.zip.crc"));
        Files.write(archive, Arrays.copyOf(whole, whole.length / 2));

        for (Ended ended : List.of(evaluate(), run("inspect", "digits", "--set", "models.directory=" + models))) {
            assertThat(ended.error()).isEqualTo("convoy: [file:" + archive + "] is cut off\n");
            assertThat(ended.code()).isEqualTo(3);
        }
    }

    private static String[] fromFile(Object file) {
        return new String[] {"--set", "model.architecture=file", "--set", "architecture.file=" + file};
    }

    private static String[] with(String[] arguments, String... settings) {
        return Stream.concat(Stream.of(arguments), Stream.of(settings).flatMap(setting -> Stream.of("--set", setting)))
                .toArray(String[]::new);
    }

    @Test
    void trainsWithDl4jSparksOwnMasterAndCountsWhatItReallyTrained() {
        Ended trained = train(
                "--set", "train.epochs=1", "--set", "train.master=dl4j-spark", "--set", "train.class-weights=balanced");

        assertThat(trained.error()).isEmpty();
        assertThat(trained.out()).containsPattern("planned [0-9]+ examples, trained [0-9]+, dropped [0-9]+");
        assertThat(models.resolve("digits/versions/1/model.zip")).exists();
    }

    @Test
    void namesTheNearestKey() {
        Ended ended = train("--set", "train.epoch=1");

        assertThat(ended.code()).isEqualTo(2);
        assertThat(train("--set", "train.transforms.random-crop.pading-pixels=1")
                        .error())
                .startsWith(
                        "convoy: Unknown configuration key 'train.transforms.random-crop.pading-pixels'; did you mean"
                                + " 'train.transforms.random-crop.padding-pixels'?");
        assertThat(ended.error())
                .isEqualTo("convoy: Unknown configuration key 'train.epoch'; did you mean 'train.epochs'?"
                        + " (`bin/convoy COMMAND --help` lists the keys)\n");
    }

    @Test
    void refusesValuesOutOfRange() {
        assertUsage(train("--set", "train.epochs=0"), "train.epochs must be at least 1 but was 0");
        assertUsage(
                train("--set", "train.optimiser.learning-rate=-1"),
                "train.optimiser.learning-rate must be above 0 but was -1.0");
        assertUsage(
                train("--set", "model.architecture=resnet-9000"),
                "model.architecture must be one of " + Architecture.names()
                        + ", or file for the one that architecture.file describes, but was 'resnet-9000'");
        assertUsage(
                train("--set", "train.master=horovod"),
                "train.master must be one of [convoy, dl4j-spark] but was 'horovod'");
        assertUsage(
                train(
                        "--set",
                        "train.augmentation=[random-crop]",
                        "--set",
                        "train.transforms.random-crop.padding-pixels=28"),
                "train.transforms.random-crop.padding-pixels must be below the pictures' height and width (1x28x28) but was 28");
        assertUsage(train("--set", "train.epochs"), "--set must be key=value but was 'train.epochs'");
    }

    @Test
    void refusesMoreWorkersThanSlots() {
        assertUsage(
                train("--set", "train.workers=3"),
                "train.workers must be at most the cluster's task slots (2 on local[2]) but was 3");
    }

    @Test
    void refusesAMissingConfigurationFile() {
        assertUsage(run("train", "--conf", "missing.conf"), "[missing.conf] configuration file does not exist");
    }

    @Test
    void refusesADatasetThatIsNone() throws Exception {
        Path empty = Files.createDirectory(directory.resolve("no-dataset"));

        Ended ended = train("--set", "train.dataset=" + empty);

        assertThat(ended.code()).isEqualTo(3);
        assertThat(ended.error())
                .isEqualTo("convoy: [" + empty + "] is not a Convoy dataset: manifest.json is missing;"
                        + " give the output of `convoy prepare`\n");
        assertThat(models).isEmptyDirectory();
    }

    @Test
    void refusesADatasetThatDoesNotFitTheNetwork() {
        Path small = directory.resolve("small");
        assertThat(prepare(pictures, small, "--set", "prepare.image.height=8").code())
                .isZero();

        Ended ended = train("--set", "train.dataset=" + small);

        assertThat(ended.code()).isEqualTo(3);
        assertThat(ended.error())
                .isEqualTo("convoy: [" + small + "] does not fit the network: lenet-5 cannot read pictures of 1x8x28:"
                        + " layer conv2 needs at least 5x5 but is given 20x2x12\n");
    }

    @Test
    void refusesAModelThatDoesNotFitTheDataset() {
        assertThat(train("--set", "train.epochs=1").code()).isZero();
        Path wide = directory.resolve("wide");
        assertThat(prepare(pictures, wide, "--set", "prepare.image.width=32").code())
                .isZero();

        Ended ended = run(
                "evaluate",
                "--set",
                "evaluate.dataset=" + wide,
                "--set",
                "models.name=digits",
                "--set",
                "models.directory=" + models);

        assertThat(ended.code()).isEqualTo(3);
        assertThat(ended.error())
                .isEqualTo("convoy: [" + wide + "] has pictures of 1x28x32 but model digits@1 reads 1x28x28;"
                        + " prepare the dataset in the model's shape\n");
    }

    @Test
    void saysWhatDivergenceIsAndLeavesNoModel() {
        Ended ended = train("--set", "train.optimiser.learning-rate=1e20", "--set", "train.epochs=2");

        assertThat(ended.code()).isEqualTo(1);
        assertThat(ended.error()).contains("training diverged; lower train.optimiser.learning-rate (it was 1.0E20)");
        assertThat(models.resolve("digits/versions")).isEmptyDirectory();
    }

    @Test
    void goesBackToTheStartWithASmallerRateWhereThereIsNoCheckpoint() throws Exception {
        Ended ended = train(
                "--set", "train.optimiser.learning-rate=2e10",
                "--set", "train.divergence-retries=1",
                "--set", "train.divergence-rate-factor=1e-12",
                "--set", "train.batch-size=4",
                "--set", "train.epochs=2");

        assertThat(ended.error()).isEmpty();
        assertThat(ended.out())
                .contains("Training diverged in round 1 of epoch 1: went back to round 1 of epoch 1, learning rate 0.02"
                        + " instead of 2.0E10")
                .containsPattern("planned ([0-9]+) examples, trained \\1, dropped 0");
        assertThat(Files.readString(models.resolve("digits/versions/1/report.json")))
                .contains("\"rateFactor\" : 1.0E-12");
        assertThat(Files.readString(models.resolve("digits/versions/1/report.html")))
                .contains("went back to round 1");
    }

    @Test
    void goesBackToTheLastCheckpointAndToTheOneBeforeItWhereThatHoldsTheHarm() {
        // The warm-up's first step is of size 0, the second ruins the parameters; the third round's loss shows it.
        Ended ended = train(warmUpToDivergence("train.divergence-retries=2", "train.divergence-rate-factor=1e-6"));

        assertThat(ended.error()).isEmpty();
        assertThat(ended.out())
                .contains("Training diverged in round 3 of epoch 1: went back to round 3 of epoch 1")
                .contains("Training diverged in round 3 of epoch 1: went back to round 2 of epoch 1")
                .containsPattern("planned ([0-9]+) examples, trained \\1, dropped 0");
    }

    @Test
    void stopsAtADivergenceWhenTheRetriesAreUsedUpAndKeepsACheckpoint() {
        Ended ended = train(warmUpToDivergence("train.divergence-retries=1", "train.divergence-rate-factor=0.5"));

        assertThat(ended.code()).isEqualTo(1);
        assertThat(ended.out()).contains("learning rate 5.0E9 instead of 1.0E10");
        assertThat(ended.error())
                .contains("training diverged; lower train.optimiser.learning-rate (it was 5.0E9)")
                .hasLineCount(1);
        assertThat(models.resolve("digits/checkpoints")).isNotEmptyDirectory();
    }

    @Test
    void anUnfinishedTrainingIsNotTakenUpWithAnotherAugmentation() {
        assertThat(train(warmUpToDivergence("train.augmentation=[random-crop]")).code())
                .isEqualTo(1);

        Ended other = train(warmUpToDivergence("train.augmentation=[random-crop,mirror]"));

        assertThat(other.code()).isEqualTo(2);
        assertThat(other.error())
                .contains("train.augmentation was [\"random-crop\"] and is [\"random-crop\",\"mirror\"]");
        Ended same = train(warmUpToDivergence(
                "train.augmentation=[random-crop]", "train.transforms.random-crop.padding-pixels=3"));
        assertThat(same.error()).contains("train.transforms.random-crop.padding-pixels was 4 and is 3");
    }

    @Test
    void saysThatMirroredCharactersMayBeNone() throws Exception {
        Ended ended = train("--set", "train.epochs=1", "--set", "train.augmentation=[mirror]");

        assertThat(ended.error()).isEmpty();
        assertThat(ended.out())
                .contains("train.augmentation = [\"mirror\"]")
                .contains(
                        "Pictures are mirrored: if classes 0, 1, 2, 3, 4, 5, 6, 7, 8, 9 are characters, take mirror out");
        assertThat(Files.readString(models.resolve("digits/versions/1/model-card.json")))
                .contains("train.augmentation = [\\\"mirror\\\"]");
    }

    @Test
    void startsFromAnotherModelFreezesItAndSaysSo() throws Exception {
        assertThat(train("--set", "train.epochs=1").code()).isZero();
        String[] frozen = {
            "--set", "transfer.head=replace", "--set", "transfer.freeze=below-head", "--set", "train.epochs=1"
        };

        Ended child = train(with(frozen, "transfer.from=digits@1", "train.optimiser.layer-rates={fc=0.1,scores=2}"));
        assertThat(child.error()).isEmpty();
        assertThat(child.out())
                .contains(
                        "Starting from digits@1: 426,070 parameters frozen, pixels read by normalisation scale",
                        "431080 parameters, of which 5010 are trained and travel in a round");
        assertThat(Files.readString(models.resolve("digits/versions/2/model-card.json")))
                .contains("\"parentVersion\" : 1", "\"from\" : \"digits@1\"", "\"parameters\" : 431080");
        assertThat(run("models", "show", "digits@2", "--set", "models.directory=" + models)
                        .out())
                .containsPattern("comes from +digits@1, SHA-256 [0-9a-f]{64}");
        assertThat(evaluate().out()).contains("digits@2 on test");

        Path file = models.resolve("digits/versions/1/model.zip");
        assertThat(train(with(frozen, "transfer.from=" + file)).out()).contains("Starting from " + file);
        assertUsage(
                train("--set", "transfer.freeze=3"), "transfer.freeze must be none without transfer.from but was '3'");
        assertUsage(
                train("--set", "transfer.from=digits@1", "--set", "train.master=dl4j-spark"),
                "train.master must be convoy with transfer.from but was dl4j-spark");
        assertThat(train("--set", "transfer.from=digits@1", "--set", "transfer.freeze=conv9")
                        .error())
                .startsWith("convoy: transfer.freeze must be none, below-head, a number up to ")
                .hasLineCount(1);
        assertThat(train("--set", "train.optimiser.layer-rates.conv9=1").error())
                .startsWith("convoy: train.optimiser.layer-rates.conv9 must be how a layer's name begins; there are [");
        Ended missing = train("--set", "transfer.from=/nowhere/model.zip");
        assertThat(missing.code()).isEqualTo(3);
        assertThat(missing.error()).isEqualTo("convoy: [/nowhere/model.zip] transfer.from does not exist\n");
    }

    /** The batches are the same, and the features but for the last bits: so are the parameters, to 1e-4 of the largest. */
    @Test
    void trainsAHeadOnFeaturesThatAreComputedOnce() throws Exception {
        assertThat(train("--set", "train.epochs=1").code()).isZero();
        String[] frozen = {"--set", "transfer.from=digits@1", "--set", "transfer.head=replace"};
        Path shared = models.resolve("shared");
        String[] cached = with(frozen, "transfer.freeze=below-head", "train.epochs=2", "transfer.features=" + shared);

        Ended whole = train(with(frozen, "transfer.freeze=below-head", "train.epochs=2", "transfer.features=none"));
        Ended first = train(cached);
        Ended second = train(cached);

        assertThat(whole.error() + first.error() + second.error()).isEmpty();
        assertThat(whole.out()).doesNotContain("eatures in");
        assertThat(first.out()).containsPattern("Computing features .* [0-9]+ rows of 2000 bytes in ");
        assertThat(second.out())
                .contains("Training the head on the features in ")
                .doesNotContain("Computing features");
        float[] parameters = parameters("digits", 2);
        assertThat(largestDifference(parameters("digits", 3), parameters)).isLessThan(1e-4f);
        assertThat(parameters("digits", 4)).isEqualTo(parameters("digits", 3));
        assertThat(largestDifference(parameters("digits", 1), parameters)).isGreaterThan(1e-2f);
        assertThat(evaluate().out()).contains("digits@4 on test");

        try (Stream<Path> caches = Files.list(shared)) {
            Path cache = caches.filter(Files::isDirectory).findFirst().orElseThrow();
            Files.delete(cache.resolve("manifest.json"));
        }
        assertThat(train(cached).out()).contains("Computing features");
        assertThat(train(with(cached, "train.augmentation=[random-crop]")).out())
                .contains("Features are not cached: train.augmentation makes others in each epoch");
        assertThat(train(with(frozen, "transfer.freeze=below-head", "train.epochs=1"))
                        .error())
                .isEmpty();
        assertThat(models.resolve("digits/features")).isNotEmptyDirectory();
        assertThat(run("models", "list", "--set", "models.directory=" + models).code())
                .isZero();
    }

    private float[] parameters(String model, int version) throws Exception {
        try (ZipFile archive = new ZipFile(models.resolve(model + "/versions/" + version + "/model.zip")
                        .toFile());
                DataInputStream values =
                        new DataInputStream(archive.getInputStream(archive.getEntry("coefficients.bin")))) {
            return Nd4j.read(values).toFloatVector();
        }
    }

    private static float largestDifference(float[] a, float[] b) {
        float largest = 0;
        for (int i = 0; i < a.length; i++) {
            largest = Math.max(largest, Math.abs(a[i] - b[i]));
        }
        return largest;
    }

    @Test
    void evaluatesSeveralVersionsAsOne() {
        assertThat(train("--set", "train.epochs=1").code()).isZero();
        assertThat(train("--set", "train.epochs=1", "--set", "train.seed=2").code())
                .isZero();
        String repository = "models.directory=" + models;

        Ended joined = run("models", "ensemble", "both", "digits@1", "digits@2", "--set", repository);

        assertThat(joined.error()).isEmpty();
        assertThat(joined.out()).isEqualTo("both@1 is the mean of digits@1, digits@2; it is published\n");
        assertThat(evaluate("--set", "evaluate.model=both").out()).contains("both@1 on test");
        assertThat(run("models", "show", "both", "--set", repository).out())
                .contains("ensemble, 862160 parameters")
                .containsPattern("comes from +digits@2");
        Ended none = run("models", "ensemble", "both", "digits@1", "nobody", "--set", repository);
        assertThat(none.code()).isEqualTo(3);
        assertThat(none.error()).contains("has no model 'nobody'");
    }

    private static String[] warmUpToDivergence(String... settings) {
        List<String> args = new ArrayList<>();
        Stream.concat(
                        Stream.of(
                                "train.optimiser.learning-rate=1e10",
                                "train.optimiser.schedule.warm-up=0.9",
                                "train.batch-size=4",
                                "train.averaging-period-batches=1",
                                "train.checkpoint-every-rounds=1",
                                "train.epochs=2"),
                        Stream.of(settings))
                .forEach(setting -> args.addAll(List.of("--set", setting)));
        return args.toArray(String[]::new);
    }

    @Test
    void endsWhenTheValidationSplitShowsNoImprovement() throws Exception {
        Ended ended = train(
                "--set", "train.epochs=9",
                "--set", "train.early-stopping.metric=macro-f1",
                "--set", "train.early-stopping.patience-epochs=2",
                "--set", "train.early-stopping.minimum-change=1",
                "--set", "train.class-weights=balanced",
                "--set", "train.parameter-average-decay=0.5");

        assertThat(ended.error()).isEmpty();
        String reason = "after epoch 3 of 9: validation macro-f1 has not improved by more than 1.0 for 2 epochs";
        assertThat(ended.out()).contains("Stopped early " + reason, "stopped early " + reason);
        assertThat(ended.out()).containsPattern("planned ([0-9]+) examples, trained \\1, dropped 0");
        assertThat(Files.readString(models.resolve("digits/versions/1/report.html")))
                .contains(reason, "Validation macro-f1");
        assertThat(models.resolve("digits/checkpoints")).doesNotExist();
    }

    @Test
    void refusesMissingInputAndAnOutputThatExists() {
        Ended missing = prepare(directory.resolve("nowhere"), directory.resolve("never"));
        assertThat(missing.code()).isEqualTo(3);
        assertThat(missing.error())
                .isEqualTo("convoy: [file:" + directory.resolve("nowhere") + "] input does not exist\n");
        assertThat(directory.resolve("never")).doesNotExist();

        Ended exists = prepare(pictures, dataset);
        assertThat(exists.code()).isEqualTo(2);
        assertThat(exists.error()).contains("--overwrite");
        assertThat(prepare(pictures, dataset, "--overwrite").code()).isZero();
    }

    @Test
    void inspectsADatasetDrawsItAndVerifiesIt() throws Exception {
        Path broken = directory.resolve("broken-picture");
        DigitPainter.writeFolder(broken, 12, 2);
        Files.write(broken.resolve("3/empty.png"), new byte[0]);
        Path inspected = directory.resolve("inspected");
        assertThat(prepare(broken, inspected).code()).isZero();

        Ended shown = run("inspect", "dataset", inspected.toString());
        assertThat(shown.error()).isEmpty();
        assertThat(shown.out())
                .contains(
                        "1x28x28 grey (C x H x W, unsigned bytes), 120 pictures, 10 classes",
                        "id binary (STRING), label int32, pixels binary, source_width int32",
                        "read 121 = written 120 + rejected 1 + duplicates 0",
                        "empty-file 1",
                        "for example 3/empty.png (0 bytes): empty-file, 0 bytes")
                .doesNotContain("Spark on");

        Path sheet = directory.resolve("sheet.png");
        Ended whole = run("inspect", "dataset", inspected.toString(), "--sheet", sheet.toString(), "--verify");
        assertThat(whole.error()).isEmpty();
        assertThat(whole.code()).isZero();
        assertThat(whole.out()).contains("contact sheet file:" + sheet, "verified");
        BufferedImage drawn = ImageIO.read(sheet.toFile());
        assertThat(drawn.getHeight()).as("ten rows of 56 pixels and more").isBetween(700, 900);
        assertThat(sheet.resolveSibling(".sheet.png.crc")).doesNotExist();

        Files.delete(inspected.resolve("split=test/part-00000.parquet"));
        Files.writeString(inspected.resolve("stray.txt"), "x");
        Ended damaged = run("inspect", "dataset", inspected.toString(), "--verify");
        assertThat(damaged.code()).isEqualTo(3);
        assertThat(damaged.out())
                .contains("[split=test/part-00000.parquet] is missing\n", "[stray.txt] is not in the manifest\n");
        assertThat(damaged.error())
                .isEqualTo("convoy: [" + inspected
                        + "] is not what its manifest says: 2 files are damaged, missing or additional, as listed"
                        + " above\n");
    }

    @Test
    void drawsPicturesAsTrainingWouldSeeThem() throws Exception {
        Path sheet = directory.resolve("augmented.png");
        Ended drawn = run(
                "inspect",
                "dataset",
                dataset.toString(),
                "--augmented",
                sheet.toString(),
                "--set",
                "train.augmentation=[rotation,mixup]");

        assertThat(drawn.error()).isEmpty();
        assertThat(drawn.out()).contains("augmented     file:" + sheet);
        assertThat(ImageIO.read(sheet.toFile()).getWidth())
                .as("a name and twelve pictures of 56 pixels")
                .isBetween(900, 1000);
        assertUsage(
                run("inspect", "dataset", dataset.toString(), "--augmented", sheet.toString()),
                "--augmented needs transforms: name them in train.augmentation, by --conf or --set");
        assertUsage(
                run(
                        "inspect",
                        "dataset",
                        dataset.toString(),
                        "--augmented",
                        sheet.toString(),
                        "--set",
                        "train.augmentation=[hue]"),
                "train.augmentation has hue, which is for colour pictures, but the dataset has 1x28x28");
    }

    @Test
    void trainsOnWhitenedPicturesAndEvaluatesThemTheSameWay() {
        Path whole = directory.resolve("with-covariance");
        assertThat(prepare(pictures, whole, "--set", "prepare.statistics=covariance")
                        .code())
                .isZero();
        String[] settings = {
            "--set", "train.dataset=" + whole, "--set", "model.normalisation=zca", "--set", "train.epochs=6"
        };

        Ended trained = train(settings);

        assertThat(trained.error()).isEmpty();
        String best = trained.out()
                .lines()
                .filter(line -> line.endsWith("kept"))
                .findFirst()
                .orElseThrow();
        String validation = best.replaceAll(" *\\d+ +\\d+ +[0-9.]+ +([0-9.]+ %).*", "$1");
        Ended evaluated = evaluate("--set", "evaluate.split=validation", "--set", "evaluate.dataset=" + whole);
        assertThat(evaluated.out()).containsPattern("accuracy +" + validation);
        Ended lacking = train("--set", "model.normalisation=zca");
        assertThat(lacking.code()).isEqualTo(3);
        assertThat(lacking.error())
                .isEqualTo(
                        "convoy: [" + dataset + "] does not fit the network: model.normalisation = zca is made of the"
                                + " dataset's covariance, which it lacks: prepare it with prepare.statistics = covariance\n");
    }

    @Test
    void bringsRareClassesAsOftenAsTheOthers() throws Exception {
        Path unlike = directory.resolve("unlike");
        DigitPainter.writeFolder(unlike, 30, 3);
        try (Stream<Path> sevens = Files.list(unlike.resolve("7"))) {
            for (Path seven : sevens.sorted().skip(8).toList()) {
                Files.delete(seven);
            }
        }
        Path prepared = directory.resolve("unlike-dataset");
        assertThat(prepare(unlike, prepared).code()).isZero();

        Ended trained = train(
                "--set",
                "train.dataset=" + prepared,
                "--set",
                "train.oversampling=balanced",
                "--set",
                "train.epochs=2");

        assertThat(trained.error()).isEmpty();
        long largest = rowsOfLargestClass(prepared);
        assertThat(trained.out())
                .contains("planned " + 2 * 10 * largest + " examples, trained " + 2 * 10 * largest + ", dropped 0");
        assertUsage(
                train("--set", "train.oversampling=balanced", "--set", "train.class-weights=balanced"),
                "train.class-weights must be none with train.oversampling = balanced, which makes up for rare classes"
                        + " already");
    }

    @Test
    void appendsToADataset() throws Exception {
        Path more = directory.resolve("more-pictures");
        Path grown = directory.resolve("grown");
        DigitPainter.writeFolder(more, 6, 3);
        assertThat(prepare(pictures, grown).code()).isZero();

        assertUsage(prepare(more, grown, "--append", "--overwrite"), "prepare takes --overwrite or --append, not both");
        Ended appended = prepare(more, grown, "--append");

        assertThat(appended.error()).isEmpty();
        assertThat(appended.out())
                .contains(
                        "read 180 = written 180 + rejected 0 + duplicates 0",
                        "appended: read 60 = written 60 + rejected 0 + duplicates 0");
        assertThat(run("inspect", "dataset", grown.toString(), "--near-duplicates", "--verify")
                        .out())
                .contains("appended      60 of 60 pictures from " + more, "near-duplicates ", "verified");
    }

    @Test
    void inspectNeedsAModelOrADataset() {
        assertUsage(run("inspect"), "inspect needs a MODEL, or the word dataset and its DIR");
        assertThat(run("inspect", "dataset").code()).isEqualTo(2);
    }

    @Test
    void helpListsEveryCommandAndEveryKey() {
        assertThat(run("help").out()).contains("demo", "prepare", "train", "evaluate", "retrain", "models");
        assertThat(run("train", "--help").out())
                .contains("--conf", "--set", "Exit codes", "train.averaging-period-batches = 16", "models.directory");
        assertThat(run("tran").code()).isEqualTo(2);
    }

    private static Ended prepare(Path input, Path output, String... more) {
        return run(Stream.concat(
                        Stream.of(
                                "prepare",
                                "--set",
                                "prepare.input=" + input,
                                "--set",
                                "prepare.output=" + output,
                                "--set",
                                "prepare.image.colour=grey",
                                "--set",
                                "prepare.image.height=28",
                                "--set",
                                "prepare.image.width=28"),
                        List.of(more).stream())
                .toArray(String[]::new));
    }

    private Ended evaluate(String... more) {
        return run(Stream.concat(
                        Stream.of(
                                "evaluate",
                                "--set",
                                "evaluate.dataset=" + dataset,
                                "--set",
                                "models.directory=" + models,
                                "--set",
                                "models.name=digits"),
                        List.of(more).stream())
                .toArray(String[]::new));
    }

    private static long rowsOfLargestClass(Path dataset) throws Exception {
        return Manifest.fromJson(Files.readAllBytes(dataset.resolve(Manifest.FILE_NAME)))
                .split(Split.TRAIN)
                .rowsPerClass()
                .stream()
                .mapToLong(rows -> rows)
                .max()
                .orElseThrow();
    }

    private static String lossLine(Ended evaluated) {
        return evaluated
                .out()
                .lines()
                .filter(line -> line.startsWith("loss "))
                .findFirst()
                .orElseThrow();
    }

    private Ended train(String... more) {
        return run(Stream.concat(
                        Stream.of(
                                "train",
                                "--set",
                                "train.dataset=" + dataset,
                                "--set",
                                "models.directory=" + models,
                                "--set",
                                "models.name=digits"),
                        List.of(more).stream())
                .toArray(String[]::new));
    }

    private static Ended run(String... args) {
        System.setProperty("spark.master", "local[2]");
        System.setProperty("spark.ui.enabled", "false");
        PrintStream console = System.out;
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        StringWriter error = new StringWriter();
        System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
        try {
            CommandLine commands = JobCommand.prepared(new CommandLine(new Convoy()));
            commands.setOut(new PrintWriter(new java.io.OutputStreamWriter(out, StandardCharsets.UTF_8), true));
            commands.setErr(new PrintWriter(error, true));
            int code = commands.execute(args);
            return new Ended(code, out.toString(StandardCharsets.UTF_8), error.toString());
        } finally {
            System.setOut(console);
        }
    }

    private static void assertUsage(Ended ended, String message) {
        assertThat(ended.error()).isEqualTo("convoy: " + message + "\n");
        assertThat(ended.code()).isEqualTo(2);
    }
}
