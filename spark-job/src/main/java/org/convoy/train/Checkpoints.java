package org.convoy.train;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.UUID;
import java.util.regex.Pattern;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.ClusterStorageCapacityExceededException;
import org.apache.hadoop.fs.CreateFlag;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileContext;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Options;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RemoteIterator;
import org.apache.hadoop.io.IOUtils;
import org.apache.hadoop.security.AccessControlException;
import org.convoy.runtime.UserError;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The checkpoints of a training run in one directory, on any Hadoop file system. Each is written aside and appears by one
 * rename; the newest few are kept.
 */
final class Checkpoints {
    private static final Logger LOG = LoggerFactory.getLogger(Checkpoints.class);
    private static final Pattern NAME = Pattern.compile("epoch-\\d{6}-round-\\d{6}");
    private static final int KEPT = 2;

    /** How long a file system may be away before training gives up: a NameNode restarts in less. */
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    private static final Duration BETWEEN_ATTEMPTS = Duration.ofSeconds(2);

    private final FileContext files;
    private final Path directory;

    private Checkpoints(FileContext files, Path directory) {
        this.files = files;
        this.directory = directory;
    }

    /** Those in {@code directory}, which need not exist yet. */
    static Checkpoints at(Configuration hadoop, Path directory) {
        try {
            FileContext files = FileContext.getFileContext(
                    directory.getFileSystem(hadoop).makeQualified(directory).toUri(), hadoop);
            return new Checkpoints(files, files.makeQualified(directory));
        } catch (IOException e) {
            throw new UncheckedIOException("[" + directory + "] Cannot reach the checkpoints: " + e.getMessage(), e);
        }
    }

    /**
     * The newest whole checkpoint, if there is one; damaged ones are passed over with a warning.
     *
     * @param identity of the run that wants to go on
     * @throws UserError (usage) if it belongs to a run that differs
     */
    Optional<Checkpoint> newest(Map<String, String> identity) {
        for (Path file : newestFirst()) {
            try {
                Checkpoint checkpoint = Checkpoint.decode(read(file));
                requireSame(identity, checkpoint.identity(), file);
                return Optional.of(checkpoint);
            } catch (Checkpoint.Damaged e) {
                LOG.warn("[{}] is not a whole checkpoint: {}; the one before it is taken", file, e.getMessage());
            } catch (IOException e) {
                throw new UncheckedIOException("[" + file + "] Cannot read the checkpoint: " + e.getMessage(), e);
            }
        }
        return Optional.empty();
    }

    private void requireSame(Map<String, String> wanted, Map<String, String> found, Path file) {
        List<String> differences = new ArrayList<>();
        TreeSet<String> names = new TreeSet<>(wanted.keySet());
        names.addAll(found.keySet());
        for (String name : names) {
            if (!found.getOrDefault(name, "").equals(wanted.getOrDefault(name, ""))) {
                differences.add(name + " was " + found.get(name) + " and is " + wanted.get(name));
            }
        }
        if (!differences.isEmpty()) {
            throw UserError.usage("[" + file + "] is of an unfinished training that differs: "
                    + String.join(", ", differences) + "; train with the former values to finish it, or delete "
                    + directory + " to start anew");
        }
    }

    /** Writes one, and deletes what is older than the newest {@value #KEPT}. A file system that is away is waited for. */
    void write(Checkpoint checkpoint) {
        Path file = new Path(
                directory,
                String.format(
                        Locale.ROOT,
                        "epoch-%06d-round-%06d",
                        checkpoint.epoch(),
                        checkpoint.rounds().size()));
        byte[] content = checkpoint.encode();
        patiently("write " + file, () -> {
            Path aside = new Path(directory, ".writing-" + UUID.randomUUID());
            FSDataOutputStream out = files.create(
                    aside, EnumSet.of(CreateFlag.CREATE, CreateFlag.OVERWRITE), Options.CreateOpts.createParent());
            try {
                out.write(content);
                out.hsync();
                out.close();
            } finally {
                // After a failure HDFS throws the same exception object from close again, which must not hide it.
                IOUtils.closeStream(out);
            }
            files.rename(aside, file, Options.Rename.OVERWRITE);
        });
        patiently("delete old checkpoints in " + directory, () -> {
            for (Path old : newestFirst().stream().skip(KEPT).toList()) {
                files.delete(old, false);
            }
        });
    }

    /** Deletes the newest, unless there is no other. */
    void discardNewestOfSeveral() {
        List<Path> found = newestFirst();
        if (found.size() > 1) {
            patiently("delete " + found.get(0), () -> files.delete(found.get(0), false));
        }
    }

    /** Deletes all of them: the run is finished. */
    void clear() {
        patiently("delete " + directory, () -> files.delete(directory, true));
    }

    private byte[] read(Path file) throws IOException {
        try (FSDataInputStream in = files.open(file)) {
            return in.readAllBytes();
        }
    }

    private List<Path> newestFirst() {
        List<Path> found = new ArrayList<>();
        try {
            RemoteIterator<FileStatus> children = files.listStatus(directory);
            while (children.hasNext()) {
                Path path = children.next().getPath();
                if (NAME.matcher(path.getName()).matches()) {
                    found.add(path);
                }
            }
        } catch (FileNotFoundException e) {
            return List.of();
        } catch (IOException e) {
            throw new UncheckedIOException("[" + directory + "] Cannot list the checkpoints: " + e.getMessage(), e);
        }
        found.sort(Comparator.comparing(Path::getName).reversed());
        return found;
    }

    private interface Action {
        void run() throws IOException;
    }

    private static void patiently(String what, Action action) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            try {
                action.run();
                return;
            } catch (IOException | UncheckedIOException e) {
                IOException cause = e instanceof IOException io ? io : ((UncheckedIOException) e).getCause();
                if (isForAPersonToPutRight(cause)) {
                    throw new UncheckedIOException("Cannot " + what + ": " + e.getMessage(), cause);
                }
                if (System.nanoTime() > deadline) {
                    throw new UncheckedIOException(
                            "Cannot " + what + " for " + PATIENCE.toMinutes() + " minutes: " + e.getMessage(), cause);
                }
                LOG.warn(
                        "Cannot {}: {}; trying again",
                        what,
                        String.valueOf(e.getMessage()).lines().findFirst().orElse(""));
                pause();
            }
        }
    }

    /** A quota or a missing right, which no waiting helps against. */
    private static boolean isForAPersonToPutRight(IOException cause) {
        return cause instanceof ClusterStorageCapacityExceededException || cause instanceof AccessControlException;
    }

    private static void pause() {
        try {
            Thread.sleep(BETWEEN_ATTEMPTS.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting for a file system", e);
        }
    }
}
