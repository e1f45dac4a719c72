package org.convoy.prepare;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.hadoop.ParquetInputFormat;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.SerializableConfiguration;
import org.convoy.data.ExampleDigest;
import org.convoy.data.ExampleReader;
import org.convoy.data.Manifest;
import org.convoy.data.ParquetColumns;
import org.convoy.data.PictureSums;
import org.convoy.data.PreparedDataset;
import org.convoy.data.RejectedPicture;
import org.convoy.runtime.UserError;

/**
 * Compares a dataset's files with its manifest: every file is read again, a task each, and whatever lies in the directory
 * and is not in the manifest is named. Only findings come to the driver.
 */
public final class Verification {
    /** Of the pictures' columns, those that the digest does not cover; their pages have checksums as all pages have. */
    private static final List<String> OTHER_COLUMNS = List.of("source_width", "source_height", "sha256");

    /** Of a dataset's own directory; the rest of it is in the manifest. */
    private static final Set<String> UNLISTED = Set.of(Manifest.FILE_NAME, PrepareReport.FILE_NAME);

    private Verification() {}

    /**
     * Verifies every file.
     *
     * @return one line per damaged, missing or additional file, its path first, in brackets; empty if all is as it should be
     */
    public static List<String> run(JavaSparkContext spark, PreparedDataset dataset) {
        List<ListedFile> listed = listed(dataset.manifest());
        Broadcast<SerializableConfiguration> hadoop =
                spark.broadcast(new SerializableConfiguration(checkingPages(spark.hadoopConfiguration())));
        String path = dataset.path();
        List<String> findings = new ArrayList<>();
        try {
            findings.addAll(spark.parallelize(listed, listed.size())
                    .flatMap(file ->
                            file.problem(hadoop.value().value(), path).stream().iterator())
                    .collect());
        } finally {
            hadoop.destroy();
        }
        findings.addAll(additional(spark.hadoopConfiguration(), dataset));
        return findings;
    }

    /** Files that a verification reads. */
    public static int files(Manifest manifest) {
        return listed(manifest).size();
    }

    private static List<ListedFile> listed(Manifest manifest) {
        List<ListedFile> listed = new ArrayList<>();
        manifest.splits().values().forEach(split -> split.files()
                .forEach(file -> listed.add(new ListedFile(file, Kind.PICTURES))));
        manifest.rejectedFiles().forEach(file -> listed.add(new ListedFile(file, Kind.REJECTED)));
        manifest.statisticsFiles().forEach(file -> listed.add(new ListedFile(file, Kind.STATISTICS)));
        return listed;
    }

    private static Configuration checkingPages(Configuration hadoop) {
        Configuration checking = new Configuration(hadoop);
        checking.setBoolean(ParquetInputFormat.PAGE_VERIFY_CHECKSUM_ENABLED, true);
        return checking;
    }

    private enum Kind {
        PICTURES,
        REJECTED,
        STATISTICS
    }

    /** A file of the manifest. */
    private record ListedFile(Manifest.DataFile file, Kind kind) implements Serializable {

        Optional<String> problem(Configuration hadoop, String dataset) {
            Path path = new Path(dataset, file.path());
            try {
                long bytes = path.getFileSystem(hadoop).getFileStatus(path).getLen();
                if (bytes != file.bytes()) {
                    return finding("has " + bytes + " bytes but the manifest says " + file.bytes());
                }
                String digest = digest(hadoop, dataset, path);
                return digest.equals(file.digest())
                        ? Optional.empty()
                        : finding("holds other rows than the manifest says: digest " + digest + " instead of "
                                + file.digest());
            } catch (FileNotFoundException e) {
                return finding("is missing");
            } catch (IOException | UncheckedIOException | UserError e) {
                return finding("cannot be read: " + e.getMessage());
            }
        }

        private String digest(Configuration hadoop, String dataset, Path path) {
            return switch (kind) {
                case PICTURES -> digestOfPictures(hadoop, dataset, path);
                case REJECTED -> RejectedPicture.digest(hadoop, path);
                case STATISTICS -> PictureSums.digest(hadoop, path);
            };
        }

        private String digestOfPictures(Configuration hadoop, String dataset, Path path) {
            ExampleDigest digest = new ExampleDigest();
            ExampleReader.read(hadoop, dataset, List.of(file), 0, file.rows(), digest::add);
            ParquetColumns.read(hadoop, path, OTHER_COLUMNS, row -> {});
            return digest.hex();
        }

        private Optional<String> finding(String problem) {
            return Optional.of("[" + file.path() + "] " + problem);
        }
    }

    private static List<String> additional(Configuration hadoop, PreparedDataset dataset) {
        Set<String> known = new HashSet<>();
        listed(dataset.manifest()).forEach(listed -> known.add(listed.file().path()));
        Path root = new Path(dataset.path());
        List<String> additional = new ArrayList<>();
        try {
            FileSystem files = root.getFileSystem(hadoop);
            for (FileStatus entry : files.listStatus(root)) {
                if (!UNLISTED.contains(entry.getPath().getName())) {
                    collectUnknown(files, root, entry, known, additional);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("[" + root + "] Cannot list: " + e.getMessage(), e);
        }
        additional.sort(null);
        return additional;
    }

    private static void collectUnknown(
            FileSystem files, Path root, FileStatus entry, Set<String> known, List<String> unknown) throws IOException {
        if (entry.isDirectory()) {
            for (FileStatus child : files.listStatus(entry.getPath())) {
                collectUnknown(files, root, child, known, unknown);
            }
            return;
        }
        String path = root.toUri().relativize(entry.getPath().toUri()).getPath();
        if (!known.contains(path)) {
            unknown.add("[" + path + "] is not in the manifest");
        }
    }
}
