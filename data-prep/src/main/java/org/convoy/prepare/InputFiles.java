package org.convoy.prepare;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.Serializable;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.convoy.runtime.UserError;

/**
 * The few large files of an input: one file, or those of a kind in one directory, by name.
 *
 * @param root the input with its scheme
 * @param files the one at {@code root} if that is a file
 */
record InputFiles(String root, List<InputFile> files) implements Serializable {

    /** One of them; {@code path} with its scheme. */
    record InputFile(String path, long bytes) implements Serializable {}

    /**
     * Lists the input.
     *
     * @param isOne whether a file of this name is of the kind
     * @param kind what the input must be, in words
     * @throws UserError (bad input) if there is none
     */
    static InputFiles under(Configuration hadoop, String input, Predicate<String> isOne, String kind) {
        Path path = new Path(input);
        try {
            FileSystem fileSystem = path.getFileSystem(hadoop);
            List<FileStatus> files = Arrays.stream(fileSystem.listStatus(path))
                    .filter(file -> file.isFile() && isOne.test(file.getPath().getName()))
                    .filter(file -> !Hidden.is(file.getPath().getName()))
                    .sorted()
                    .toList();
            if (files.isEmpty()) {
                throw UserError.badInput("[" + input + "] must be " + kind);
            }
            return new InputFiles(
                    qualified(hadoop, input).toString(),
                    files.stream()
                            .map(file -> new InputFile(file.getPath().toString(), file.getLen()))
                            .toList());
        } catch (FileNotFoundException e) {
            throw UserError.badInput("[" + input + "] input does not exist", e);
        } catch (IOException e) {
            throw UserError.badInput("[" + input + "] Cannot read: " + e.getMessage(), e);
        }
    }

    /** Bytes of all files. */
    long bytes() {
        return files.stream().mapToLong(InputFile::bytes).sum();
    }

    /** One of the files from the root on; "" if it is the root. */
    String below(String path) {
        return path.equals(root) ? "" : path.substring(root.length() + 1);
    }

    /** The input with its scheme. */
    static Path qualified(Configuration hadoop, String input) {
        Path path = new Path(input);
        try {
            return path.getFileSystem(hadoop).makeQualified(path);
        } catch (IOException e) {
            throw UserError.badInput("[" + input + "] Cannot read: " + e.getMessage(), e);
        }
    }
}
