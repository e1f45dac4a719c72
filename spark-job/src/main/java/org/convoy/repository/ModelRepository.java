package org.convoy.repository;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntFunction;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.CreateFlag;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileContext;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Options;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RemoteIterator;
import org.convoy.model.ModelArchive;
import org.convoy.model.ModelCard;
import org.convoy.runtime.AtomicFiles;
import org.convoy.runtime.ProcessName;
import org.convoy.runtime.RunLock;
import org.convoy.runtime.UserError;

/**
 * Models and their versions on any Hadoop file system:
 *
 * <pre>
 * DIRECTORY/NAME/versions/N/{model.zip, model-card.json, report.json, report.html, dataset-manifest.json}
 * DIRECTORY/NAME/CURRENT         the published version's number
 * DIRECTORY/NAME/HISTORY.jsonl   which version was published, gone back to or pruned when, who did it and why
 * DIRECTORY/NAME/METRICS.jsonl   a line per run of retraining
 * DIRECTORY/NAME/locks           of runs, and of changes to this directory
 * DIRECTORY/NAME/checkpoints     of a training that is not finished
 * DIRECTORY/NAME/features        what frozen layers made of datasets, to train heads from
 * DIRECTORY/NAME/retrain         what retraining has taken in, and what a cycle that is not finished has done
 * </pre>
 *
 * A version appears and vanishes by one rename of its whole directory, CURRENT changes by one rename of a finished file: a reader
 * sees the old or the new, never half of one. Changes wait for each other. A version's number is never given to another one.
 *
 * <p>A change that is cut off leaves CURRENT as it was or as it is to be. If the history lacks it, the next change adds its line.
 */
public final class ModelRepository {
    /** The archive's file name in a version's directory. */
    public static final String ARCHIVE = "model.zip";

    /** The manifest of the dataset that a version was trained on; its digest is in the version's card. */
    public static final String DATASET_MANIFEST = "dataset-manifest.json";

    private static final String CURRENT = "CURRENT";
    private static final String HISTORY = "HISTORY.jsonl";
    private static final String METRICS = "METRICS.jsonl";
    private static final String VERSIONS = "versions";
    private static final String CHECKPOINTS = "checkpoints";
    private static final String FEATURES = "features";
    private static final String RETRAINING = "retrain";
    private static final String LOCKS = "locks";
    private static final String WRITING = ".writing-";
    private static final String PRUNED = ".pruned-";
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]*");
    private static final Pattern NUMBER = Pattern.compile("[1-9][0-9]{0,8}");
    private static final JsonMapper JSON = new JsonMapper();

    /** Changes are of a moment; longer than a lease, so that one that was killed elsewhere is outlived. */
    private static final Duration PATIENCE = RunLock.LEASE.plusMinutes(1);

    private final Configuration hadoop;
    private final FileContext files;
    private final AtomicFiles atomic;
    private final Path directory;

    private ModelRepository(Configuration hadoop, FileContext files, AtomicFiles atomic, Path directory) {
        this.hadoop = hadoop;
        this.files = files;
        this.atomic = atomic;
        this.directory = directory;
    }

    /** The repository in {@code directory}, which need not exist yet. */
    public static ModelRepository at(Configuration hadoop, String directory) {
        try {
            Path path = new Path(directory);
            FileContext files = FileContext.getFileContext(
                    path.getFileSystem(hadoop).makeQualified(path).toUri(), hadoop);
            return new ModelRepository(hadoop, files, AtomicFiles.at(hadoop, path), files.makeQualified(path));
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "[" + directory + "] Cannot reach the model repository: " + e.getMessage(), e);
        }
    }

    /**
     * Makes sure, before anything is computed, that a version of {@code name} can be written.
     *
     * @throws UserError (usage) if the name cannot be a directory's or the directory cannot be written
     */
    public void prepareFor(String name) {
        if (!NAME.matcher(name).matches()) {
            throw UserError.usage(
                    "models.name must start with a letter or digit and hold only letters, digits, '.', '_'"
                            + " and '-' but was '" + name + "'");
        }
        try {
            Path staging = staging(name);
            files.mkdir(staging, null, true);
            files.delete(staging, true);
        } catch (IOException e) {
            throw UserError.usage("[" + directory + "] models.directory cannot be written: " + e.getMessage());
        }
    }

    /** Names of the models that have at least one version, sorted. */
    public List<String> names() {
        List<String> names = new ArrayList<>();
        for (String name : children(directory)) {
            if (!versions(name).isEmpty()) {
                names.add(name);
            }
        }
        Collections.sort(names);
        return names;
    }

    /** Numbers of a model's versions, ascending; empty if there is no such model. */
    public List<Integer> versions(String name) {
        return children(versionsOf(name)).stream()
                .filter(child -> NUMBER.matcher(child).matches())
                .map(Integer::valueOf)
                .sorted()
                .toList();
    }

    /** The published version of a model, if one is. */
    public Optional<Integer> current(String name) {
        Path file = new Path(model(name), CURRENT);
        return read(file).map(text -> {
            if (!NUMBER.matcher(text.strip()).matches()) {
                throw UserError.badInput("[" + file + "] must hold a version's number but was '" + text.strip() + "'");
            }
            return Integer.valueOf(text.strip());
        });
    }

    /** The version that {@link #rollback} would make current: which was so before the present one, and is still there. */
    public Optional<Integer> predecessor(String name) {
        List<Integer> versions = versions(name);
        return Publications.of(reconciled(name)).predecessor(versions::contains);
    }

    /**
     * Keeps other runs away that would make a version of this model.
     *
     * @param work what for: "training", "retraining"
     * @throws UserError (locked) if another run does
     */
    public RunLock lock(String name, String work) {
        return RunLock.take(hadoop, new Path(locks(name), "run"), work + " of " + name);
    }

    /**
     * Adds a version, with the next number. If another run takes the number meanwhile, this one takes the next.
     *
     * @param content gives the version's files by name, for its number
     * @return its number
     */
    public int add(String name, IntFunction<Map<String, byte[]>> content) {
        while (true) {
            int number = nextNumber(name);
            Map<String, byte[]> version = content.apply(number);
            Path staging = staging(name);
            try {
                for (Map.Entry<String, byte[]> file : version.entrySet()) {
                    write(new Path(staging, file.getKey()), file.getValue());
                }
                if (changing(name, "adding a version", lock -> appear(name, staging, number, lock))) {
                    return number;
                }
            } catch (IOException e) {
                throw new UncheckedIOException("[" + staging + "] Cannot write the model: " + e.getMessage(), e);
            } finally {
                delete(staging);
            }
        }
    }

    private boolean appear(String name, Path staging, int number, RunLock lock) throws IOException {
        if (nextNumber(name) != number) {
            return false;
        }
        lock.requireHeld();
        files.rename(staging, version(name, number), Options.Rename.NONE);
        return true;
    }

    /** One more than the largest number that any version had, be it pruned. */
    private int nextNumber(String name) {
        IntStream pruned = setAside(name).stream().mapToInt(Integer::intValue);
        IntStream known = IntStream.concat(
                versions(name).stream().mapToInt(Integer::intValue),
                history(name).stream().mapToInt(HistoryEntry::version));
        return IntStream.concat(pruned, known).max().orElse(0) + 1;
    }

    /**
     * Makes a version the current one; nothing happens if it is.
     *
     * @param why one line for the history
     * @throws UserError (bad input) if there is no such version
     */
    public void publish(String name, int number, String why) {
        requireVersion(name, number);
        changing(name, "publishing", lock -> {
            requireVersion(name, number);
            makeCurrent(name, number, HistoryEntry.Action.PUBLISH, why, lock);
            return null;
        });
    }

    /**
     * Goes back to the version that was current before the present one, and is still there. What is gone back from is not come back
     * to by another rollback; {@link #publish} does that.
     *
     * @param why one line for the history
     * @return the version that is current now
     * @throws UserError (bad input) if there is none to go back to
     */
    public int rollback(String name, String why) {
        requireModel(name);
        return changing(name, "rolling back", lock -> {
            int number = predecessor(name)
                    .orElseThrow(() -> UserError.badInput("[" + model(name)
                            + "] has nothing to roll back to: before "
                            + current(name)
                                    .map(current -> "version " + current + " no other")
                                    .orElse("now none")
                            + " was published that is still there"));
            makeCurrent(name, number, HistoryEntry.Action.ROLLBACK, why, lock);
            return number;
        });
    }

    /** CURRENT first: what a reader sees counts, and a line that is missing then is added by whoever comes next. */
    private void makeCurrent(String name, int number, HistoryEntry.Action action, String why, RunLock lock)
            throws IOException {
        if (!current(name).equals(Optional.of(number))) {
            write(name, reconciled(name), lock);
            lock.requireHeld();
            atomic.replace(new Path(model(name), CURRENT), (number + "\n").getBytes(StandardCharsets.UTF_8));
        }
        List<HistoryEntry> history = history(name);
        if (!Publications.of(history).current().equals(Optional.of(number))) {
            history.add(entry(action, number, why));
            write(name, history, lock);
        }
    }

    /**
     * Deletes old versions: all but the newest {@code keep}, the current one and the one that a rollback would go to. Readers find a
     * version whole or not at all: it vanishes by one rename and is deleted then.
     *
     * @param keep how many of the newest versions stay: 1 or more
     * @param why one line for the history
     * @return numbers of the versions that are gone, ascending
     */
    public List<Integer> prune(String name, int keep, String why) {
        if (keep < 1) {
            throw new IllegalArgumentException("keep must be 1 or more but was " + keep);
        }
        requireModel(name);
        return changing(name, "pruning", lock -> {
            lock.requireHeld();
            for (int number : prunable(name, keep)) {
                files.rename(version(name, number), pruned(name, number), Options.Rename.NONE);
            }
            // Those, and what a prune that was cut off has left.
            List<Integer> gone = setAside(name);
            List<HistoryEntry> history = reconciled(name);
            for (int number : gone) {
                if (history.stream().noneMatch(entry -> isPrune(entry, number))) {
                    history.add(entry(HistoryEntry.Action.PRUNE, number, why));
                }
            }
            write(name, history, lock);
            for (int number : gone) {
                files.delete(pruned(name, number), true);
            }
            deleteWhatTheDeadWereWriting(name);
            return gone;
        });
    }

    private List<Integer> prunable(String name, int keep) {
        List<Integer> versions = versions(name);
        Set<Integer> kept = new HashSet<>(versions.subList(Math.max(0, versions.size() - keep), versions.size()));
        current(name).ifPresent(kept::add);
        predecessor(name).ifPresent(kept::add);
        return versions.stream().filter(number -> !kept.contains(number)).toList();
    }

    private static boolean isPrune(HistoryEntry entry, int number) {
        return entry.action() == HistoryEntry.Action.PRUNE && entry.version() == number;
    }

    private void deleteWhatTheDeadWereWriting(String name) throws IOException {
        for (String child : children(versionsOf(name))) {
            if (child.startsWith(WRITING) && ProcessName.isDead(child.substring(WRITING.length()))) {
                files.delete(new Path(versionsOf(name), child), true);
            }
        }
    }

    /** Numbers of versions that were renamed to be deleted and are not yet, ascending. */
    private List<Integer> setAside(String name) {
        return children(versionsOf(name)).stream()
                .filter(child -> child.startsWith(PRUNED))
                .map(child -> Integer.valueOf(child.substring(PRUNED.length())))
                .sorted()
                .toList();
    }

    /** What happened to a model's versions, oldest first. */
    public List<HistoryEntry> history(String name) {
        Path file = new Path(model(name), HISTORY);
        List<HistoryEntry> history = new ArrayList<>();
        for (String line : read(file).orElse("").lines().toList()) {
            try {
                history.add(JSON.readValue(line, HistoryEntry.class));
            } catch (JsonProcessingException e) {
                throw UserError.badInput(
                        "[" + file + "] line " + (history.size() + 1) + " cannot be read: " + e.getOriginalMessage(),
                        e);
            }
        }
        return history;
    }

    /** The history, and a line more if whoever moved CURRENT last was cut off before writing one. */
    private List<HistoryEntry> reconciled(String name) {
        List<HistoryEntry> history = history(name);
        Publications told = Publications.of(history);
        current(name)
                .filter(number -> !told.current().equals(Optional.of(number)))
                .ifPresent(number -> {
                    boolean back = told.predecessor(versions(name)::contains).equals(Optional.of(number));
                    history.add(entry(
                            back ? HistoryEntry.Action.ROLLBACK : HistoryEntry.Action.PUBLISH,
                            number,
                            "found current: whoever did that was cut off before writing down why"));
                });
        return history;
    }

    private static HistoryEntry entry(HistoryEntry.Action action, int number, String why) {
        return new HistoryEntry(action, number, Instant.now().toString(), ProcessName.user(), ProcessName.host(), why);
    }

    private void write(String name, List<HistoryEntry> history, RunLock lock) throws IOException {
        if (!history.equals(history(name))) {
            lock.requireHeld();
            atomic.replace(new Path(model(name), HISTORY), lines(history));
        }
    }

    private static byte[] lines(List<?> values) throws JsonProcessingException {
        StringBuilder lines = new StringBuilder();
        for (Object value : values) {
            lines.append(JSON.writeValueAsString(value)).append('\n');
        }
        return lines.toString().getBytes(StandardCharsets.UTF_8);
    }

    /**
     * Adds a line to the model's metrics, one per run of retraining. A line that is there as the last one already is not added again,
     * so that a run that goes on after it was killed may say it twice.
     *
     * @param metrics a record or a map, written as one line of JSON
     */
    public void addMetrics(String name, Object metrics) {
        Path file = new Path(model(name), METRICS);
        changing(name, "writing metrics", lock -> {
            String before = read(file).orElse("");
            String line = JSON.writeValueAsString(metrics) + "\n";
            if (!before.endsWith(line)) {
                lock.requireHeld();
                atomic.replace(file, (before + line).getBytes(StandardCharsets.UTF_8));
            }
            return null;
        });
    }

    /** Lines of the model's metrics, oldest first. */
    public List<String> metrics(String name) {
        return read(new Path(model(name), METRICS)).orElse("").lines().toList();
    }

    /** A change of what others see; asks ahead of each step whether it is still the only one. */
    @FunctionalInterface
    private interface Change<T> {
        T make(RunLock lock) throws IOException;
    }

    /** Makes a change while nobody else makes one. */
    private <T> T changing(String name, String what, Change<T> change) {
        try (RunLock lock = RunLock.await(hadoop, new Path(locks(name), "change"), what, PATIENCE)) {
            return change.make(lock);
        } catch (IOException e) {
            throw new UncheckedIOException("[" + model(name) + "] Cannot change: " + e.getMessage(), e);
        }
    }

    private void delete(Path staging) {
        try {
            files.delete(staging, true);
        } catch (IOException e) {
            throw new UncheckedIOException("[" + staging + "] Cannot delete: " + e.getMessage(), e);
        }
    }

    /**
     * One file of a version.
     *
     * @throws UserError (bad input) if the version or the file does not exist
     */
    public byte[] file(String name, int number, String file) {
        requireVersion(name, number);
        Path path = new Path(version(name, number), file);
        try (FSDataInputStream in = files.open(path)) {
            return in.readAllBytes();
        } catch (IOException e) {
            requireVersion(name, number); // it may have been pruned meanwhile
            if (e instanceof FileNotFoundException) {
                throw UserError.badInput("[" + path + "] does not exist");
            }
            throw new UncheckedIOException("[" + path + "] Cannot read: " + e.getMessage(), e);
        }
    }

    /** Puts a file beside a version's own, replacing one of that name; for results that come later, such as evaluations. */
    public Path addFile(String name, int number, String file, byte[] content) {
        Path path = new Path(version(name, number), file);
        return changing(name, "adding " + file, lock -> {
            requireVersion(name, number);
            lock.requireHeld();
            atomic.replace(path, content);
            return path;
        });
    }

    /** A version's card, from its copy beside the archive: no need to fetch a large model to describe it. */
    public ModelCard card(String name, int number) {
        return ModelArchive.readCard(
                file(name, number, ModelArchive.CARD_ENTRY),
                version(name, number).toString());
    }

    /** A version's archive. */
    public ModelArchive archive(String name, int number) {
        return ModelArchive.read(file(name, number, ARCHIVE), new Path(version(name, number), ARCHIVE).toString());
    }

    /** The directory of a version, as a path to show. */
    public Path version(String name, int number) {
        return new Path(versionsOf(name), Integer.toString(number));
    }

    private void requireVersion(String name, int number) {
        requireModel(name);
        List<Integer> versions = versions(name);
        if (!versions.contains(number)) {
            throw UserError.badInput("[" + model(name) + "] has no version " + number
                    + (history(name).stream().anyMatch(entry -> isPrune(entry, number)) ? ", it was pruned" : "")
                    + "; it has " + versions);
        }
    }

    private void requireModel(String name) {
        if (versions(name).isEmpty()) {
            throw UserError.badInput("[" + directory + "] has no model '" + name + "'; it has " + names()
                    + " (see `convoy models list`)");
        }
    }

    private Path model(String name) {
        return new Path(directory, name);
    }

    private Path versionsOf(String name) {
        return new Path(model(name), VERSIONS);
    }

    private Path pruned(String name, int number) {
        return new Path(versionsOf(name), PRUNED + number);
    }

    private Path locks(String name) {
        return new Path(model(name), LOCKS);
    }

    /** Where a training that makes the next version of a model keeps its checkpoints. */
    public Path checkpoints(String name) {
        return new Path(model(name), CHECKPOINTS);
    }

    /** Where retraining keeps what it has taken in, and what a cycle that is not finished has done. */
    public Path retraining(String name) {
        return new Path(model(name), RETRAINING);
    }

    /** Where trainings of a model's versions keep what frozen layers made of datasets. */
    public Path features(String name) {
        return new Path(model(name), FEATURES);
    }

    private Path staging(String name) {
        return new Path(versionsOf(name), WRITING + ProcessName.name());
    }

    private List<String> children(Path parent) {
        try {
            List<String> names = new ArrayList<>();
            RemoteIterator<FileStatus> entries = files.listStatus(parent);
            while (entries.hasNext()) {
                FileStatus entry = entries.next();
                if (entry.isDirectory()) {
                    names.add(entry.getPath().getName());
                }
            }
            return names;
        } catch (FileNotFoundException e) {
            return List.of();
        } catch (IOException e) {
            throw new UncheckedIOException("[" + parent + "] Cannot list: " + e.getMessage(), e);
        }
    }

    private Optional<String> read(Path file) {
        try {
            return atomic.read(file).map(bytes -> new String(bytes, StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException("[" + file + "] Cannot read: " + e.getMessage(), e);
        }
    }

    private void write(Path file, byte[] content) throws IOException {
        try (FSDataOutputStream out =
                files.create(file, EnumSet.of(CreateFlag.CREATE), Options.CreateOpts.createParent())) {
            out.write(content);
        }
    }
}
