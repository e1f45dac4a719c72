package org.convoy.prepare;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RemoteIterator;
import org.convoy.data.Manifest;
import org.convoy.runtime.UserError;

/** What an input that is scored is. */
public enum UnitsKind {
    /** Told by what lies there: {@link #of}. */
    AUTO("auto"),
    DATASET("dataset"),
    IMAGE_FOLDER("image-folder"),
    TAR("tar"),
    PARQUET("parquet"),
    SEQUENCE_FILE("sequence-file");

    private final String label;

    UnitsKind(String label) {
        this.label = label;
    }

    public String label() {
        return label;
    }

    /**
     * Tells the kind by a manifest, or else by the first visible file: its name, or the first bytes of a sequence file.
     *
     * @throws UserError (bad input) if the input does not exist or holds no file
     */
    public static UnitsKind of(Configuration hadoop, String input) {
        Path path = new Path(input);
        try {
            FileSystem files = path.getFileSystem(hadoop);
            if (files.exists(new Path(path, Manifest.FILE_NAME))) {
                return DATASET;
            }
            Path first = firstFile(files, files.getFileStatus(path))
                    .orElseThrow(() -> UserError.badInput("[" + input + "] has no files to score"));
            if (TarStream.isTar(first.getName())) {
                return TAR;
            }
            if (first.getName().endsWith(".parquet")) {
                return PARQUET;
            }
            try (FSDataInputStream in = files.open(first)) {
                return Arrays.equals(in.readNBytes(3), new byte[] {'S', 'E', 'Q'}) ? SEQUENCE_FILE : IMAGE_FOLDER;
            }
        } catch (FileNotFoundException e) {
            throw UserError.badInput("[" + input + "] input does not exist", e);
        } catch (IOException e) {
            throw UserError.badInput("[" + input + "] Cannot read: " + e.getMessage(), e);
        }
    }

    /** Whichever visible file the file system names first. */
    private static Optional<Path> firstFile(FileSystem files, FileStatus from) throws IOException {
        if (from.isFile()) {
            return Optional.of(from.getPath());
        }
        Deque<Path> directories = new ArrayDeque<>();
        directories.push(from.getPath());
        while (!directories.isEmpty()) {
            RemoteIterator<FileStatus> entries = files.listStatusIterator(directories.pop());
            while (entries.hasNext()) {
                FileStatus entry = entries.next();
                if (Hidden.is(entry.getPath().getName())) {
                    continue;
                }
                if (entry.isFile()) {
                    return Optional.of(entry.getPath());
                }
                directories.push(entry.getPath());
            }
        }
        return Optional.empty();
    }
}
