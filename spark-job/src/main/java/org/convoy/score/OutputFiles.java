package org.convoy.score;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.UUID;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RemoteIterator;
import org.convoy.runtime.AtomicFiles;

/**
 * Where units go:
 *
 * <pre>
 * OUTPUT/part-00007.parquet           a finished unit; appears by one rename
 * OUTPUT/_units/part-00007.json       its summary, there before it; deleted when all are done
 * OUTPUT/_attempts/...                of tasks that run, or died
 * </pre>
 *
 * Spark and Hadoop do not read what begins with an underscore.
 *
 * @param output with its scheme
 */
record OutputFiles(String output, AnswerFormat format) implements Serializable {
    private static final String UNITS = "_units";
    private static final String ATTEMPTS = "_attempts";
    private static final String SUMMARY = ".json";

    /** A unit's file. */
    Path file(int unit) {
        return new Path(output, name(unit) + format.ending());
    }

    /** A unit's summary. */
    Path summary(int unit) {
        return new Path(new Path(output, UNITS), name(unit) + SUMMARY);
    }

    private static String name(int unit) {
        return String.format(Locale.ROOT, "part-%05d", unit);
    }

    /** For one attempt at a unit. */
    Path attempt(int unit) {
        return new Path(attempts(), name(unit) + "-" + UUID.randomUUID() + format.ending());
    }

    /** Whether an attempt at the unit has begun in this run and not come to its end: its process is dead, unless it still runs. */
    boolean isTriedAgain(Configuration hadoop, int unit) throws IOException {
        return names(hadoop, attempts()).stream().anyMatch(name -> name.startsWith(name(unit) + "-"));
    }

    /** For marks of pictures that kill their process. */
    Path marks(int task) {
        return new Path(new Path(attempts(), "marks"), String.valueOf(task));
    }

    private Path attempts() {
        return new Path(output, ATTEMPTS);
    }

    /**
     * Makes an attempt the unit's file, the summary first. Of two attempts at a unit the first one stays.
     *
     * @param written the attempt
     */
    void commit(Configuration hadoop, int unit, Path written, byte[] summary) throws IOException {
        AtomicFiles files = AtomicFiles.at(hadoop, written);
        Path aside = new Path(summary(unit).getParent(), written.getName() + SUMMARY);
        files.write(aside, summary);
        moveIfFirst(files, aside, summary(unit));
        moveIfFirst(files, written, file(unit));
    }

    private static void moveIfFirst(AtomicFiles files, Path from, Path to) throws IOException {
        if (!files.appear(from, to)) {
            files.delete(from);
        }
    }

    /** Units that have a file and a summary. */
    Set<Integer> finished(Configuration hadoop, int units) throws IOException {
        Set<String> files = names(hadoop, new Path(output));
        Set<String> summaries = names(hadoop, new Path(output, UNITS));
        Set<Integer> finished = new HashSet<>();
        for (int unit = 0; unit < units; unit++) {
            if (files.contains(file(unit).getName())
                    && summaries.contains(summary(unit).getName())) {
                finished.add(unit);
            }
        }
        return finished;
    }

    /** Whether a unit has a file and a summary. */
    boolean isFinished(Configuration hadoop, int unit) throws IOException {
        FileSystem fileSystem = file(unit).getFileSystem(hadoop);
        return fileSystem.exists(file(unit)) && fileSystem.exists(summary(unit));
    }

    private static Set<String> names(Configuration hadoop, Path directory) throws IOException {
        Set<String> names = new HashSet<>();
        try {
            RemoteIterator<FileStatus> entries = directory.getFileSystem(hadoop).listStatusIterator(directory);
            while (entries.hasNext()) {
                names.add(entries.next().getPath().getName());
            }
        } catch (FileNotFoundException e) {
            return Set.of();
        }
        return names;
    }

    /** Names of what lies in the output and is of no scoring run. */
    List<String> foreign(Configuration hadoop) throws IOException {
        List<String> foreign = new ArrayList<>(names(hadoop, new Path(output)));
        foreign.removeIf(name -> name.startsWith("_") || name.startsWith("."));
        return foreign;
    }

    UnitSummary readSummary(Configuration hadoop, int unit, int classes) throws IOException {
        Path path = summary(unit);
        try (FSDataInputStream in = path.getFileSystem(hadoop).open(path)) {
            return UnitSummary.fromJson(in.readAllBytes(), classes);
        }
    }

    /** Deletes what tasks have left that died. */
    void deleteAttempts(Configuration hadoop) throws IOException {
        attempts().getFileSystem(hadoop).delete(attempts(), true);
    }

    /** Deletes all that is there for a run that is taken up. */
    void deleteAsides(Configuration hadoop) throws IOException {
        deleteAttempts(hadoop);
        Path units = new Path(output, UNITS);
        units.getFileSystem(hadoop).delete(units, true);
    }
}
