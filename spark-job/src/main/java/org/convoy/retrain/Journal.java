package org.convoy.retrain;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Supplier;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.convoy.report.JsonReport;
import org.convoy.runtime.AtomicFiles;

/**
 * What a cycle has finished: a directory with a small file per step, {@code find.json} and so on, which appears whole when the step is
 * done and holds what came out. A cycle that was killed is taken up by it; the directory goes when the cycle ends.
 */
final class Journal {
    private static final String BEGUN = "cycle.json";
    private static final JsonMapper JSON = new JsonMapper();

    private final AtomicFiles files;
    private final FileSystem fileSystem;
    private final Path directory;
    private final Runnable requireHeld;
    private final boolean resumed;
    private final Begun begun;

    /**
     * The first file.
     *
     * @param cycle when it began, which is its name: ISO-8601 instant
     */
    private record Begun(String cycle) {}

    private Journal(
            AtomicFiles files, FileSystem fileSystem, Path directory, Runnable requireHeld, Optional<Begun> unfinished)
            throws IOException {
        this.files = files;
        this.fileSystem = fileSystem;
        this.directory = directory;
        this.requireHeld = requireHeld;
        this.resumed = unfinished.isPresent();
        this.begun = unfinished.orElseGet(() -> new Begun(Instant.now().toString()));
        if (!resumed) {
            // A cycle that was killed while it ended.
            fileSystem.delete(directory, true);
            files.replace(new Path(directory, BEGUN), JsonReport.of(begun));
        }
    }

    /**
     * The journal of the cycle that is not finished, or of a new one.
     *
     * @param directory of journals alone
     * @param requireHeld asked before each step and before it counts as done: throws if another run has taken over
     */
    static Journal open(Configuration hadoop, Path directory, Runnable requireHeld) {
        try {
            AtomicFiles files = AtomicFiles.at(hadoop, directory);
            Optional<byte[]> unfinished = files.read(new Path(directory, BEGUN));
            return new Journal(
                    files,
                    directory.getFileSystem(hadoop),
                    directory,
                    requireHeld,
                    unfinished.map(json -> parse(json, Begun.class)));
        } catch (IOException e) {
            throw new UncheckedIOException("[" + directory + "] Cannot open the journal: " + e.getMessage(), e);
        }
    }

    /** Whether the cycle was begun by another run. */
    boolean resumed() {
        return resumed;
    }

    /** The cycle's name. */
    String cycle() {
        return begun.cycle();
    }

    /** A directory for what the cycle must keep beside the results of its steps. */
    Path attachments() {
        return new Path(directory, "attachments");
    }

    /** What came out of a step, if it is finished. */
    <T> Optional<T> result(Step step, Class<T> type) {
        try {
            return files.read(file(step)).map(json -> parse(json, type));
        } catch (IOException e) {
            throw new UncheckedIOException("[" + file(step) + "] Cannot read: " + e.getMessage(), e);
        }
    }

    /**
     * Does a step, unless it is finished already.
     *
     * @param type a record; {@code body}'s result is kept as JSON
     * @return what comes, or came, out of it
     */
    <T> T once(Step step, Class<T> type, Supplier<T> body) {
        Optional<T> done = result(step, type);
        if (done.isPresent()) {
            return done.get();
        }
        requireHeld.run();
        T result = body.get();
        requireHeld.run();
        try {
            files.replace(file(step), JsonReport.of(result));
        } catch (IOException e) {
            throw new UncheckedIOException("[" + file(step) + "] Cannot write: " + e.getMessage(), e);
        }
        return result;
    }

    /** The cycle is over: whole, or given up. */
    void end() {
        try {
            // First what makes it an unfinished cycle.
            fileSystem.delete(new Path(directory, BEGUN), false);
            fileSystem.delete(directory, true);
        } catch (IOException e) {
            throw new UncheckedIOException("[" + directory + "] Cannot delete: " + e.getMessage(), e);
        }
    }

    private Path file(Step step) {
        return new Path(directory, step.label() + ".json");
    }

    private static <T> T parse(byte[] json, Class<T> type) {
        try {
            return JSON.readValue(json, type);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("Cannot read a step's result: " + e.getOriginalMessage(), e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
