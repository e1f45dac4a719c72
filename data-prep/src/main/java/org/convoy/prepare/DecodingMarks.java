package org.convoy.prepare;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.SparkEnv;
import org.apache.spark.TaskContext;
import org.apache.spark.deploy.SparkHadoopUtil;
import org.apache.spark.util.TaskCompletionListener;
import org.convoy.data.Sha256;

/**
 * Finds the picture that kills its process, which no code can catch. A task that runs again writes down which picture it is about
 * to decode; the task after it finds that mark, for only a process that lives on deletes it, and sets the picture aside. A first
 * attempt writes nothing, so marks cost nothing where all is well. With Spark's four attempts (spark.task.maxFailures) a task
 * survives two such pictures.
 *
 * <p>A job whose driver names no directory has no marks, unless a task asks for them by {@link #keep}: a picture that kills its process
 * then ends the job.
 *
 * <p>A mark is a file of the attempt's own in a directory of the task's own, on the file system of the output, and holds the
 * SHA-256 of the picture.
 */
public final class DecodingMarks {
    /** Spark's local property that tells tasks where marks are written. */
    static final String DIRECTORY_PROPERTY = "convoy.prepare.marks";

    private static final Map<Long, DecodingMarks> OF_RUNNING_TASKS = new ConcurrentHashMap<>();

    private final FileSystem fileSystem;
    private final Path mark;
    private final Set<String> killers;

    private DecodingMarks(FileSystem fileSystem, Path mark, Set<String> killers) {
        this.fileSystem = fileSystem;
        this.mark = mark;
        this.killers = killers;
    }

    /**
     * Has the running task mark what it decodes, because an attempt at the same work has died before.
     *
     * @param directory of that work alone
     */
    public static void keep(Path directory) {
        TaskContext task = TaskContext.get();
        OF_RUNNING_TASKS.computeIfAbsent(task.taskAttemptId(), id -> open(task, directory));
    }

    /**
     * Is called before a picture is decoded, in the task's own thread.
     *
     * @throws BadPictureException if an earlier attempt of this task died while it decoded the same bytes
     */
    static void mark(byte[] encoded) throws BadPictureException {
        TaskContext task = TaskContext.get();
        if (task == null) {
            return;
        }
        if (task.attemptNumber() + task.stageAttemptNumber() > 0 && task.getLocalProperty(DIRECTORY_PROPERTY) != null) {
            keep(new Path(task.getLocalProperty(DIRECTORY_PROPERTY), String.valueOf(task.partitionId())));
        }
        DecodingMarks marks = OF_RUNNING_TASKS.get(task.taskAttemptId());
        if (marks != null) {
            marks.begin(Sha256.hex(Sha256.of(encoded)));
        }
    }

    private static DecodingMarks open(TaskContext task, Path directory) {
        try {
            FileSystem fileSystem = directory.getFileSystem(
                    SparkHadoopUtil.get().newConfiguration(SparkEnv.get().conf()));
            DecodingMarks marks = new DecodingMarks(
                    fileSystem, new Path(directory, String.valueOf(task.taskAttemptId())), read(fileSystem, directory));
            task.addTaskCompletionListener((TaskCompletionListener) ended -> marks.end(ended.taskAttemptId()));
            return marks;
        } catch (IOException e) {
            throw new UncheckedIOException("[" + directory + "] Cannot read marks: " + e.getMessage(), e);
        }
    }

    private static Set<String> read(FileSystem fileSystem, Path directory) throws IOException {
        Set<String> killers = new HashSet<>();
        try {
            for (FileStatus file : fileSystem.listStatus(directory)) {
                try (FSDataInputStream in = fileSystem.open(file.getPath())) {
                    killers.add(new String(in.readAllBytes(), StandardCharsets.US_ASCII));
                }
            }
        } catch (FileNotFoundException e) {
            return killers; // the first attempt writes none
        }
        return killers;
    }

    private void begin(String sha256) throws BadPictureException {
        if (killers.contains(sha256)) {
            throw new BadPictureException(
                    Reason.KILLED_ITS_PROCESS, "an earlier attempt of the task died while it decoded this");
        }
        try (FSDataOutputStream out = fileSystem.create(mark, true)) {
            out.write(sha256.getBytes(StandardCharsets.US_ASCII));
        } catch (IOException e) {
            throw new UncheckedIOException("[" + mark + "] Cannot write: " + e.getMessage(), e);
        }
    }

    private void end(long taskAttemptId) {
        OF_RUNNING_TASKS.remove(taskAttemptId);
        try {
            fileSystem.delete(mark, false);
        } catch (IOException e) {
            throw new UncheckedIOException("[" + mark + "] Cannot delete: " + e.getMessage(), e);
        }
    }
}
