package org.convoy.prepare;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.util.Progressable;
import org.apache.spark.TaskContext;

/**
 * The local file system under {@code killer:}. A process dies on it as it would in native code: when it has marked that it decodes a
 * certain picture, and in a task's first attempt, which marks nothing, when it opens that picture.
 */
final class KillerFileSystem extends RawLocalFileSystem {
    /** SHA-256 of the pictures that kill, separated by commas. */
    static final String KILLERS = "convoy.test.killers";

    /** Part of the name of the pictures that kill. */
    static final String NAME = "killer";

    @Override
    public URI getUri() {
        return URI.create("killer:///");
    }

    @Override
    public String getScheme() {
        return "killer";
    }

    @Override
    public FSDataInputStream open(Path path, int bufferSize) throws IOException {
        TaskContext task = TaskContext.get();
        if (path.getName().contains(NAME) && task != null && isFirst(task)) {
            Runtime.getRuntime().halt(134);
        }
        return super.open(path, bufferSize);
    }

    private static boolean isFirst(TaskContext task) {
        return task.attemptNumber() == 0 && task.stageAttemptNumber() == 0;
    }

    @Override
    public FSDataOutputStream create(
            Path path, boolean overwrite, int bufferSize, short replication, long blockSize, Progressable progress)
            throws IOException {
        FSDataOutputStream out = super.create(path, overwrite, bufferSize, replication, blockSize, progress);
        return new FSDataOutputStream(new DyingStream(out, getConf().get(KILLERS)), null);
    }

    /** Kills the process when a killer's hash has been written. */
    private static final class DyingStream extends FilterOutputStream {
        private final String killers;
        private String written = "";

        DyingStream(OutputStream out, String killers) {
            super(out);
            this.killers = killers;
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            out.write(bytes, offset, length);
            written = length == 64 ? new String(bytes, offset, length, StandardCharsets.US_ASCII) : "";
        }

        @Override
        public void close() throws IOException {
            super.close();
            if (!written.isEmpty() && killers.contains(written)) {
                Runtime.getRuntime().halt(134);
            }
        }
    }
}
