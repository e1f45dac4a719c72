package org.convoy.train;

import java.io.BufferedReader;
import java.io.DataInputStream;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.convoy.data.ImageShape;

/**
 * The plain loop around libtorch, {@code org.convoy.model.bench.LibtorchScoring}, in a process of its own on the class path of the engine's
 * benchmark; it waits between its turns, and all that it has compiled stays compiled.
 */
final class LibtorchLoop implements AutoCloseable {
    /** Class path of the engine's benchmark. */
    private static final String CLASS_PATH = System.getProperty("convoy.bench.engine-class-path");

    private static final String PACKAGE = "org.convoy.model.bench.";
    private static final String ANSWER = "@@ ";

    private final Path log;
    private final Process process;
    private final PrintWriter commands;
    private final BufferedReader answers;

    private LibtorchLoop(Path log, Process process) {
        this.log = log;
        this.process = process;
        commands = new PrintWriter(new OutputStreamWriter(process.getOutputStream(), StandardCharsets.UTF_8), true);
        answers = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    }

    /**
     * Starts the loop.
     *
     * @param network a name that the engine's benchmark has, too
     * @param archive with the parameters
     * @param scratch for its files
     */
    static LibtorchLoop start(String network, ImageShape shape, Path archive, int threads, Path scratch)
            throws IOException {
        Path parameters = scratch.resolve("parameters.bin");
        Path exportLog = scratch.resolve("export.log");
        await(java(exportLog, List.of(), "ExportParameters", List.of(archive.toString(), parameters.toString()))
                .start(), exportLog);
        List<String> options = List.of(
                "-Xmx2g",
                "-Dai.djl.offline=true",
                "-Dai.djl.pytorch.num_threads=" + threads,
                "-Dai.djl.pytorch.num_interop_threads=1");
        Path log = scratch.resolve("libtorch.log");
        ProcessBuilder builder = java(
                log,
                options,
                "LibtorchScoring",
                List.of(
                        network,
                        Integer.toString(shape.channels()),
                        Integer.toString(shape.height()),
                        parameters.toString()));
        builder.environment().put("OMP_NUM_THREADS", Integer.toString(threads));
        return new LibtorchLoop(log, builder.start());
    }

    /** Scores pixels out of a file; gives the seconds that it took. */
    double scorePixels(Path file, Path to) throws IOException {
        return ask("pixels " + file + " " + to);
    }

    /** Scores the pictures below a directory; gives the seconds that it took. */
    double scoreFiles(Path directory, Path to) throws IOException {
        return ask("files " + directory + " " + to);
    }

    /** What it has answered: float32, N·classes. */
    static float[] probabilities(Path file) throws IOException {
        float[] values = new float[(int) (Files.size(file) / Float.BYTES)];
        try (DataInputStream in = new DataInputStream(new BufferedInputStream(Files.newInputStream(file), 1 << 20))) {
            for (int i = 0; i < values.length; i++) {
                values[i] = in.readFloat();
            }
        }
        return values;
    }

    private double ask(String command) throws IOException {
        commands.println(command);
        for (String line = answers.readLine(); line != null; line = answers.readLine()) {
            if (line.startsWith(ANSWER)) {
                return Double.parseDouble(line.substring(ANSWER.length()));
            }
        }
        throw new IllegalStateException("[" + log + "] libtorch ended early:\n" + Files.readString(log));
    }

    @Override
    public void close() {
        commands.close();
        process.destroy();
    }

    private static ProcessBuilder java(Path log, List<String> options, String main, List<String> arguments) {
        List<String> command = new java.util.ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(options);
        command.addAll(List.of("-cp", CLASS_PATH, PACKAGE + main));
        command.addAll(arguments);
        return new ProcessBuilder(command).redirectError(log.toFile());
    }

    private static void await(Process process, Path log) throws IOException {
        try {
            process.getInputStream().transferTo(java.io.OutputStream.nullOutputStream());
            if (process.waitFor() != 0) {
                throw new IllegalStateException("[" + log + "] Cannot export parameters:\n" + Files.readString(log));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
