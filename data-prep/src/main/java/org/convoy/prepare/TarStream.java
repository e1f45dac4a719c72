package org.convoy.prepare;

import java.io.BufferedInputStream;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.compressors.gzip.GzipCompressorInputStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.Path;
import org.convoy.runtime.UserError;

/**
 * The files in one tar archive, plain or gzip, in their order. Nothing is ever unpacked to a file system. What is cut off or damaged
 * is an error that names the archive and the position.
 */
final class TarStream implements Closeable {
    private static final int BUFFER_BYTES = 1 << 16;

    private final String archive;
    private final long start;
    private final Tar tar;
    private String name = ""; // of the last entry

    /**
     * Opens an archive.
     *
     * @param start where the first header is: 0, or what {@link Entry#headerAt} said; always 0 for gzip
     */
    TarStream(Configuration hadoop, String archive, long start) throws IOException {
        this.archive = archive;
        this.start = start;
        Path path = new Path(archive);
        FSDataInputStream file = path.getFileSystem(hadoop).open(path);
        try {
            file.seek(start);
            InputStream buffered = new BufferedInputStream(file, BUFFER_BYTES);
            this.tar = new Tar(isGzip(archive) ? new GzipCompressorInputStream(buffered, true) : buffered);
        } catch (IOException e) {
            file.close();
            throw UserError.badInput("[" + archive + "] Cannot read: " + e.getMessage(), e);
        }
    }

    static boolean isTar(String name) {
        return name.endsWith(".tar") || name.endsWith(".tar.gz") || name.endsWith(".tgz");
    }

    static boolean isGzip(String name) {
        return name.endsWith("gz");
    }

    /**
     * A file in the archive.
     *
     * @param path with slashes, without leading {@code ./}
     * @param bytes 0 for a link: it has no bytes of its own
     * @param headerAt its header's offset in the unpacked archive
     */
    record Entry(String path, long bytes, long headerAt) {}

    /**
     * The next visible file; null at the end.
     *
     * @throws UserError (bad input) if the archive is damaged or cut off, or a path leads out of it
     */
    Entry next() {
        try {
            while (true) {
                tar.headerAt = Tar.UNKNOWN;
                TarArchiveEntry entry = tar.getNextTarEntry();
                if (entry == null) {
                    return null;
                }
                name = entry.getName();
                String path = inside(name);
                if (!entry.isDirectory() && !isHidden(path)) {
                    return new Entry(path, entry.getRealSize(), start + tar.headerAt);
                }
            }
        } catch (IOException | IllegalArgumentException e) {
            throw damaged(e);
        }
    }

    /** The bytes of the entry that {@link #next} gave. */
    byte[] read(Entry entry) {
        try {
            return tar.readNBytes((int) entry.bytes());
        } catch (IOException e) {
            throw damaged(e);
        }
    }

    private UserError damaged(Exception cause) {
        return UserError.badInput(
                "[" + archive + "] is cut off or damaged at byte " + (start + tar.getBytesRead())
                        + (isGzip(archive) ? " unpacked" : "")
                        + (name.isEmpty() ? "" : ", behind the header of '" + name + "'") + ": " + cause.getMessage(),
                cause);
    }

    /** The path without empty and {@code .} parts. */
    private String inside(String entryName) {
        List<String> parts = new ArrayList<>();
        for (String part : entryName.split("/", -1)) {
            if (part.equals("..")) {
                throw leadsOut(entryName);
            }
            if (!part.isEmpty() && !part.equals(".")) {
                parts.add(part);
            }
        }
        if (entryName.startsWith("/")) {
            throw leadsOut(entryName);
        }
        return String.join("/", parts);
    }

    private UserError leadsOut(String entryName) {
        return UserError.badInput("[" + archive + "] entry '" + entryName
                + "' leads out of the archive: paths must be relative and without '..'; nothing of it is used");
    }

    private static boolean isHidden(String path) {
        for (String part : path.split("/", -1)) {
            if (Hidden.is(part)) {
                return true;
            }
        }
        return false;
    }

    @Override
    public void close() throws IOException {
        tar.close();
    }

    /** Commons Compress takes an archive that was cut off between two entries for a whole one: ask for the end marker. */
    private static final class Tar extends TarArchiveInputStream {
        static final long UNKNOWN = -1;

        private long headerAt; // of the entry that is read next, from where this stream began
        private boolean ended;

        Tar(InputStream in) {
            super(in, "UTF-8");
        }

        @Override
        protected byte[] readRecord() throws IOException {
            if (headerAt == UNKNOWN) {
                headerAt = getBytesRead();
            }
            byte[] record = super.readRecord();
            if (record == null && !ended) {
                throw new EOFException("it ends without the end marker of a tar archive");
            }
            ended |= isEOFRecord(record);
            return record;
        }
    }
}
