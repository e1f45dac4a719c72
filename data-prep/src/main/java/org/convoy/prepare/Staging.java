package org.convoy.prepare;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileContext;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Options;
import org.apache.hadoop.fs.Path;
import org.convoy.data.Manifest;
import org.convoy.data.PreparedDataset;
import org.convoy.runtime.UserError;

/**
 * A hidden directory beside the output in which the dataset is made. It becomes the output by one rename; until then nobody
 * sees anything of it.
 */
final class Staging {
    private final FileSystem fileSystem;
    private final Path output;
    private final Path directory;
    private final Path replaced;
    private final Existing existing;

    private Staging(FileSystem fileSystem, Path output, Existing existing) {
        this.fileSystem = fileSystem;
        this.output = output;
        this.existing = existing;
        UUID run = UUID.randomUUID();
        this.directory = new Path(output.getParent(), "." + output.getName() + ".preparing-" + run);
        this.replaced = new Path(output.getParent(), "." + output.getName() + ".replaced-" + run);
    }

    /**
     * Checks the output against the input and what is there; creates nothing. Whoever appends opens the output as a dataset.
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
            if (existing != Existing.APPEND && fileSystem.exists(output)) {
                refuse(fileSystem, output, config.output(), existing);
            }
            return new Staging(fileSystem, output, existing);
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

    private static boolean isWithin(Path path, Path ancestor) {
        return (path + "/").startsWith(ancestor.isRoot() ? ancestor.toString() : ancestor + "/");
    }

    Path directory() {
        return directory;
    }

    Path output() {
        return output;
    }

    FileSystem fileSystem() {
        return fileSystem;
    }

    void write(String name, byte[] content) {
        Path path = new Path(directory, name);
        try (FSDataOutputStream out = fileSystem.create(path, false)) {
            out.write(content);
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

    /** Leaves nothing behind; {@code failure} stays the error that is reported. */
    void deleteAfter(Throwable failure) {
        try {
            fileSystem.delete(directory, true);
        } catch (IOException e) {
            failure.addSuppressed(new IOException("[" + directory + "] Cannot delete: " + e.getMessage(), e));
        }
    }

    private void rename(Path from, Path to) throws IOException {
        if (!fileSystem.rename(from, to)) {
            throw new IOException("[" + from + "] Cannot rename to [" + to + "]");
        }
    }
}
