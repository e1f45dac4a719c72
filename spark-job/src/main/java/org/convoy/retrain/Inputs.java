package org.convoy.retrain;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RemoteIterator;
import org.convoy.data.Sha256;
import org.convoy.runtime.UserError;

/** Looks at what {@code prepare.input} names now. Reads names, sizes and times, no content. */
final class Inputs {
    private Inputs() {}

    /**
     * Everything that the pattern matches and that holds a file, by name.
     *
     * @param pattern a path, perhaps with the wildcards of Hadoop's {@code FileSystem.globStatus}: {@code hdfs:///raw/day=*}
     * @throws UserError (bad input) if a path without wildcards does not exist
     */
    static List<Input> matching(Configuration hadoop, String pattern) {
        Path path = new Path(pattern);
        try {
            FileSystem fileSystem = path.getFileSystem(hadoop);
            FileStatus[] found = fileSystem.globStatus(path);
            if (found == null) {
                throw UserError.badInput("[" + pattern + "] input does not exist");
            }
            Arrays.sort(found);
            List<Input> inputs = new ArrayList<>();
            for (FileStatus status : found) {
                if (!isHidden(status.getPath())) {
                    Input input = look(fileSystem, status);
                    if (input.files() > 0) {
                        inputs.add(input);
                    }
                }
            }
            return inputs;
        } catch (IOException e) {
            throw new UncheckedIOException("[" + pattern + "] Cannot list: " + e.getMessage(), e);
        }
    }

    private static Input look(FileSystem fileSystem, FileStatus root) throws IOException {
        long files = 0;
        long bytes = 0;
        long mark = 0;
        String base = root.getPath().toUri().getPath();
        Deque<FileStatus> open = new ArrayDeque<>(List.of(root));
        while (!open.isEmpty()) {
            FileStatus entry = open.pop();
            if (entry.isDirectory()) {
                RemoteIterator<FileStatus> children = fileSystem.listStatusIterator(entry.getPath());
                while (children.hasNext()) {
                    FileStatus child = children.next();
                    if (!isHidden(child.getPath())) {
                        open.push(child);
                    }
                }
            } else {
                files++;
                bytes += entry.getLen();
                // A sum, because file systems list in orders of their own.
                mark += mark(entry.getPath().toUri().getPath().substring(base.length()), entry);
            }
        }
        return new Input(root.getPath().toString(), files, bytes, Long.toHexString(mark));
    }

    private static long mark(String name, FileStatus file) {
        String text = name + "\n" + file.getLen() + "\n" + file.getModificationTime();
        return ByteBuffer.wrap(Sha256.of(text.getBytes(StandardCharsets.UTF_8))).getLong();
    }

    private static boolean isHidden(Path path) {
        return path.getName().startsWith(".") || path.getName().startsWith("_");
    }
}
