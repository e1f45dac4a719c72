package org.convoy.model.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** The parent's end of a {@link PeerProcess}. */
final class PeerHandle implements AutoCloseable {
    private static final Pattern SPACE = Pattern.compile(" ");

    private final EngineKind kind;
    private final Path log;
    private final Process process;
    private final PrintWriter commands;
    private final BufferedReader answers;
    private final String imageSource;

    PeerHandle(EngineKind kind, BenchNetwork network, int threads, Path mnist, Path logs) throws IOException {
        this.kind = kind;
        log = logs.resolve(network.title() + "-" + kind + "-" + threads + "-" + System.nanoTime() + ".log");
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(kind.javaOptions(threads));
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), PeerProcess.class.getName()));
        command.addAll(List.of(kind.name(), network.title(), Integer.toString(threads), mnist.toString()));
        ProcessBuilder builder = new ProcessBuilder(command).redirectError(log.toFile());
        builder.environment().put("OMP_NUM_THREADS", Integer.toString(threads));
        process = builder.start();
        commands = new PrintWriter(new OutputStreamWriter(process.getOutputStream(), StandardCharsets.UTF_8), true);
        answers = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        imageSource = answer();
    }

    EngineKind kind() {
        return kind;
    }

    String imageSource() {
        return imageSource;
    }

    /** Sends a command and waits for its answer. */
    String ask(String command) {
        send(command);
        return answer();
    }

    /** The same for an answer of numbers. */
    double[] numbers(String command) {
        return SPACE.splitAsStream(ask(command)).mapToDouble(Double::parseDouble).toArray();
    }

    void send(String command) {
        commands.println(command);
    }

    String answer() {
        try {
            for (String line = answers.readLine(); line != null; line = answers.readLine()) {
                if (line.startsWith(PeerProcess.ANSWER)) {
                    return line.substring(PeerProcess.ANSWER.length());
                }
            }
            throw new IllegalStateException(
                    "[" + log + "] " + kind.title() + " ended early:\n" + Files.readString(log));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        commands.println("quit");
        process.destroy();
    }
}
