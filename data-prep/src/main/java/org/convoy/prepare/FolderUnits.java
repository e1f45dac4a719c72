package org.convoy.prepare;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.TreeSet;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RemoteIterator;
import org.apache.spark.Partitioner;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.storage.StorageLevel;
import org.apache.spark.util.SerializableConfiguration;
import org.convoy.data.Sha256;
import org.convoy.data.Split;
import org.convoy.prepare.PictureFiles.PictureFile;
import org.convoy.runtime.UserError;
import scala.Tuple2;

/**
 * Every visible file below a directory. Executors list directories, one level after another; the driver sees directories and never a
 * file's name. Names stay on the executors' disks. A file belongs to the unit that the hash of its id says.
 */
final class FolderUnits implements PictureUnits {
    private static final int LISTING_TASKS_PER_CORE = 4;

    private final UnitsConfig config;
    private final Broadcast<SerializableConfiguration> hadoop;
    private final String root;
    private final JavaRDD<Entry> files;
    private final FolderLayout layout;
    private final KnownClasses classes;
    private final List<Unit> units;

    private FolderUnits(
            UnitsConfig config,
            Broadcast<SerializableConfiguration> hadoop,
            String root,
            JavaRDD<Entry> files,
            FolderLayout layout,
            KnownClasses classes,
            List<Unit> units) {
        this.config = config;
        this.hadoop = hadoop;
        this.root = root;
        this.files = files;
        this.layout = layout;
        this.classes = classes;
        this.units = units;
    }

    /**
     * What a directory holds.
     *
     * @param path from the root on
     * @param bytes of a file; -1 of a directory
     */
    private record Entry(String path, long bytes) implements Serializable {
        boolean isDirectory() {
            return bytes < 0;
        }
    }

    static FolderUnits open(JavaSparkContext spark, Broadcast<SerializableConfiguration> hadoop, UnitsConfig config) {
        String root =
                InputFiles.qualified(hadoop.value().value(), config.input()).toString();
        JavaRDD<Entry> files = spark.emptyRDD();
        TreeSet<String> directories = new TreeSet<>();
        List<String> level = List.of("");
        while (!level.isEmpty()) {
            int tasks = Math.min(level.size(), spark.defaultParallelism() * LISTING_TASKS_PER_CORE);
            JavaRDD<Entry> entries = spark.parallelize(level, tasks)
                    .flatMap(directory ->
                            new Entries(root, directory, hadoop.value().value()))
                    // Kept, because listing is slow; on disk, because it is long.
                    .persist(StorageLevel.DISK_ONLY());
            level = entries.filter(Entry::isDirectory).map(Entry::path).collect();
            directories.addAll(level);
            files = files.union(entries.filter(entry -> !entry.isDirectory()));
        }
        long count = files.count();
        if (count == 0) {
            throw UserError.badInput("[" + config.input() + "] has no files to score");
        }
        FolderLayout layout = new FolderLayout("", areSplits(directories));
        return new FolderUnits(
                config,
                hadoop,
                root,
                files,
                layout,
                KnownClasses.among(config, classNames(directories, layout)),
                units(files, Math.toIntExact((count - 1) / config.picturesPerUnit(count) + 1)));
    }

    private static boolean areSplits(Set<String> directories) {
        List<String> top =
                directories.stream().filter(path -> path.indexOf('/') < 0).toList();
        return !top.isEmpty() && FolderLayout.areSplits(top);
    }

    private static Set<String> classNames(Set<String> directories, FolderLayout layout) {
        Set<String> names = new TreeSet<>();
        directories.forEach(directory -> layout.place(directory).ifPresent(place -> names.add(place.className())));
        return names;
    }

    private static List<Unit> units(JavaRDD<Entry> files, int count) {
        Sums sums = files.treeAggregate(new Sums(count), (some, file) -> some.add(file), Sums::add);
        List<Unit> units = new ArrayList<>(count);
        for (int unit = 0; unit < count; unit++) {
            units.add(new Unit(
                    String.format(
                            Locale.ROOT,
                            "part %d of %d of the names and sizes with the sum %016x",
                            unit,
                            count,
                            sums.fingerprints[unit]),
                    sums.pictures[unit]));
        }
        return units;
    }

    private static int unitOf(String id, int count) {
        return Math.floorMod(id.hashCode(), count);
    }

    /** Counts and order-independent sums of hashes, by unit. */
    @SuppressWarnings("ArrayRecordComponent") // added up in place
    private record Sums(long[] pictures, long[] fingerprints) implements Serializable {
        Sums(int units) {
            this(new long[units], new long[units]);
        }

        Sums add(Entry file) {
            int unit = unitOf(file.path(), pictures.length);
            pictures[unit]++;
            byte[] named = (file.path() + "\n" + file.bytes()).getBytes(StandardCharsets.UTF_8);
            fingerprints[unit] += ByteBuffer.wrap(Sha256.of(named)).getLong();
            return this;
        }

        Sums add(Sums other) {
            for (int unit = 0; unit < pictures.length; unit++) {
                pictures[unit] += other.pictures[unit];
                fingerprints[unit] += other.fingerprints[unit];
            }
            return this;
        }
    }

    @Override
    public List<Unit> units() {
        return units;
    }

    @Override
    public boolean labelled() {
        return classes.areRead();
    }

    @Override
    public JavaRDD<UnitPictures> read(JavaSparkContext spark, List<Integer> numbers, int tasks) {
        FolderLayout places = layout;
        KnownClasses known = classes;
        int[] partitions = Wanted.partitions(numbers, units.size());
        int count = units.size();
        PictureFiles reader = new PictureFiles(root, config.maxBytes(), hadoop);
        JavaRDD<Encoded> byUnit = JavaPairRDD.fromJavaRDD(
                        files.filter(entry -> partitions[unitOf(entry.path(), count)] >= 0)
                                .map(entry -> new Tuple2<>(entry.path(), entry.bytes())))
                .repartitionAndSortWithinPartitions(new ByUnit(partitions, numbers.size()))
                .map(file -> reader.encoded(new PictureFile(
                        file._1(),
                        known.of(places.place(FolderLayout.directoryOf(file._1()))
                                .map(FolderLayout.Place::className)
                                .orElse(null)),
                        Split.TRAIN,
                        1,
                        file._2())));
        return UnitPictures.inTasks(byUnit, tasks);
    }

    /** The partition of each unit; -1 for units that are not wanted. */
    static final class ByUnit extends Partitioner {
        private static final long serialVersionUID = 1L;

        private final int[] partitions;
        private final int count;

        ByUnit(int[] partitions, int count) {
            this.partitions = partitions;
            this.count = count;
        }

        @Override
        public int numPartitions() {
            return count;
        }

        @Override
        public int getPartition(Object id) {
            return partitions[unitOf((String) id, partitions.length)];
        }
    }

    /** Streams what is visible in one directory. */
    private static final class Entries implements Iterator<Entry> {
        private final String directory;
        private final RemoteIterator<FileStatus> entries;
        private Entry next; // null at the end

        Entries(String root, String directory, Configuration hadoop) {
            this.directory = directory;
            Path path = directory.isEmpty() ? new Path(root) : new Path(root + "/" + directory);
            try {
                FileSystem fileSystem = path.getFileSystem(hadoop);
                this.entries = fileSystem.listStatusIterator(path);
                this.next = advance();
            } catch (FileNotFoundException e) {
                throw UserError.badInput("[" + path + "] does not exist", e);
            } catch (IOException e) {
                throw UserError.badInput("[" + path + "] Cannot list: " + e.getMessage(), e);
            }
        }

        private Entry advance() throws IOException {
            while (entries.hasNext()) {
                FileStatus entry = entries.next();
                String name = entry.getPath().getName();
                if (!Hidden.is(name)) {
                    return new Entry(
                            directory.isEmpty() ? name : directory + "/" + name,
                            entry.isDirectory() ? -1 : entry.getLen());
                }
            }
            return null;
        }

        @Override
        public boolean hasNext() {
            return next != null;
        }

        @Override
        public Entry next() {
            if (next == null) {
                throw new NoSuchElementException();
            }
            Entry entry = next;
            try {
                next = advance();
            } catch (IOException e) {
                throw new UncheckedIOException("[" + directory + "] Cannot list: " + e.getMessage(), e);
            }
            return entry;
        }
    }
}
