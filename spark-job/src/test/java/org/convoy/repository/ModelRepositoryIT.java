package org.convoy.repository;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.hdfs.MiniDFSCluster;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.core.config.Configurator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/** The repository on a real HDFS, changed by several processes at once that are killed with -9. */
@Tag("heavy")
class ModelRepositoryIT {
    private static final int KILLS = 3;

    @TempDir
    private static Path local;

    private static MiniDFSCluster hdfs;

    private final Random random = new Random(8);

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

    /** Changes a model again and again until there is input, and says each change that is done. */
    static final class Changer {
        /** Arguments: repository, model, what to do, a name for the reasons, two versions to publish in turn. */
        public static void main(String[] args) throws IOException {
            ModelRepository repository = ModelRepository.at(new Configuration(), args[0]);
            for (int i = 0; System.in.available() == 0; i++) {
                if (args[2].equals("publish")) {
                    repository.publish(args[1], otherThanCurrent(repository, args), args[3] + i);
                    System.out.println(args[3] + i);
                } else {
                    System.out.println(repository.add(args[1], ModelRepositoryIT::note));
                    repository.prune(args[1], 3, args[3]);
                }
            }
        }

        /** To publish what is current is no change, and one that was killed may have left either of the two so. */
        private static int otherThanCurrent(ModelRepository repository, String[] args) {
            int first = Integer.parseInt(args[4]);
            boolean current = repository.current(args[1]).equals(Optional.of(first));
            return current ? Integer.parseInt(args[5]) : first;
        }
    }

    @Test
    void publishersThatAreKilledLoseNoLineAndReadersAlwaysFindAWholeVersion() throws Exception {
        ModelRepository repository = repository("published");
        for (int i = 0; i < 4; i++) {
            repository.add("digits", ModelRepositoryIT::note);
        }
        repository.publish("digits", 4, "first");

        List<String> done = changeAndKill(
                "published", List.of(List.of("publish", "a", "1", "2"), List.of("publish", "b", "3", "4")), () -> {
                    int current = repository.current("digits").orElseThrow();
                    assertThat(repository.file("digits", current, "note.txt"))
                            .asString(StandardCharsets.UTF_8)
                            .isEqualTo("version " + current);
                });

        List<HistoryEntry> history = repository.history("digits");
        List<String> reasons = history.stream().map(HistoryEntry::why).toList();
        assertThat(done).hasSizeGreaterThan(20);
        assertThat(reasons).doesNotHaveDuplicates().containsAll(done);
        assertThat(reasons.size() - done.size())
                .as("lines of the first and of the killed")
                .isBetween(1, 1 + 2 * KILLS);
        assertThat(history.get(history.size() - 1).version())
                .isEqualTo(repository.current("digits").orElseThrow());
    }

    @Test
    void versionsThatAreAddedAndPrunedByProcessesThatAreKilledHaveNumbersOfTheirOwn() throws Exception {
        ModelRepository repository = repository("pruned");
        List<String> numbers = changeAndKill("pruned", List.of(List.of("add", "a"), List.of("add", "b")), () -> {
            for (int number : repository.versions("digits")) {
                try {
                    assertThat(repository.file("digits", number, "note.txt"))
                            .asString(StandardCharsets.UTF_8)
                            .isEqualTo("version " + number);
                } catch (org.convoy.runtime.UserError e) {
                    assertThat(e).hasMessageContaining("has no ");
                }
            }
        });

        assertThat(numbers).doesNotHaveDuplicates().hasSizeGreaterThan(10);
        int newest = repository.add("digits", ModelRepositoryIT::note);
        repository.prune("digits", 3, "at the end");
        assertThat(numbers.stream().map(Integer::valueOf)).allMatch(number -> number < newest);
        try (FileSystem files = hdfs.getNewFileSystemInstance(0)) {
            assertThat(files.listStatus(new org.apache.hadoop.fs.Path("/pruned/digits/versions")))
                    .extracting(FileStatus::getPath)
                    .extracting(org.apache.hadoop.fs.Path::getName)
                    .hasSize(3)
                    .contains(Integer.toString(newest));
        }
        assertThat(repository.history("digits"))
                .filteredOn(entry -> entry.action() == HistoryEntry.Action.PRUNE)
                .extracting(HistoryEntry::version)
                .doesNotHaveDuplicates();
    }

    private interface Check {
        void run();
    }

    /** Runs the changers, kills one or the other now and then, and reads meanwhile; gives what they said they have done. */
    private List<String> changeAndKill(String directory, List<List<String>> changers, Check reader) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(changers.size() + 1);
        AtomicBoolean stop = new AtomicBoolean();
        try {
            Future<Void> reading = threads.submit((Callable<Void>) () -> {
                while (!stop.get()) {
                    reader.run();
                }
                return null;
            });
            List<Future<List<String>>> changing = new ArrayList<>();
            for (List<String> arguments : changers) {
                changing.add(threads.submit(() -> killAgainAndAgain(directory, arguments)));
            }
            List<String> done = new ArrayList<>();
            for (Future<List<String>> one : changing) {
                done.addAll(one.get());
            }
            stop.set(true);
            reading.get();
            return done;
        } finally {
            stop.set(true);
            threads.shutdownNow();
        }
    }

    private List<String> killAgainAndAgain(String directory, List<String> arguments) throws Exception {
        List<String> done = new ArrayList<>();
        for (int run = 0; run <= KILLS; run++) {
            Process process = start(directory, arguments, run);
            try (BufferedReader said = process.inputReader()) {
                for (int i = 0; i < 5; i++) {
                    done.add(said.readLine());
                }
                if (run < KILLS) {
                    Thread.sleep(random.nextInt(100));
                    process.toHandle().destroyForcibly(); // which leaves its output to be read
                } else {
                    process.outputWriter().write("enough");
                    process.outputWriter().flush();
                }
                said.lines().forEach(done::add);
            }
            process.waitFor();
        }
        return done;
    }

    private static Process start(String directory, List<String> arguments, int run) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("-Dlog4j2.configurationFile=" + System.getProperty("log4j2.configurationFile"));
        command.addAll(List.of("-Xmx128m", "-cp", System.getProperty("java.class.path"), Changer.class.getName()));
        command.addAll(List.of(root(directory), "digits", arguments.get(0), arguments.get(1) + run + "-"));
        command.addAll(arguments.subList(2, arguments.size()));
        return new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    private static ModelRepository repository(String directory) {
        return ModelRepository.at(new Configuration(), root(directory));
    }

    private static String root(String directory) {
        return "hdfs://127.0.0.1:" + hdfs.getNameNodePort() + "/" + directory;
    }

    private static Map<String, byte[]> note(int number) {
        return Map.of("note.txt", ("version " + number).getBytes(StandardCharsets.UTF_8));
    }
}
