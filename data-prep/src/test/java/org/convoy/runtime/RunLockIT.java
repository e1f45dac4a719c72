package org.convoy.runtime;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.hdfs.MiniDFSCluster;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.core.config.Configurator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** The lock on a real HDFS, between processes that are killed, paused and ended. */
class RunLockIT {
    private static final Duration SHORT = Duration.ofSeconds(4);
    private static final Duration LONG = Duration.ofMinutes(10);

    @TempDir
    private static Path local;

    private static MiniDFSCluster hdfs;

    private final List<Process> processes = new ArrayList<>();

    @BeforeAll
    static void startHdfs() throws IOException {
        Configurator.setLevel("org.apache.hadoop", Level.OFF);
        Configuration hadoop = new Configuration();
        hadoop.set(MiniDFSCluster.HDFS_MINIDFS_BASEDIR, local.resolve("hdfs").toString());
        hdfs = new MiniDFSCluster.Builder(hadoop).numDataNodes(1).build();
        hdfs.waitActive();
    }

    @AfterAll
    static void stopHdfs() {
        if (hdfs != null) {
            hdfs.shutdown(true);
        }
    }

    @AfterEach
    void endProcesses() {
        processes.forEach(Process::destroyForcibly);
    }

    /**
     * Takes the lock, says so, and renews it whenever a line comes in; gives it back when none comes any more.
     *
     * <p>Arguments: directory, milliseconds of a lease, milliseconds of patience.
     */
    static final class Holder {
        public static void main(String[] args) throws IOException {
            try (RunLock lock = RunLock.await(
                            new Configuration(),
                            new org.apache.hadoop.fs.Path(args[0]),
                            "scoring",
                            Duration.ofMillis(Long.parseLong(args[2])),
                            Duration.ofMillis(Long.parseLong(args[1])));
                    BufferedReader in =
                            new BufferedReader(new java.io.InputStreamReader(System.in, StandardCharsets.UTF_8))) {
                System.out.println("held");
                for (String line = in.readLine(); line != null; line = in.readLine()) {
                    lock.requireHeld();
                    System.out.println("still held");
                }
            } catch (UserError e) {
                System.out.println(e.getMessage());
                System.exit(e.exitCode().code());
            }
        }
    }

    @Test
    void ofTwoRunsThatStartAtOnceOneWorksAndTheOtherEndsWithCode5() throws Exception {
        Process first = start("once", LONG);
        Process second = start("once", LONG);
        String firstSaid = line(first);
        String secondSaid = line(second);

        Process loser = firstSaid.equals("held") ? second : first;
        assertThat(List.of(firstSaid, secondSaid)).containsOnlyOnce("held");
        assertThat(loser == second ? secondSaid : firstSaid)
                .contains(
                        "another run holds the lock: scoring, by ",
                        "(process " + (loser == second ? first : second).pid());
        assertThat(loser.waitFor()).isEqualTo(ExitCode.LOCKED.code());
        assertThat(ask(loser == second ? first : second)).isEqualTo("still held");
    }

    @Tag("heavy")
    @Test
    void aKilledRunOfAnotherMachineBlocksUntilItsLeaseIsOverThenOneOfThreeTakesOver() throws Exception {
        Process killed = start("killed", SHORT, "-Duser.name=of-another-machine");
        assertThat(line(killed)).isEqualTo("held");
        killed.destroyForcibly().waitFor();
        assertThatThrownBy(() -> take("killed"))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("another run holds the lock: scoring, by ");

        List<Process> three = List.of(startPatient("killed"), startPatient("killed"), startPatient("killed"));
        Process winner = awaitWord(three);

        assertThat(line(winner))
                .contains("took over the lock of scoring, by ", "(process " + killed.pid() + ")", "its lease ended at");
        assertThat(line(winner)).isEqualTo("held");
        for (Process one : three) {
            assertThat(one == winner || !one.inputReader().ready()).isTrue();
        }
        assertThat(newest("killed").pid()).isEqualTo(winner.pid());
        winner.outputWriter().close();
        List<Process> others = three.stream().filter(one -> one != winner).toList();
        assertThat(line(awaitWord(others))).as("given back, not taken over").isEqualTo("held");
    }

    @Test
    void aKilledRunOfThisMachineIsFollowedAtOnce() throws Exception {
        Process killed = start("here", LONG);
        assertThat(line(killed)).isEqualTo("held");
        killed.destroyForcibly().waitFor();

        Process next = start("here", LONG);
        assertThat(line(next)).contains("took over the lock of scoring, by ", "its process is over");
        assertThat(line(next)).isEqualTo("held");
    }

    @Tag("heavy")
    @Test
    void aRunThatWasPausedForTooLongStopsBeforeItChangesAnything() throws Exception {
        Process paused = start("paused", SHORT);
        assertThat(line(paused)).isEqualTo("held");
        signal(paused, "STOP");
        Process next = startPatient("paused");
        assertThat(line(next)).contains("took over the lock of scoring, by ", "(process " + paused.pid() + ")");
        assertThat(line(next)).isEqualTo("held");

        signal(paused, "CONT");
        paused.outputWriter().write("still?\n");
        paused.outputWriter().flush();
        String said = new String(paused.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(said)
                .contains("this run was held up for longer than its lease of 4 s and lost the lock to another")
                .contains("(process " + next.pid() + ")")
                .doesNotContain("still held");
        assertThat(paused.waitFor()).isEqualTo(ExitCode.LOCKED.code());
        assertThat(ask(next)).isEqualTo("still held");
    }

    @Tag("heavy")
    @Test
    void aRunThatIsAskedToEndGivesTheLockBack() throws Exception {
        Process ended = start("ended", LONG, "-Duser.name=of-another-machine");
        assertThat(line(ended)).isEqualTo("held");
        signal(ended, "TERM");
        assertThat(ended.inputReader().lines()).isEmpty();

        assertThat(line(start("ended", LONG))).isEqualTo("held");
    }

    @Tag("heavy")
    @Test
    void renewsItsLeaseByItself() throws Exception {
        assertThat(line(start("renewed", SHORT))).isEqualTo("held");
        Instant end = Instant.parse(newest("renewed").until());

        while (Instant.now().isBefore(end.plus(SHORT))) {
            assertThatThrownBy(() -> take("renewed")).isInstanceOf(UserError.class);
            Thread.sleep(100);
        }
    }

    private static RunLock take(String lock) {
        return RunLock.take(new Configuration(), new org.apache.hadoop.fs.Path(root() + lock), "scoring");
    }

    private Process start(String lock, Duration lease, String... options) throws IOException {
        return start(lock, lease, Duration.ZERO, List.of(options));
    }

    /** One that waits for the lock. */
    private Process startPatient(String lock) throws IOException {
        return start(lock, SHORT, Duration.ofMinutes(2), List.of());
    }

    private Process start(String lock, Duration lease, Duration patience, List<String> options) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(options);
        command.add("-Dlog4j2.configurationFile=" + System.getProperty("log4j2.configurationFile"));
        command.addAll(List.of("-Xmx128m", "-cp", System.getProperty("java.class.path"), Holder.class.getName()));
        command.addAll(List.of(root() + lock, Long.toString(lease.toMillis()), Long.toString(patience.toMillis())));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        processes.add(process);
        return process;
    }

    private static String root() {
        return "hdfs://127.0.0.1:" + hdfs.getNameNodePort() + "/locks/";
    }

    private static RunLock.Lease newest(String lock) throws IOException {
        org.apache.hadoop.fs.Path directory = new org.apache.hadoop.fs.Path(root() + lock);
        AtomicFiles files = AtomicFiles.at(new Configuration(), directory);
        String newest = files.names(directory).stream()
                .filter(name -> name.matches("\\d+"))
                .max(String::compareTo)
                .orElseThrow();
        return new com.fasterxml.jackson.databind.json.JsonMapper()
                .readValue(
                        files.read(new org.apache.hadoop.fs.Path(directory, newest))
                                .orElseThrow(),
                        RunLock.Lease.class);
    }

    /** Waits until one of them says something. */
    private static Process awaitWord(List<Process> ones) throws Exception {
        long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(2);
        while (System.nanoTime() < deadline) {
            for (Process one : ones) {
                if (one.inputReader().ready()) {
                    return one;
                }
            }
            Thread.sleep(20);
        }
        throw new AssertionError("nobody was given the lock");
    }

    private static String ask(Process holder) throws IOException {
        holder.outputWriter().write("still?\n");
        holder.outputWriter().flush();
        return line(holder);
    }

    private static String line(Process process) {
        try {
            return String.valueOf(process.inputReader().readLine());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void signal(Process process, String name) throws Exception {
        assertThat(new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                        .start()
                        .waitFor())
                .isZero();
    }
}
