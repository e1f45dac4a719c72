package org.convoy.score;

import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.DelegateToFileSystem;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.fs.permission.FsPermission;
import org.apache.hadoop.util.Progressable;

/** The local file system under {@code full:}, on which the disk is full after some files of answers. */
public final class FullFileSystem extends RawLocalFileSystem {
    private static final AtomicInteger ROOM = new AtomicInteger();

    /** The same for {@code FileContext}. */
    public static final class ForContexts extends DelegateToFileSystem {
        public ForContexts(URI uri, Configuration hadoop) throws IOException, URISyntaxException {
            super(uri, new FullFileSystem(), hadoop, "full", false);
        }
    }

    /** Says how many more files of answers may be written. */
    static void leaveRoomFor(int files) {
        ROOM.set(files);
    }

    @Override
    public URI getUri() {
        return URI.create("full:///");
    }

    @Override
    public String getScheme() {
        return "full";
    }

    @Override
    public FSDataOutputStream create(
            Path path,
            FsPermission permission,
            boolean overwrite,
            int bufferSize,
            short replication,
            long blockSize,
            Progressable progress)
            throws IOException {
        boolean answers = path.getName().startsWith("part-") && !path.getName().endsWith(".json.json");
        if (answers && ROOM.getAndDecrement() <= 0) {
            return new FSDataOutputStream(new FullDisk(), statistics);
        }
        return super.create(path, permission, overwrite, bufferSize, replication, blockSize, progress);
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
