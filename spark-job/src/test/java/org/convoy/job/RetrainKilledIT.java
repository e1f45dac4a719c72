package org.convoy.job;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.FileUtil;
import org.apache.hadoop.hdfs.MiniDFSCluster;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.core.config.Configurator;
import org.convoy.data.PreparedDataset;
import org.convoy.demo.DigitPainter;
import org.convoy.repository.ModelRepository;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/** Retraining in processes of their own, on a real HDFS, that are killed with -9 after each step and started again. */
@Tag("heavy")
class RetrainKilledIT {
    private static final int PER_DIGIT = 30;

    /** Where each process is killed: what has appeared by then, below the model's directory. */
    private static final List<String> KILLED_AT = List.of(
            "locks/run",
            "retrain/cycle/find.json",
            "retrain/cycle/prepare.json",
            "checkpoints/epoch-*",
            "retrain/cycle/train.json",
            "retrain/cycle/evaluate.json",
            "retrain/cycle/judge.json",
            "retrain/cycle/report.json",
            "retrain/cycle/decide.json",
            "retrain/cycle/metrics.json",
            "retrain/cycle/hook.json",
            "retrain/cycle/remember.json");

    /** What a process says when it does a step's work, by what must have appeared for it to be said no more. */
    private static final Map<String, String> WORK = new LinkedHashMap<>(Map.of(
            "retrain/cycle/find.json", "Looking for new data",
            "retrain/cycle/prepare.json", "Decoding pictures",
            "retrain/cycle/train.json", "Training epoch",
            "retrain/cycle/evaluate.json", "Comparing both models",
            "retrain/cycle/hook.json", "Running the hook"));

    @TempDir
    private static Path local;

    private static MiniDFSCluster hdfs;
    private static FileSystem files;
    private static String root;

    @BeforeAll
    static void startHdfsAndTrainTheFirstNight() throws Exception {
        Configurator.setLevel("org.apache.hadoop", Level.OFF);
        Configuration hadoop = new Configuration();
        // A client looks again after so long whether a file's last block has arrived, and here come hundreds of small
        // files.
        hadoop.setInt("dfs.client.block.write.locateFollowingBlock.initial.delay.ms", 5);
        hadoop.set(MiniDFSCluster.HDFS_MINIDFS_BASEDIR, local.resolve("hdfs").toString());
        hdfs = new MiniDFSCluster.Builder(hadoop).numDataNodes(1).build();
        hdfs.waitActive();
        files = hdfs.getFileSystem();
        root = "hdfs://127.0.0.1:" + hdfs.getNameNodePort();
        night(1);
        assertThat(retrain("killed", "first").waitFor()).as(said("first")).isZero();
        night(2);
        FileUtil.copy(files, path("killed"), files, path("whole"), false, hadoop);
    }

    @AfterAll
    static void stopHdfs() {
        if (hdfs != null) {
            hdfs.shutdown(true);
        }
    }

    @Test
    void aCycleThatIsKilledAfterEachStepEndsAsIfItHadNotBeen() throws Exception {
        assertThat(retrain("whole", "whole").waitFor()).as(said("whole")).isZero();

        List<String> finished = new ArrayList<>();
        for (int i = 0; i < KILLED_AT.size(); i++) {
            String log = "killed-" + i;
            Process cycle = retrain("killed", log);
            await(KILLED_AT.get(i), cycle, log);
            cycle.destroyForcibly().waitFor();
            assertThat(cycle.exitValue()).as("killed with -9").isEqualTo(128 + 9);
            requireWhole();
            requireNotDoneAgain(finished, log);
            finished.add(KILLED_AT.get(i));
        }
        // After the last step a process has so little left to do that it may be through before it is killed.
        boolean through = !files.exists(path("killed/models/digits/retrain/cycle/cycle.json"));
        Process last = retrain("killed", "last");
        assertThat(last.waitFor()).as(said("last")).isZero();
        if (through) {
            assertThat(said("last")).contains("Nothing new in ");
        } else {
            requireNotDoneAgain(finished, "last");
            assertThat(said("last")).contains("digits@2 is published: accuracy ");
        }

        assertThat(said("killed-4")).contains("Going on with the retraining of ", "Resuming an unfinished training");
        ModelRepository repository = repository("killed");
        assertThat(repository.versions("digits")).containsExactly(1, 2);
        assertThat(repository.current("digits")).contains(2);
        assertThat(parameters("killed")).isEqualTo(parameters("whole"));
        assertThat(repository.history("digits")).hasSize(2);
        assertThat(repository.metrics("digits"))
                .as("a line per cycle, and one of a run that found nothing new")
                .hasSize(through ? 3 : 2);
        assertThat(repository.metrics("digits").get(1)).contains("\"published\"");
        assertThat(Files.readString(local.resolve("told-killed"))).isEqualTo("published 1\npublished 2\n");
        PreparedDataset dataset = dataset("killed");
        assertThat(dataset.manifest().appended()).hasSize(1);
        assertThat(dataset.manifest().splits())
                .isEqualTo(dataset("whole").manifest().splits());
        for (String gone : List.of("retrain/cycle", "checkpoints")) {
            assertThat(files.exists(path("killed/models/digits/" + gone)))
                    .as(gone)
                    .isFalse();
        }
        assertThat(files.listStatus(path("killed"))).as("nothing is left aside").hasSize(2);

        assertThat(retrain("killed", "after").waitFor()).as(said("after")).isZero();
        assertThat(said("after")).contains("Nothing new in ");
    }

    private static void requireWhole() throws IOException {
        ModelRepository repository = repository("killed");
        int current = repository.current("digits").orElseThrow();
        assertThat(repository.archive("digits", current).classifier()).isNotNull();
        for (int version : repository.versions("digits")) {
            assertThat(repository.archive("digits", version).card().classes()).hasSize(10);
        }
        assertThat(dataset("killed").manifest().counts().written()).isIn(10L * PER_DIGIT, 20L * PER_DIGIT);
    }

    private static void requireNotDoneAgain(List<String> finished, String log) throws IOException {
        for (Map.Entry<String, String> work : WORK.entrySet()) {
            if (finished.contains(work.getKey())) {
                assertThat(said(log)).as(log).doesNotContain(work.getValue());
            }
        }
    }

    private static void await(String appears, Process cycle, String log) throws Exception {
        long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(3);
        org.apache.hadoop.fs.Path path = path("killed/models/digits/" + appears);
        // A lock's directory is there from the last run; a lease is taken when it changes.
        long before = appears.equals("locks/run") ? files.getFileStatus(path).getModificationTime() : -1;
        while (System.nanoTime() < deadline && cycle.isAlive()) {
            FileStatus[] found = files.globStatus(path);
            if (found != null && found.length > 0 && found[0].getModificationTime() != before) {
                return;
            }
            Thread.sleep(2);
        }
        throw new AssertionError(appears + " did not appear, the process "
                + (cycle.isAlive() ? "still runs: " : "ended with code " + cycle.exitValue() + ": ") + said(log));
    }

    private static void night(int day) throws IOException {
        Path folder = local.resolve("day=" + day);
        DigitPainter.writeFolder(folder, PER_DIGIT, day);
        files.copyFromLocalFile(new org.apache.hadoop.fs.Path(folder.toUri()), path("raw/day=" + day));
    }

    private static org.apache.hadoop.fs.Path path(String name) {
        return new org.apache.hadoop.fs.Path(root + "/" + name);
    }

    private static ModelRepository repository(String run) throws IOException {
        return ModelRepository.at(files.getConf(), root + "/" + run + "/models");
    }

    private static PreparedDataset dataset(String run) {
        return PreparedDataset.open(files.getConf(), root + "/" + run + "/dataset");
    }

    private static byte[] parameters(String run) throws IOException {
        byte[] zip = repository(run).archive("digits", 2).zip();
        try (ZipInputStream entries = new ZipInputStream(new ByteArrayInputStream(zip))) {
            for (ZipEntry entry = entries.getNextEntry(); entry != null; entry = entries.getNextEntry()) {
                if (entry.getName().equals("coefficients.bin")) {
                    return entries.readAllBytes();
                }
            }
        }
        throw new AssertionError("no parameters in the archive of " + run);
    }

    private static String said(String log) throws IOException {
        Path file = local.resolve(log + ".log");
        return Files.exists(file) ? Files.readString(file, StandardCharsets.UTF_8) : "";
    }

    private static Process retrain(String run, String log) throws IOException {
        return ConvoyProcess.start(
                local,
                ProcessBuilder.Redirect.to(local.resolve(log + ".log").toFile()),
                List.of("retrain"),
                List.of(
                        "prepare.input=" + root + "/raw/day=*",
                        "prepare.output=" + root + "/" + run + "/dataset",
                        "prepare.image.colour=grey",
                        "prepare.image.height=28",
                        "prepare.image.width=28",
                        "models.directory=" + root + "/" + run + "/models",
                        "models.name=digits",
                        "train.workers=2",
                        "train.epochs=6",
                        "train.batch-size=8",
                        "train.averaging-period-batches=4",
                        "train.checkpoint-every-rounds=1",
                        "retrain.hook=\"echo $CONVOY_OUTCOME $CONVOY_VERSION >> " + local.resolve("told-" + run) + "\"",
                        // What is measured on a handful of pictures and on a busy machine.
                        "retrain.gates.tolerance=1",
                        "retrain.gates.significance=0",
                        "retrain.gates.class-recall=0",
                        "retrain.gates.calibration-error=1",
                        "retrain.gates.prediction-drift=1e9",
                        "retrain.gates.class-mix-drift=1e9",
                        "retrain.gates.channel-drift=1e9",
                        "retrain.gates.time-ratio=1e9"));
    }
}
