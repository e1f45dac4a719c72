package org.convoy.score;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.DelegateToFileSystem;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.util.Progressable;
import org.apache.spark.TaskContext;

/**
 * The local file system under {@code deadly:}, whose pictures named {@code killer} are the death of the process that scores them: when
 * they are marked, or, where pictures before them were not, when they are read.
 */
public final class DeadlyFileSystem extends RawLocalFileSystem {
    static final String KILLER = "killer";
    private static final String MARKS = "/_attempts/marks/";

    /** Was the last picture that was read. */
    private static volatile boolean killerIsRead;

    /** The attempt that keeps marks. */
    private static volatile long markingAttempt = -1;

    /** The same for {@code FileContext}. */
    public static final class ForContexts extends DelegateToFileSystem {
        public ForContexts(URI uri, Configuration hadoop) throws IOException, URISyntaxException {
            super(uri, new DeadlyFileSystem(), hadoop, "deadly", false);
        }
    }

    @Override
    public URI getUri() {
        return URI.create("deadly:///");
    }

    @Override
    public String getScheme() {
        return "deadly";
    }

    @Override
    public FSDataInputStream open(Path path, int bufferSize) throws IOException {
        killerIsRead = path.getName().contains(KILLER);
        if (killerIsRead && TaskContext.get().taskAttemptId() != markingAttempt) {
            die();
        }
        return super.open(path, bufferSize);
    }

    @Override
    public FSDataOutputStream create(
            Path path, boolean overwrite, int bufferSize, short replication, long blockSize, Progressable progress)
            throws IOException {
        FSDataOutputStream out = super.create(path, overwrite, bufferSize, replication, blockSize, progress);
        if (!path.toString().contains(MARKS)) {
            return out;
        }
        markingAttempt = TaskContext.get().taskAttemptId();
        return new FSDataOutputStream(new Marking(out), null);
    }

    private static void die() {
        Runtime.getRuntime().halt(134);
    }

    private static final class Marking extends FilterOutputStream {
        Marking(FSDataOutputStream out) {
            super(out);
        }

        @Override
        public void close() throws IOException {
            super.close();
            if (killerIsRead) {
                die();
            }
        }
    }
}
