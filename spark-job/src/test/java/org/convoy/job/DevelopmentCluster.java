package org.convoy.job;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** {@code bin/convoy cluster} in a directory of its own, and what runs on it: real daemons, drivers and executors. */
final class DevelopmentCluster {
    private static final Path PROJECT =
            Path.of(System.getProperty("log4j2.configurationFile")).getParent().getParent();
    private static final long PATIENCE_MINUTES = 5;

    private final Path directory;

    /** How a process ended, and what it wrote. */
    record Ended(int code, String said) {}

    DevelopmentCluster(Path directory) {
        this.directory = directory;
    }

    /** {@code bin/convoy cluster ARGUMENT ...} */
    Ended cluster(String... arguments) {
        List<String> command =
                new ArrayList<>(List.of(PROJECT.resolve("bin/convoy").toString(), "cluster"));
        command.addAll(List.of(arguments));
        return run(command, Map.of());
    }

    /**
     * Plain {@code spark-submit} of Convoy's jar with the cluster's property file.
     *
     * @param kind {@code standalone} or {@code yarn}
     * @param options of spark-submit
     * @param arguments of Convoy
     */
    Ended submit(String kind, List<String> options, List<String> arguments) {
        return submit(kind, options, arguments, Map.of());
    }

    /** Likewise, with more in its environment. */
    Ended submit(String kind, List<String> options, List<String> arguments, Map<String, String> environment) {
        List<String> command = new ArrayList<>(List.of(
                home().resolve("bin/spark-submit").toString(),
                "--properties-file",
                configuration().resolve("spark-" + kind + ".properties").toString(),
                "--class",
                Convoy.class.getName()));
        command.addAll(options);
        command.add(jar().toString());
        command.addAll(arguments);
        return run(command, environment);
    }

    Path configuration() {
        return directory.resolve("conf");
    }

    Path log(String daemon) {
        return directory.resolve("logs/" + daemon + ".log");
    }

    /** The process id of a daemon. */
    long process(String daemon) throws IOException {
        return Long.parseLong(
                Files.readString(directory.resolve("run/" + daemon + ".pid")).trim());
    }

    /** Processes that say on their command line or by their working directory that they are the cluster's. */
    List<String> processes() {
        return ProcessHandle.allProcesses()
                .filter(process -> belongs(Path.of("/proc", Long.toString(process.pid()))))
                .map(process ->
                        process.pid() + " " + process.info().commandLine().orElse("?"))
                .toList();
    }

    private boolean belongs(Path process) {
        try {
            return Files.readSymbolicLink(process.resolve("cwd")).startsWith(directory);
        } catch (IOException e) {
            return false; // it is gone
        }
    }

    /** The NameNode's address, the first of the cluster's ports. */
    String hdfs() {
        try {
            return "hdfs://127.0.0.1:"
                    + Files.readString(configuration().resolve("port")).trim();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The jar that {@code mvn package} has built; the launcher is told that it is current. */
    static Path jar() {
        Path target = PROJECT.resolve("spark-job/target");
        try (Stream<Path> files = Files.list(target)) {
            Path jar = files.filter(file -> file.getFileName().toString().matches("convoy-.*\\.jar"))
                    .findFirst()
                    .orElseThrow(() -> new AssertionError("no jar in " + target + ": mvn package makes it"));
            Files.writeString(target.resolve("jar.stamp"), "");
            return jar;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path home() {
        return PROJECT.resolve("out/cluster/lib/spark");
    }

    private Ended run(List<String> command, Map<String, String> environment) {
        try {
            Path output = Files.createTempFile("convoy-", ".out");
            ProcessBuilder builder =
                    new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
            builder.environment().remove("SPARK_HOME");
            builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
            builder.environment().put("CONVOY_CLUSTER", directory.toString());
            builder.environment().put("HADOOP_CONF_DIR", configuration().toString());
            builder.environment().putAll(environment);
            Process process = builder.start();
            boolean ended = process.waitFor(PATIENCE_MINUTES, TimeUnit.MINUTES);
            String said = Files.readString(output, StandardCharsets.UTF_8);
            Files.delete(output);
            if (!ended) {
                process.descendants().forEach(ProcessHandle::destroyForcibly);
                process.destroyForcibly();
                throw new AssertionError(
                        command + " did not end within " + PATIENCE_MINUTES + " minutes; it said:\n" + said);
            }
            return new Ended(process.exitValue(), said);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
