package org.convoy.doctor;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.security.AccessControlException;
import org.apache.hadoop.security.UserGroupInformation;
import org.apache.spark.SparkEnv;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.SerializableConfiguration;
import org.convoy.data.PreparedDataset;

/**
 * The file systems of models and dataset, on the driver and on every executor: what training does there (create, rename, read,
 * delete) is done with a small file, which is gone afterwards.
 */
final class StorageChecks {
    private static final String CHECK = "storage";
    private static final int PROBE_BYTES = 4096;

    private StorageChecks() {}

    /** Whether the driver has what Hadoop's security asks for. */
    static Finding kerberos(Configuration hadoop, UserGroupInformation user) {
        String check = "Kerberos";
        if (hadoop.get("hadoop.security.authentication", "simple").equals("simple")) {
            return Finding.ok(check, "not configured; files are read and written as user " + user.getShortUserName());
        }
        if (user.hasKerberosCredentials() || user.getCredentials().numberOfTokens() > 0) {
            return Finding.ok(
                    check,
                    user.getUserName()
                            + (user.hasKerberosCredentials()
                                    ? " has a ticket"
                                    : " has the tokens that spark-submit asked for"));
        }
        return Finding.error(
                check,
                user.getUserName() + " has no ticket, though hadoop.security.authentication is "
                        + hadoop.get("hadoop.security.authentication"),
                "the cluster refuses every access to files",
                "run kinit, or for trainings longer than a ticket lives give spark-submit --principal and --keytab");
    }

    /**
     * Writes, renames, reads and deletes where models are kept, from here and from executors, and compares the clock.
     *
     * @param tasks that the cluster runs at once; 0 if it has no executors
     */
    static List<Finding> models(JavaSparkContext spark, int tasks, String directory) {
        Path probe;
        FileSystem files;
        List<Finding> findings = new ArrayList<>();
        try {
            Path path = new Path(directory);
            files = path.getFileSystem(spark.hadoopConfiguration());
            Path existing = nearestExisting(files, files.makeQualified(path));
            probe = new Path(existing, ".convoy-doctor-" + UUID.randomUUID());
            long before = System.currentTimeMillis();
            write(files, probe);
            long written = files.getFileStatus(probe).getModificationTime();
            clock(files, written, before, System.currentTimeMillis()).ifPresent(findings::add);
        } catch (IOException | RuntimeException e) {
            return List.of(failure("the driver", directory, e));
        }
        try {
            findings.addAll(executors(spark, tasks, probe, directory));
            rename(files, probe);
        } catch (IOException e) {
            findings.add(failure("the driver", directory, e));
        } finally {
            delete(files, probe);
        }
        if (findings.stream().allMatch(finding -> finding.severity() == Severity.OK)) {
            findings.add(Finding.ok(
                    CHECK,
                    "models.directory " + probe.getParent()
                            + " can be written, renamed in and read from every process"));
        }
        return findings;
    }

    private static Path nearestExisting(FileSystem files, Path path) throws IOException {
        Path nearest = path;
        while (!files.exists(nearest) && nearest.getParent() != null) {
            nearest = nearest.getParent();
        }
        return nearest;
    }

    private static void write(FileSystem files, Path probe) throws IOException {
        byte[] bytes = content(probe);
        try (FSDataOutputStream out = files.create(probe, false)) {
            out.write(bytes);
        }
        try (FSDataInputStream in = files.open(probe)) {
            if (!Arrays.equals(in.readAllBytes(), bytes)) {
                throw new IOException("what was read is not what was written");
            }
        }
    }

    private static byte[] content(Path probe) {
        byte[] bytes = new byte[PROBE_BYTES];
        new Random(probe.getName().hashCode()).nextBytes(bytes);
        return bytes;
    }

    private static void rename(FileSystem files, Path probe) throws IOException {
        Path renamed = new Path(probe.getParent(), probe.getName() + "-renamed");
        if (!files.rename(probe, renamed) || files.exists(probe)) {
            throw new IOException("a file could not be renamed");
        }
        if (!files.delete(renamed, false)) {
            throw new IOException("a file could not be deleted");
        }
    }

    private static void delete(FileSystem files, Path probe) {
        try {
            files.delete(probe, false);
        } catch (IOException e) {
            // The finding says already that the file system does not work.
        }
    }

    private static Optional<Finding> clock(FileSystem files, long written, long before, long after) {
        long ahead = written > after ? written - after : Math.min(0, written - before);
        return ProcessChecks.clock("the file system " + files.getUri(), ahead);
    }

    /** Each executor reads the driver's file and goes the same way with one of its own. */
    private static List<Finding> executors(JavaSparkContext spark, int tasks, Path probe, String directory) {
        if (spark.sc().isLocal() || tasks == 0) {
            return List.of();
        }
        Broadcast<SerializableConfiguration> hadoop =
                spark.broadcast(new SerializableConfiguration(spark.hadoopConfiguration()));
        String file = probe.toString();
        List<Integer> numbers = IntStream.range(0, tasks).boxed().toList();
        return spark
                .parallelize(numbers, tasks)
                .flatMap(number -> onExecutor(hadoop.value().value(), new Path(file), directory)
                        .iterator())
                .collect()
                .stream()
                .distinct()
                .toList();
    }

    private static List<Finding> onExecutor(Configuration hadoop, Path probe, String directory) {
        String process = SparkEnv.get().blockManager().blockManagerId().host() + "/"
                + SparkEnv.get().executorId();
        try {
            FileSystem files = probe.getFileSystem(hadoop);
            if (!files.exists(probe)) {
                return List.of(Finding.error(
                        CHECK,
                        process + " does not see in " + probe.getParent() + " what the driver wrote there",
                        "executors and driver would each have a directory of their own",
                        "put models and datasets on a file system that all machines share, such as hdfs://"));
            }
            Path own = new Path(probe.getParent(), probe.getName() + "-" + UUID.randomUUID());
            try {
                write(files, own);
                rename(files, own);
            } finally {
                delete(files, own);
            }
            return List.of();
        } catch (IOException | RuntimeException e) {
            return List.of(failure(process, directory, e));
        }
    }

    /** Whether every executor can read the dataset's manifest, which the driver has read. */
    static List<Finding> dataset(JavaSparkContext spark, int tasks, String directory) {
        Broadcast<SerializableConfiguration> hadoop =
                spark.broadcast(new SerializableConfiguration(spark.hadoopConfiguration()));
        List<Integer> numbers = IntStream.range(0, tasks).boxed().toList();
        List<Finding> findings = spark
                .parallelize(numbers, tasks)
                .flatMap(number -> unreadable(hadoop.value().value(), directory).iterator())
                .collect()
                .stream()
                .distinct()
                .toList();
        return findings.isEmpty()
                ? List.of(Finding.ok(CHECK, "train.dataset " + directory + " can be read from every process"))
                : findings;
    }

    /** On an executor. */
    private static List<Finding> unreadable(Configuration hadoop, String directory) {
        try {
            PreparedDataset.open(hadoop, directory);
            return List.of();
        } catch (RuntimeException e) {
            String process = SparkEnv.get().blockManager().blockManagerId().host() + "/"
                    + SparkEnv.get().executorId();
            return List.of(failure(process, directory, e));
        }
    }

    /** Whether there is room for what a training leaves. */
    static Finding space(Configuration hadoop, String directory, long needed) {
        String check = "free space";
        try {
            Path path = new Path(directory);
            FileSystem files = path.getFileSystem(hadoop);
            Path existing = nearestExisting(files, files.makeQualified(path));
            long free = files.getStatus(existing).getRemaining();
            FileStatus status = files.getFileStatus(existing);
            int copies = Math.max(1, files.getDefaultReplication(status.getPath()));
            long taken = needed * copies;
            String what = String.format(
                    Locale.ROOT,
                    "%s free in %s; checkpoints and a version take %s%s",
                    Sizes.bytes(free),
                    files.getUri(),
                    Sizes.bytes(taken),
                    copies == 1 ? "" : " in " + copies + " copies");
            if (free >= 2 * taken) {
                return Finding.ok(check, what);
            }
            return Finding.error(
                    check,
                    what,
                    "the training would stop when its checkpoint cannot be written",
                    "delete old versions or checkpoints, or add DataNodes");
        } catch (IOException e) {
            return failure("the driver", directory, e);
        }
    }

    /** What a file system's refusal means, and what helps. */
    static Finding failure(String who, String directory, Exception e) {
        String text = rootMessage(e);
        String what = "[" + directory + "] " + who + " cannot use it: " + text;
        String why = "training reads its dataset and writes checkpoints and models there";
        if (text.contains("safe mode")) {
            return Finding.error(
                    CHECK,
                    what,
                    why,
                    "wait until the NameNode has seen enough DataNodes; `hdfs dfsadmin -safemode get` shows, and after a"
                            + " full disk `-safemode leave` ends it");
        }
        if (text.contains("Permission denied") || e instanceof AccessControlException) {
            return Finding.error(
                    CHECK,
                    what,
                    why,
                    "let its owner give it to you (`hdfs dfs -chown` or `-chmod`), or set models.directory to one that is"
                            + " yours");
        }
        if (text.contains("quota")) {
            return Finding.error(
                    CHECK, what, why, "delete something there, or ask for more: `hdfs dfsadmin -setSpaceQuota`");
        }
        if (text.contains("could only be written to 0") || text.contains("No space left")) {
            return Finding.error(
                    CHECK,
                    what,
                    why,
                    "the disks are full or no DataNode runs: `hdfs dfsadmin -report` shows which; delete something, or"
                            + " add DataNodes");
        }
        if (text.contains("SIMPLE authentication is not enabled") || text.contains("GSS")) {
            return Finding.error(
                    CHECK, what, why, "get a Kerberos ticket: kinit, or spark-submit --principal --keytab");
        }
        if (e instanceof FileNotFoundException) {
            return Finding.error(CHECK, what, why, "check the path");
        }
        return Finding.error(
                CHECK,
                what,
                why,
                "check the address, that the NameNode runs, and that HADOOP_CONF_DIR names its configuration");
    }

    private static String rootMessage(Throwable e) {
        Throwable root = e;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        String message = String.valueOf(root.getMessage()).lines().findFirst().orElse("");
        return message.isEmpty() ? root.getClass().getSimpleName() : message;
    }
}
