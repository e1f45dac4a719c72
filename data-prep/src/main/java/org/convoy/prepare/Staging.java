package org.convoy.prepare;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileContext;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Options;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.io.IOUtils;
import org.convoy.data.Manifest;
import org.convoy.data.PreparedDataset;
import org.convoy.runtime.FullDisk;
import org.convoy.runtime.ProcessName;
import org.convoy.runtime.UserError;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A hidden directory beside the output in which the dataset is made. It becomes the output by one rename; until then nobody
 * sees anything of it. What runs that were killed have left is put right before a new one begins.
 */
final class Staging {
    private static final Logger LOG = LoggerFactory.getLogger(Staging.class);

    private static final String PREPARING = ".preparing-";
    private static final String REPLACED = ".replaced-";

    private final FileSystem fileSystem;
    private final Path output;
    private final Path directory;
    private final Path replaced;
    private final Existing existing;
    private final List<Path> leftByOthers;

    private Staging(FileSystem fileSystem, Path output, Existing existing, List<Path> leftByOthers) {
        this.fileSystem = fileSystem;
        this.output = output;
        this.existing = existing;
        this.leftByOthers = leftByOthers;
        String owner = ProcessName.name();
        this.directory = beside(output, PREPARING + owner);
        this.replaced = beside(output, REPLACED + owner);
    }

    private static Path beside(Path output, String ending) {
        return new Path(output.getParent(), "." + output.getName() + ending);
    }

    /**
     * Checks the output against the input and what is there, and cleans up behind runs that were killed. Whoever appends opens the
     * output as a dataset.
     *
     * @throws UserError (usage) if the output can't be written
     */
    static Staging of(Configuration hadoop, PrepareConfig config, Existing existing) {
        Path outputPath = new Path(config.output());
        Path inputPath = new Path(config.input());
        try {
            FileSystem fileSystem = outputPath.getFileSystem(hadoop);
            Path output = fileSystem.makeQualified(outputPath);
            Path input = inputPath.getFileSystem(hadoop).makeQualified(inputPath);
            if (output.isRoot() || isWithin(output, input) || isWithin(input, output)) {
                throw UserError.usage("prepare.output must be neither inside of prepare.input nor around it but was ["
                        + config.output() + "] with input [" + config.input() + "]");
            }
            List<Path> leftByOthers = cleanUpBehindTheDead(fileSystem, output);
            if (existing != Existing.APPEND && fileSystem.exists(output)) {
                refuse(fileSystem, output, config.output(), existing);
            }
            return new Staging(fileSystem, output, existing, leftByOthers);
        } catch (IOException e) {
            throw new UncheckedIOException("[" + config.output() + "] Cannot look at the output: " + e.getMessage(), e);
        }
    }

    private static void refuse(FileSystem fileSystem, Path output, String given, Existing existing) throws IOException {
        if (existing == Existing.REFUSE) {
            throw UserError.usage("[" + given + "] output exists; give another one, or replace it with --overwrite");
        }
        if (!fileSystem.exists(new Path(output, Manifest.FILE_NAME))) {
            throw UserError.usage("[" + given + "] output exists and is not a Convoy dataset: it will not be replaced");
        }
    }

    /**
     * Deletes what killed runs have left. One that was killed while it replaced the output, between two renames, had moved the old
     * dataset aside: it comes back.
     *
     * @return the directories of runs that may be alive
     */
    private static List<Path> cleanUpBehindTheDead(FileSystem fileSystem, Path output) throws IOException {
        List<Path> left = new ArrayList<>();
        if (!fileSystem.exists(output.getParent())) {
            return left;
        }
        for (String kind : List.of(PREPARING, REPLACED)) {
            String prefix = beside(output, kind).getName();
            for (FileStatus entry : fileSystem.listStatus(
                    output.getParent(), path -> path.getName().startsWith(prefix))) {
                Path path = entry.getPath();
                if (!ProcessName.isDead(path.getName().substring(prefix.length()))) {
                    left.add(path);
                } else if (kind.equals(REPLACED) && !fileSystem.exists(output)) {
                    rename(fileSystem, path, output);
                } else {
                    fileSystem.delete(path, true);
                }
            }
        }
        return left;
    }

    private static boolean isWithin(Path path, Path ancestor) {
        return (path + "/").startsWith(ancestor.isRoot() ? ancestor.toString() : ancestor + "/");
    }

    Path directory() {
        return directory;
    }

    /** A directory for {@link DecodingMarks}, beside the staged dataset: Spark writes that into a directory of its own making. */
    Path marks() {
        return directory.suffix("-marks");
    }

    /** Marks are small and hidden: if they stay behind, nothing is lost. */
    void deleteMarks() {
        try {
            fileSystem.delete(marks(), true);
        } catch (IOException e) {
            LOG.warn("[{}] Cannot delete: {}", marks(), e.getMessage());
        }
    }

    Path output() {
        return output;
    }

    FileSystem fileSystem() {
        return fileSystem;
    }

    /** Directories of runs to the same output that still run, or were killed on another machine. */
    List<Path> leftByOthers() {
        return leftByOthers;
    }

    void write(String name, byte[] content) {
        Path path = new Path(directory, name);
        try {
            FSDataOutputStream out = fileSystem.create(path, false);
            try {
                out.write(content);
                out.close();
            } finally {
                // After a failure HDFS throws the same exception object from close again, which must not hide it.
                IOUtils.closeStream(out);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("[" + path + "] Cannot write: " + e.getMessage(), e);
        }
    }

    /** Makes the finished dataset visible. An old one is moved aside first and deleted last. */
    void publish() {
        try {
            boolean hadOld = fileSystem.exists(output);
            if (hadOld) {
                refuse(fileSystem, output, output.toString(), existing); // somebody else may have written it meanwhile
                rename(output, replaced);
            }
            try {
                rename(directory, output);
            } catch (IOException | RuntimeException e) {
                if (hadOld) {
                    rename(replaced, output);
                }
                throw e;
            }
            if (hadOld) {
                fileSystem.delete(replaced, true);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("[" + output + "] Cannot write: " + e.getMessage(), e);
        }
    }

    /**
     * Moves finished files into the dataset that is there, and makes the manifest that lists them visible by one rename. Readers
     * see the old dataset until then, and files that no manifest lists are none of theirs.
     *
     * @param names paths in the dataset by paths in this directory
     * @param digest of the manifest that was appended to
     * @throws UserError (failed) if the dataset is another one by now
     */
    void append(Map<String, String> names, String digest) {
        try {
            refuseChanged(digest);
            for (Map.Entry<String, String> name : names.entrySet()) {
                Path target = new Path(output, name.getValue());
                fileSystem.mkdirs(target.getParent());
                fileSystem.delete(target, false); // left by the same append, which died before its manifest was visible
                rename(new Path(directory, name.getKey()), target);
            }
            refuseChanged(digest);
            FileContext files = FileContext.getFileContext(output.toUri(), fileSystem.getConf());
            for (String name : List.of(Manifest.FILE_NAME, PrepareReport.FILE_NAME)) {
                files.rename(new Path(directory, name), new Path(output, name), Options.Rename.OVERWRITE);
            }
            fileSystem.delete(directory, true);
        } catch (IOException e) {
            throw new UncheckedIOException("[" + output + "] Cannot append: " + e.getMessage(), e);
        }
    }

    private void refuseChanged(String digest) {
        if (!PreparedDataset.open(fileSystem.getConf(), output.toString())
                .manifestDigest()
                .equals(digest)) {
            throw UserError.failed("[" + output + "] was changed by another run in the meantime; append again");
        }
    }

    /** @throws UserError (bad input) if a full disk lies under {@code failure} */
    void throwIfFull(Throwable failure) {
        FullDisk.under(failure, output.toString()).ifPresent(full -> {
            throw full;
        });
    }

    /** Leaves nothing behind; {@code failure} stays the error that is reported. */
    void deleteAfter(Throwable failure) {
        try {
            fileSystem.delete(directory, true);
        } catch (IOException e) {
            failure.addSuppressed(new IOException("[" + directory + "] Cannot delete: " + e.getMessage(), e));
        }
    }

    private void rename(Path from, Path to) throws IOException {
        rename(fileSystem, from, to);
    }

    private static void rename(FileSystem fileSystem, Path from, Path to) throws IOException {
        if (!fileSystem.rename(from, to)) {
            throw new IOException("[" + from + "] Cannot rename to [" + to + "]");
        }
    }
}
