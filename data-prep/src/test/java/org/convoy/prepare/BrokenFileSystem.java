package org.convoy.prepare;

import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.util.Progressable;

/**
 * The local file system under {@code broken:}, on which the disk is full as soon as a file is written whose name ends as the setting
 * {@value #FULL_FOR} says.
 */
final class BrokenFileSystem extends RawLocalFileSystem {
    static final String FULL_FOR = "convoy.test.full-for";

    BrokenFileSystem() {}

    @Override
    public URI getUri() {
        return URI.create("broken:///");
    }

    @Override
    public String getScheme() {
        return "broken";
    }

    @Override
    public FSDataOutputStream create(
            Path path, boolean overwrite, int bufferSize, short replication, long blockSize, Progressable progress)
            throws IOException {
        return path.getName().endsWith(getConf().get(FULL_FOR))
                ? new FSDataOutputStream(new FullDisk(), statistics)
                : super.create(path, overwrite, bufferSize, replication, blockSize, progress);
    }

    /** As HDFS does it: close throws what write has thrown, the same object. */
    private static final class FullDisk extends OutputStream {
        private final IOException full = new IOException("No space left on device");

        @Override
        public void write(int b) throws IOException {
            throw full;
        }

        @Override
        public void close() throws IOException {
            throw full;
        }
    }
}
