package org.convoy.runtime;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.BiPredicate;
import java.util.regex.Pattern;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.util.ShutdownHookManager;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps two runs apart that would do the same work: one holds the lock, the other ends with {@link ExitCode#LOCKED} and a line that
 * says who holds it.
 *
 * <p>A lock is a directory of numbered leases on any Hadoop file system; the one with the highest number counts. A lease is a small
 * JSON file that appears whole and never changes. Taking the lock, renewing it and giving it back are one and the same step: to
 * create the next number, which of several processes one can do. So of two runs that follow the same lease one wins, and a run that
 * was held up for so long that another took over finds its number taken as soon as it looks ({@link #requireHeld}). The highest
 * number is never deleted, so that no number comes twice.
 *
 * <p>A lease lasts {@link #LEASE} from when its file was written, by the clock of the file system, whatever the machines' clocks
 * say, and is renewed in the background. A run that was killed on another machine blocks for as long; where its process is known to
 * be over, which it is on the same machine, the lock is taken over at once.
 *
 * <pre>
 * try (RunLock lock = RunLock.take(hadoop, directory, "retrain of digits")) {
 *     // long work
 *     lock.requireHeld(); // before each step that others see
 * }
 * </pre>
 *
 * See {@link AtomicFiles} for the file systems on which this holds.
 */
public final class RunLock implements AutoCloseable {
    /** Long enough for a pause of the process or a restart of the NameNode, short enough to wait for. */
    public static final Duration LEASE = Duration.ofMinutes(2);

    private static final Logger LOG = LoggerFactory.getLogger(RunLock.class);
    private static final JsonMapper JSON = new JsonMapper();
    private static final Pattern NUMBER = Pattern.compile("\\d{12}");
    private static final int RENEWALS_PER_LEASE = 4;

    /** After Spark has stopped its tasks, before Hadoop closes its file systems. */
    private static final int SHUTDOWN_PRIORITY = FileSystem.SHUTDOWN_HOOK_PRIORITY + 5;

    private static final Duration BETWEEN_ATTEMPTS = Duration.ofMillis(50);

    private final AtomicFiles files;
    private final Path directory;
    private final String work;
    private final Duration lease;
    private final String process = ProcessName.name();
    private final String since = seconds(Instant.now());
    private final Runnable atShutdown = this::close;
    private boolean closed;

    /**
     * What a file says.
     *
     * @param work what the run does, in words
     * @param process its {@link ProcessName}
     * @param since when it took the lock, by its own clock
     * @param until when the lease is over, by its own clock; for people, {@code millis} counts
     * @param millis how long the lease lasts from when the file was written
     * @param released whether the run has given the lock back
     */
    record Lease(
            String work,
            String user,
            String host,
            long pid,
            String process,
            String since,
            String until,
            long millis,
            boolean released) {}

    /** A lease by its number. */
    private record Numbered(long number, Lease lease, long written) {
        boolean blocks(long now) {
            return !lease.released() && now < end() && !ProcessName.isDead(lease.process());
        }

        long end() {
            return written + lease.millis();
        }

        String inWords() {
            return String.format(
                    Locale.ROOT,
                    "%s, by %s on %s (process %d) since %s",
                    lease.work(),
                    lease.user(),
                    lease.host(),
                    lease.pid(),
                    lease.since());
        }
    }

    private RunLock(AtomicFiles files, Path directory, String work, Duration lease) {
        this.files = files;
        this.directory = directory;
        this.work = work;
        this.lease = lease;
    }

    /**
     * Takes the lock, if no other run holds it.
     *
     * @param directory of the lock alone; it need not exist
     * @param work what for, in words that whoever is refused will read: "retrain of digits"
     * @throws UserError (locked) if another run holds it, with who does, since when and until when
     */
    public static RunLock take(Configuration hadoop, Path directory, String work) {
        return take(hadoop, directory, work, LEASE);
    }

    static RunLock take(Configuration hadoop, Path directory, String work, Duration lease) {
        try {
            RunLock lock = new RunLock(AtomicFiles.at(hadoop, directory), directory, work, lease);
            Optional<Numbered> holder = lock.follow(false, Numbered::blocks);
            if (holder.isPresent()) {
                throw UserError.locked(lock.refusal(holder.get()));
            }
            lock.keep();
            return lock;
        } catch (IOException e) {
            throw new UncheckedIOException("[" + directory + "] Cannot take the lock: " + e.getMessage(), e);
        }
    }

    /** The same for work of a moment: waits its turn for up to {@code patience}. */
    public static RunLock await(Configuration hadoop, Path directory, String work, Duration patience) {
        return await(hadoop, directory, work, patience, LEASE);
    }

    static RunLock await(Configuration hadoop, Path directory, String work, Duration patience, Duration lease) {
        long deadline = System.nanoTime() + patience.toNanos();
        while (true) {
            try {
                return take(hadoop, directory, work, lease);
            } catch (UserError e) {
                if (System.nanoTime() > deadline) {
                    throw e;
                }
                pause();
            }
        }
    }

    /**
     * Must be called before each step that changes what others see. Renews the lease, so that nobody can take over for as long as it
     * lasts.
     *
     * @throws UserError (locked) if this run was held up for so long that another one took over; (failed) if the process is ending
     */
    public synchronized void requireHeld() {
        if (closed) {
            throw UserError.failed("[" + directory + "] the lock is given back, for the process is being ended");
        }
        try {
            Optional<Numbered> other = follow(false, (newest, now) -> !isOwn(newest));
            if (other.isPresent()) {
                throw UserError.locked("[" + directory + "] this run was held up for longer than its lease of "
                        + lease.toSeconds() + " s and lost the lock to another: "
                        + other.get().inWords() + "; it stops here");
            }
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "[" + directory + "] Cannot tell whether this run still holds the lock: " + e.getMessage(), e);
        }
    }

    /** Gives the lock back. A lock that was lost is left to whoever has it. */
    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        notifyAll();
        try {
            follow(true, (newest, now) -> !isOwn(newest));
        } catch (IOException e) {
            LOG.warn("[{}] Cannot give the lock back, it expires by itself: {}", directory, e.getMessage());
        }
        try {
            ShutdownHookManager.get().removeShutdownHook(atShutdown);
        } catch (IllegalStateException e) {
            // The process is ending: the hook finds nothing to do.
        }
    }

    private void keep() {
        Thread renewal = new Thread(this::renewUntilClosed, "lock-renewal");
        renewal.setDaemon(true);
        renewal.start();
        ShutdownHookManager.get().addShutdownHook(atShutdown, SHUTDOWN_PRIORITY);
    }

    private synchronized void renewUntilClosed() {
        while (!closed) {
            try {
                wait(lease.toMillis() / RENEWALS_PER_LEASE);
                if (!closed) {
                    requireHeld();
                }
            } catch (UserError e) {
                LOG.warn(e.getMessage());
                return;
            } catch (UncheckedIOException e) {
                LOG.warn("{}; trying again", e.getMessage());
            } catch (InterruptedException e) {
                return; // nobody does that
            }
        }
    }

    /**
     * Puts a lease of this run behind the newest one.
     *
     * @param released whether it is the run's last lease, which blocks nobody
     * @param stands whether the newest lease, at a time, stands against it
     * @return the lease that does; then nothing has changed
     */
    private Optional<Numbered> follow(boolean released, BiPredicate<Numbered, Long> stands) throws IOException {
        while (true) {
            Path aside = AtomicFiles.aside(directory);
            try {
                files.write(aside, JSON.writeValueAsBytes(lease(released)));
                long now = files.written(aside).orElseThrow();
                Optional<Numbered> before = newest();
                if (before.filter(found -> stands.test(found, now)).isPresent()) {
                    return before;
                }
                long number = before.map(Numbered::number).orElse(0L) + 1;
                files.appear(aside, file(number));
                if (newest().filter(found -> found.number() == number && isOwn(found))
                        .isPresent()) {
                    before.ifPresent(this::noteTakeover);
                    deleteBefore(number);
                    return Optional.empty();
                }
            } finally {
                files.delete(aside);
            }
        }
    }

    private Lease lease(boolean released) {
        return new Lease(
                work,
                ProcessName.user(),
                ProcessName.host(),
                ProcessHandle.current().pid(),
                process,
                since,
                seconds(Instant.now().plus(lease)),
                lease.toMillis(),
                released);
    }

    /** The newest lease that can be read: one that is gone by then has a newer one above it. */
    private Optional<Numbered> newest() throws IOException {
        while (true) {
            OptionalLong number = files.names(directory).stream()
                    .filter(name -> NUMBER.matcher(name).matches())
                    .mapToLong(Long::parseLong)
                    .max();
            if (number.isEmpty()) {
                return Optional.empty();
            }
            Path file = file(number.getAsLong());
            Optional<byte[]> content = files.read(file);
            Optional<Long> written = files.written(file);
            if (content.isPresent() && written.isPresent()) {
                return Optional.of(
                        new Numbered(number.getAsLong(), JSON.readValue(content.get(), Lease.class), written.get()));
            }
        }
    }

    private boolean isOwn(Numbered found) {
        return found.lease().process().equals(process);
    }

    private void noteTakeover(Numbered before) {
        if (!before.lease().released() && !isOwn(before)) {
            LOG.warn(
                    "[{}] took over the lock of {}: {}",
                    directory,
                    before.inWords(),
                    ProcessName.isDead(before.lease().process())
                            ? "its process is over"
                            : "its lease ended at " + seconds(Instant.ofEpochMilli(before.end())));
        }
    }

    /** One old lease stays, so that a listing that is not of one moment finds one whatever happens meanwhile. */
    private void deleteBefore(long number) throws IOException {
        for (String name : files.names(directory)) {
            boolean old = NUMBER.matcher(name).matches() && Long.parseLong(name) < number - 1;
            if (old || AtomicFiles.isLeftBehind(name)) {
                files.delete(new Path(directory, name));
            }
        }
    }

    private Path file(long number) {
        return new Path(directory, String.format(Locale.ROOT, "%012d", number));
    }

    private String refusal(Numbered holder) {
        return "[" + directory + "] another run holds the lock: " + holder.inWords() + ", until "
                + seconds(Instant.ofEpochMilli(holder.end())) + " unless it renews its lease, which it does every "
                + holder.lease().millis() / RENEWALS_PER_LEASE / 1000
                + " s; wait for its end; if it is dead, the lock is free after that time";
    }

    private static String seconds(Instant time) {
        return time.truncatedTo(ChronoUnit.SECONDS).toString();
    }

    private static void pause() {
        try {
            Thread.sleep(BETWEEN_ATTEMPTS.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting for a lock", e);
        }
    }
}
