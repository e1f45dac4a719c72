package org.convoy.runtime;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** The lock on local disks; {@link RunLockIT} has it on HDFS. */
class RunLockTest {
    private static final Configuration HADOOP = new Configuration();
    private static final String ANOTHER_MACHINE = "0123456789abcdef-77-7be7ac5e-8f3c-4d1f-9a7e-4a3a50b0a9f6";

    @TempDir
    private Path directory;

    @Test
    void refusesASecondRunWithWhoHoldsItSinceWhenAndUntilWhen() {
        try (RunLock held = take()) {
            assertThatThrownBy(this::take)
                    .isInstanceOfSatisfying(
                            UserError.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.LOCKED))
                    .hasMessageMatching("\\[.*/lock] another run holds the lock: retraining of digits, by "
                            + ProcessName.user() + " on .+ \\(process "
                            + ProcessHandle.current().pid()
                            + "\\) since 20[-0-9T:]+Z, until 20[-0-9T:]+Z unless it renews its lease, which it does"
                            + " every 30 s; wait for its end; if it is dead, the lock is free after that time");
            held.requireHeld();
        }
    }

    @Test
    void isFreeOnceItIsGivenBack() {
        take().close();
        RunLock second = take();
        second.requireHeld();
        second.close();

        assertThatThrownBy(second::requireHeld).hasMessageContaining("is given back");
    }

    @Test
    void neverGivesANumberTwice() throws IOException {
        List<String> seen = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            try (RunLock lock = take()) {
                lock.requireHeld();
                seen.add(newest());
            }
            seen.add(newest());
        }

        assertThat(seen).isSorted().doesNotHaveDuplicates();
        assertThat(names()).as("old leases are deleted").hasSize(2);
    }

    @Test
    void ofManyThatTakeAFreeLockAtOnceOneWins() throws Exception {
        for (int round = 0; round < 10; round++) {
            assertOneOfManyWins();
        }
    }

    @Test
    void ofManyThatFollowAnExpiredLeaseAtOnceOneWins() throws Exception {
        for (int round = 0; round < 10; round++) {
            write(lease(ANOTHER_MACHINE, 1));
            assertOneOfManyWins();
        }
    }

    @Test
    void waitsForTheLeaseOfAProcessOnAnotherMachine() throws IOException {
        write(lease(ANOTHER_MACHINE, 3_600_000));

        assertThatThrownBy(this::take).isInstanceOf(UserError.class).hasMessageContaining("on far-away (process 77)");
    }

    @Test
    void takesOverAtOnceFromAProcessThatIsKnownToBeDead() throws IOException {
        write(lease(ProcessName.name(Integer.MAX_VALUE), 3_600_000));

        take().close();
    }

    @Test
    void whoWasHeldUpForTooLongFindsTheLockLostAndLeavesItToItsNewHolder() throws IOException {
        try (RunLock lost = take()) {
            write(lease(ANOTHER_MACHINE, 3_600_000));

            assertThatThrownBy(lost::requireHeld)
                    .isInstanceOfSatisfying(
                            UserError.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.LOCKED))
                    .hasMessageContaining("this run was held up for longer than its lease of 120 s and lost the lock to"
                            + " another: scoring, by bob on far-away (process 77)");
        }

        assertThat(Files.readString(lock().resolve(newest()))).contains("far-away", "\"released\":false");
    }

    @Test
    void ofMomentsThatWaitForEachOtherNoneIsLost() throws Exception {
        int[] counter = new int[1];
        inParallel(8, () -> {
            for (int i = 0; i < 5; i++) {
                try (RunLock lock = RunLock.await(HADOOP, hadoopPath(), "counting", Duration.ofMinutes(1))) {
                    lock.requireHeld();
                    counter[0]++;
                }
            }
            return true;
        });

        assertThat(counter[0]).isEqualTo(40);
    }

    private void assertOneOfManyWins() throws Exception {
        CyclicBarrier start = new CyclicBarrier(8);
        List<RunLock> won = new ArrayList<>();
        inParallel(8, () -> {
            start.await();
            try {
                RunLock lock = take();
                synchronized (won) {
                    won.add(lock);
                }
            } catch (UserError e) {
                assertThat(e.exitCode()).isEqualTo(ExitCode.LOCKED);
            }
            return true;
        });
        assertThat(won).hasSize(1);
        won.get(0).requireHeld();
        won.get(0).close();
    }

    private interface Work {
        boolean run() throws Exception;
    }

    private static void inParallel(int threads, Work work) throws Exception {
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        try {
            List<Future<Boolean>> all = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                all.add(pool.submit(work::run));
            }
            for (Future<Boolean> one : all) {
                assertThat(one.get()).isTrue();
            }
        } finally {
            pool.shutdownNow();
        }
    }

    private RunLock take() {
        return RunLock.take(HADOOP, hadoopPath(), "retraining of digits");
    }

    private org.apache.hadoop.fs.Path hadoopPath() {
        return new org.apache.hadoop.fs.Path(lock().toString());
    }

    private Path lock() {
        return directory.resolve("lock");
    }

    /** Puts a lease of another run on top. */
    private void write(RunLock.Lease lease) throws IOException {
        Files.createDirectories(lock());
        long number = names().isEmpty() ? 1 : Long.parseLong(newest()) + 1;
        Files.write(lock().resolve(String.format("%012d", number)), new JsonMapper().writeValueAsBytes(lease));
    }

    private static RunLock.Lease lease(String process, long millis) {
        return new RunLock.Lease(
                "scoring",
                "bob",
                "far-away",
                77,
                process,
                "2026-01-01T00:00:00Z",
                "2026-01-01T00:02:00Z",
                millis,
                false);
    }

    private String newest() throws IOException {
        return names().get(names().size() - 1);
    }

    private List<String> names() throws IOException {
        if (!Files.exists(lock())) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(lock())) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.matches("\\d+"))
                    .sorted()
                    .toList();
        }
    }
}
