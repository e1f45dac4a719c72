package org.convoy.prepare;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;

/** A small tar archive made in code. */
final class Tars {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final TarArchiveOutputStream out = new TarArchiveOutputStream(bytes, "UTF-8");

    Tars() {
        out.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
    }

    Tars file(String name, byte[] content) {
        return entry(new TarArchiveEntry(name, true), content);
    }

    Tars link(String name, String target) {
        TarArchiveEntry link = new TarArchiveEntry(name, TarConstants.LF_SYMLINK);
        link.setLinkName(target);
        return entry(link, new byte[0]);
    }

    /** {@code count} PNG of each class below {@code directory}. */
    Tars classes(String directory, int count, String... classes) {
        for (String name : classes) {
            entry(new TarArchiveEntry(directory + "/" + name + "/"), new byte[0]);
            for (int i = 0; i < count; i++) {
                String path = directory + "/" + name + "/" + i + ".png";
                file(path, Pictures.png(path.getBytes(StandardCharsets.UTF_8).length * 7919L + path.hashCode()));
            }
        }
        return this;
    }

    private Tars entry(TarArchiveEntry entry, byte[] content) {
        try {
            entry.setSize(content.length);
            out.putArchiveEntry(entry);
            out.write(content);
            out.closeArchiveEntry();
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    byte[] bytes() {
        try {
            out.close();
            return bytes.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
