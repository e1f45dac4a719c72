package org.convoy.prepare;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.Serializable;
import java.util.regex.Pattern;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.HashPartitioner;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.SerializableConfiguration;
import org.convoy.data.Split;
import org.convoy.runtime.UserError;
import scala.Tuple2;

/**
 * Reads files that hold one picture each.
 *
 * @param root with its scheme; files lie below it, unless they say otherwise
 * @param maxBytes larger files are not read
 */
record PictureFiles(String root, long maxBytes, Broadcast<SerializableConfiguration> hadoop) implements Serializable {
    private static final long TASK_BYTES = 32 << 20;
    private static final long TASK_FILES = 1000;
    private static final int TASKS_PER_CORE = 4;

    private static final Pattern ABSOLUTE = Pattern.compile("(\\p{Alpha}[\\p{Alnum}+.-]*:)?/.*");

    /**
     * A file as listed.
     *
     * @param id its path relative to the root, or absolute, with or without a scheme
     * @param weight how much it counts in training
     * @param bytes its size when it was listed, or 0 where that is not known
     */
    record PictureFile(String id, int label, Split given, float weight, long bytes) implements Serializable {}

    /**
     * Reads them in tasks of even size, whatever directories they come from: a task for each file would cost more than the
     * files, and a task for each directory would leave most of a cluster idle.
     *
     * @param count of {@code files}
     * @param bytes of all of them, or 0 where that is not known
     */
    JavaRDD<Encoded> read(JavaRDD<PictureFile> files, long count, long bytes, int cores) {
        long bySize = Math.max(bytes / TASK_BYTES, count / TASK_FILES) + 1;
        long tasks = Math.min(count, Math.max(bySize, (long) cores * TASKS_PER_CORE));
        return files.mapToPair(file -> new Tuple2<>(file.id(), file))
                .partitionBy(new HashPartitioner(Math.toIntExact(tasks)))
                .map(file -> encoded(file._2()).weighing(file._2().weight()));
    }

    /** Reads one. */
    Encoded encoded(PictureFile file) {
        if (file.bytes() > maxBytes) {
            return Encoded.unread(file.id(), file.label(), file.given(), file.bytes());
        }
        Path path = ABSOLUTE.matcher(file.id()).matches()
                ? new Path(new Path(root), file.id())
                : new Path(root + "/" + file.id());
        try {
            FileSystem fileSystem = path.getFileSystem(hadoop.value().value());
            try (FSDataInputStream in = fileSystem.open(path)) {
                byte[] content = in.readNBytes((int) maxBytes + 1);
                return content.length > maxBytes
                        ? Encoded.unread(
                                file.id(),
                                file.label(),
                                file.given(),
                                fileSystem.getFileStatus(path).getLen())
                        : Encoded.of(file.id(), file.label(), file.given(), content);
            }
        } catch (FileNotFoundException e) {
            throw UserError.badInput("[" + path + "] file does not exist, though [" + root + "] lists it", e);
        } catch (IOException e) {
            throw UserError.badInput("[" + path + "] Cannot read: " + e.getMessage(), e);
        }
    }
}
