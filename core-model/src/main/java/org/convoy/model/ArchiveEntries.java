package org.convoy.model;

import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;

/**
 * The entries of a model archive, one after the other. An archive may come from anybody: nothing in it is unpacked to a file or
 * deserialised, and its size bounds what it may inflate to.
 */
final class ArchiveEntries {
    private static final int MOST_ENTRIES = 100;

    /** What an archive may inflate to beyond its size: the largest whitening matrix, and as much again. */
    private static final long FREE_BYTES = 128L << 20;

    /** Float32 weights hardly compress; if nineteen in twenty of them are 0, they do. */
    private static final int MOST_INFLATION = 20;

    /** The largest whitening matrix is of 4096 x 4096 float32. */
    private static final int MOST_WHOLE_BYTES = 80 << 20;

    /** First bytes of what Java's {@code ObjectOutputStream} writes. */
    private static final byte[] JAVA_SERIALISED = {(byte) 0xAC, (byte) 0xED};

    private static final byte[] FIRST_RECORD = {'P', 'K', 3, 4};
    private static final byte[] LAST_RECORD = {'P', 'K', 5, 6};
    private static final int LAST_RECORD_BYTES = 22;
    private static final int ENTRY_COUNT = 10;

    /** Does something with an entry's content, or with as much of it as it likes. */
    interface Visitor {
        void visit(String name, InputStream content) throws IOException;
    }

    private ArchiveEntries() {}

    /**
     * Visits every entry and checks all content, whether it is looked at or not.
     *
     * @param where the archive's path, for messages
     * @throws BadModelException if the archive is cut off or damaged, has too many entries, one of a name that leads out of it or
     *     one of Java-serialised objects, or inflates to far more than its size
     */
    static void visit(byte[] zip, String where, Visitor visitor) {
        if (!startsWith(zip, FIRST_RECORD)) {
            throw new BadModelException("[" + where + "] is no model: it is not a zip archive", null);
        }
        Set<String> names = new HashSet<>();
        try (ZipInputStream in = new ZipInputStream(new ByteArrayInputStream(zip))) {
            InputStream limited = new Limited(in, FREE_BYTES + (long) MOST_INFLATION * zip.length, where);
            for (ZipEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
                requireGood(entry.getName(), names, where);
                InputStream content = new BufferedInputStream(limited);
                requireNotSerialised(entry.getName(), content, where);
                visitor.visit(entry.getName(), content);
                content.transferTo(OutputStream.nullOutputStream());
            }
        } catch (EOFException e) {
            throw new BadModelException("[" + where + "] is cut off", e);
        } catch (IOException | IllegalArgumentException e) {
            throw new BadModelException("[" + where + "] is a damaged zip archive: " + e.getMessage(), e);
        }
        if (!endsWithRecordOf(names.size(), zip)) {
            throw new BadModelException("[" + where + "] is cut off", null);
        }
    }

    /** An entry's whole content. */
    static byte[] whole(String name, InputStream content, String where) throws IOException {
        byte[] bytes = content.readNBytes(MOST_WHOLE_BYTES + 1);
        if (bytes.length > MOST_WHOLE_BYTES) {
            throw new BadModelException(
                    "[" + where + "] has a " + name + " of more than " + MOST_WHOLE_BYTES + " bytes: no model does",
                    null);
        }
        return bytes;
    }

    private static void requireGood(String name, Set<String> names, String where) {
        boolean leadsOut = name.startsWith("/")
                || name.contains("\\")
                || name.contains(":")
                || Arrays.asList(name.split("/")).contains("..");
        if (leadsOut) {
            throw new BadModelException("[" + where + "] has an entry that leads out of the archive: " + name, null);
        }
        if (!names.add(name)) {
            throw new BadModelException("[" + where + "] has two entries " + name, null);
        }
        if (names.size() > MOST_ENTRIES) {
            throw new BadModelException("[" + where + "] has more than " + MOST_ENTRIES + " entries", null);
        }
    }

    private static void requireNotSerialised(String name, InputStream content, String where) throws IOException {
        content.mark(JAVA_SERIALISED.length);
        byte[] start = content.readNBytes(JAVA_SERIALISED.length);
        content.reset();
        if (Arrays.equals(start, JAVA_SERIALISED)) {
            throw new BadModelException(
                    "[" + where + "] has an entry of Java-serialised objects, which are never read: " + name, null);
        }
    }

    private static boolean startsWith(byte[] zip, byte[] start) {
        return zip.length >= start.length && Arrays.equals(zip, 0, start.length, start, 0, start.length);
    }

    /** Without its last record an archive is cut off, be it between two entries. A comment may follow it. */
    private static boolean endsWithRecordOf(int entries, byte[] zip) {
        ByteBuffer bytes = ByteBuffer.wrap(zip).order(ByteOrder.LITTLE_ENDIAN);
        for (int at = zip.length - LAST_RECORD_BYTES; at >= 0; at--) {
            int comment = zip.length - LAST_RECORD_BYTES - at;
            if (Arrays.equals(zip, at, at + LAST_RECORD.length, LAST_RECORD, 0, LAST_RECORD.length)
                    && Short.toUnsignedInt(bytes.getShort(at + LAST_RECORD_BYTES - Short.BYTES)) == comment) {
                return Short.toUnsignedInt(bytes.getShort(at + ENTRY_COUNT)) == entries;
            }
        }
        return false;
    }

    /** What all entries together inflate to. */
    private static final class Limited extends FilterInputStream {
        private final long most;
        private final String where;
        private long bytes;

        private Limited(InputStream in, long most, String where) {
            super(in);
            this.most = most;
            this.where = where;
        }

        @Override
        public int read() throws IOException {
            int value = super.read();
            count(value < 0 ? 0 : 1);
            return value;
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            int read = super.read(target, offset, length);
            count(Math.max(0, read));
            return read;
        }

        private void count(int read) {
            bytes += read;
            if (bytes > most) {
                throw new BadModelException(
                        "[" + where + "] inflates to more than " + most + " bytes: no model does", null);
            }
        }
    }
}
