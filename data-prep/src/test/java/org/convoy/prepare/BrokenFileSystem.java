package org.convoy.prepare;

import java.io.IOException;
import java.net.URI;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.util.Progressable;

/** The local file system under {@code broken:}, on which the manifest can't be written. */
final class BrokenFileSystem extends RawLocalFileSystem {
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
        if (path.getName().equals("manifest.json")) {
            throw new IOException("disk full");
        }
        return super.create(path, overwrite, bufferSize, replication, blockSize, progress);
    }
}
