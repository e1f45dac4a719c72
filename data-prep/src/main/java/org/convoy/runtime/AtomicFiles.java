package org.convoy.runtime;

import java.io.BufferedOutputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.CreateFlag;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileAlreadyExistsException;
import org.apache.hadoop.fs.FileContext;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Options;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RemoteIterator;
import org.apache.hadoop.io.IOUtils;

/**
 * Files that several processes write and read at once, most of them small: each is there whole or not at all, and of two that create the same
 * one does.
 *
 * <p>This takes a file system that renames in one step and can refuse to replace, as HDFS does. On local disks Java's own hard links
 * and moves are used: Hadoop's local file system looks first and renames then, and keeps a checksum in a second file. A store whose
 * rename is a copy, such as S3, gives neither promise: there one scheduler must see to it that runs do not meet.
 */
public final class AtomicFiles {
    private static final String ASIDE = ".writing-";
    private static final int BUFFER_BYTES = 1 << 16;

    private final FileContext files;

    private AtomicFiles(FileContext files) {
        this.files = files;
    }

    /** Those of the file system that {@code path} lies in. */
    public static AtomicFiles at(Configuration hadoop, Path path) throws IOException {
        return new AtomicFiles(FileContext.getFileContext(
                path.getFileSystem(hadoop).makeQualified(path).toUri(), hadoop));
    }

    /** Makes the file have this content; readers see what it was before or this. */
    public void replace(Path file, byte[] content) throws IOException {
        Path aside = aside(file.getParent());
        write(aside, content);
        if (isLocal(aside)) {
            try (FileChannel channel = FileChannel.open(local(aside), StandardOpenOption.WRITE)) {
                channel.force(true); // or a power cut might leave an empty file under the name
            }
            // Hadoop's checksum of what was there.
            Files.deleteIfExists(local(new Path(file.getParent(), "." + file.getName() + ".crc")));
            Files.move(local(aside), local(file), StandardCopyOption.ATOMIC_MOVE);
        } else {
            files.rename(aside, file, Options.Rename.OVERWRITE);
        }
    }

    /** The file's content, if there is one. */
    public Optional<byte[]> read(Path file) throws IOException {
        try {
            if (isLocal(file)) {
                return Optional.of(Files.readAllBytes(local(file)));
            }
            try (FSDataInputStream in = files.open(file)) {
                return Optional.of(in.readAllBytes());
            }
        } catch (NoSuchFileException | FileNotFoundException e) {
            return Optional.empty();
        }
    }

    /** A name for a file that is being written; {@link ProcessName#isDead} knows of its ending whether anybody still does. */
    static Path aside(Path directory) {
        return new Path(directory, ASIDE + ProcessName.name());
    }

    /** Whether {@code name} is one of {@link #aside} whose process is over. */
    static boolean isLeftBehind(String name) {
        return name.startsWith(ASIDE) && ProcessName.isDead(name.substring(ASIDE.length()));
    }

    /** Writes a file that nobody else knows of yet. */
    public void write(Path file, byte[] content) throws IOException {
        OutputStream out = create(file);
        try {
            out.write(content);
            out.close();
        } finally {
            // After a failure HDFS throws the same exception object from close again, which must not hide it.
            IOUtils.closeStream(out);
        }
    }

    /** Opens a file that nobody else knows of yet; its directory is made if it is not there. */
    public OutputStream create(Path file) throws IOException {
        if (isLocal(file)) {
            Files.createDirectories(local(file).getParent());
            return new BufferedOutputStream(Files.newOutputStream(local(file)), BUFFER_BYTES);
        }
        return files.create(file, EnumSet.of(CreateFlag.CREATE), Options.CreateOpts.createParent());
    }

    /**
     * Gives a written file its name, unless there is such a file already: then nothing changes.
     *
     * @return whether it did
     */
    public boolean appear(Path written, Path file) throws IOException {
        try {
            if (isLocal(file)) {
                Files.createLink(local(file), local(written));
                Files.delete(local(written));
            } else {
                files.rename(written, file, Options.Rename.NONE);
            }
            return true;
        } catch (java.nio.file.FileAlreadyExistsException | FileAlreadyExistsException e) {
            return false;
        }
    }

    /** When a file was written, by the file system's own clock: milliseconds since 1970; empty if it is gone. */
    Optional<Long> written(Path file) throws IOException {
        try {
            return Optional.of(
                    isLocal(file)
                            ? Files.getLastModifiedTime(local(file)).toMillis()
                            : files.getFileStatus(file).getModificationTime());
        } catch (NoSuchFileException | FileNotFoundException e) {
            return Optional.empty();
        }
    }

    /** Names of what is in a directory; none if it is not there. */
    List<String> names(Path directory) throws IOException {
        try {
            if (isLocal(directory)) {
                try (Stream<java.nio.file.Path> entries = Files.list(local(directory))) {
                    return entries.map(entry -> entry.getFileName().toString()).toList();
                }
            }
            List<String> names = new ArrayList<>();
            RemoteIterator<FileStatus> entries = files.listStatus(directory);
            while (entries.hasNext()) {
                names.add(entries.next().getPath().getName());
            }
            return names;
        } catch (NoSuchFileException | FileNotFoundException e) {
            return List.of();
        }
    }

    /** Deletes a file, if it is there. */
    public void delete(Path file) throws IOException {
        if (isLocal(file)) {
            Files.deleteIfExists(local(file));
        } else {
            files.delete(file, false);
        }
    }

    private boolean isLocal(Path path) {
        return "file".equals(files.makeQualified(path).toUri().getScheme());
    }

    private java.nio.file.Path local(Path path) {
        return java.nio.file.Path.of(files.makeQualified(path).toUri().getPath());
    }
}
