package org.convoy.prepare;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.UUID;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.convoy.data.Manifest;
import org.convoy.runtime.UserError;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A hidden directory beside the output in which the dataset is made. It becomes the output by one rename; until then nobody
 * sees anything of it.
 */
final class Staging {
    private static final Logger LOG = LoggerFactory.getLogger(Staging.class);

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
     * Checks the output against the input and what is there; creates nothing.
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
            if (fileSystem.exists(output)) {
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
