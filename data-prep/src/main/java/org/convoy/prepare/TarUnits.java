package org.convoy.prepare;

import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.TreeSet;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.Partitioner;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.SerializableConfiguration;
import org.apache.spark.util.TaskCompletionListener;
import org.convoy.data.Split;
import org.convoy.runtime.UserError;
import scala.Tuple2;

/**
 * Tar archives, plain or gzip. A unit is a run of consecutive files of one archive. A first pass reads the headers: of a plain archive it
 * finds where to begin, so that units are read each by itself; a gzip archive is unpacked by one task, which hands its pictures to the
 * tasks of their units.
 */
final class TarUnits implements PictureUnits {
    /** Of a unit's files, unpacked: a small input is cut into many, a unit of a large one is no more than a task reads at a stretch. */
    private static final long LEAST_BYTES = 1L << 20;

    private static final long MOST_BYTES = 256L << 20;
    private static final long WANTED_UNITS = 64;

    private final UnitsConfig config;
    private final Broadcast<SerializableConfiguration> hadoop;
    private final InputFiles input;
    private final List<Part> parts;
    private final FolderLayout layout;
    private final KnownClasses classes;

    private TarUnits(
            UnitsConfig config,
            Broadcast<SerializableConfiguration> hadoop,
            InputFiles input,
            List<Part> parts,
            FolderLayout layout,
            KnownClasses classes) {
        this.config = config;
        this.hadoop = hadoop;
        this.input = input;
        this.parts = parts;
        this.layout = layout;
        this.classes = classes;
    }

    /**
     * Consecutive files of one archive.
     *
     * @param archive its path
     * @param archiveBytes its length
     * @param number of its first file, counted from 0
     * @param files how many
     * @param start offset of the first one's header, where it can be read from there; else 0
     */
    private record Part(String archive, long archiveBytes, long number, long files, long start)
            implements Serializable {
        boolean isGzip() {
            return TarStream.isGzip(archive);
        }
    }

    /** What the headers of an archive say. */
    private record Headers(TreeSet<String> directories, List<Part> parts) implements Serializable {}

    static TarUnits open(JavaSparkContext spark, Broadcast<SerializableConfiguration> hadoop, UnitsConfig config) {
        InputFiles input = InputFiles.under(
                hadoop.value().value(),
                config.input(),
                TarStream::isTar,
                "a file named .tar, .tar.gz or .tgz, or a directory of such");
        List<InputFiles.InputFile> archives = input.files();
        long bytes = Math.min(MOST_BYTES, Math.max(LEAST_BYTES, input.bytes() / WANTED_UNITS));
        long most = config.mostPictures();
        List<Headers> headers = spark.parallelize(archives, archives.size())
                .map(archive -> headers(hadoop.value().value(), archive, most, bytes))
                .collect();
        TreeSet<String> directories = new TreeSet<>();
        List<Part> parts = new ArrayList<>();
        headers.forEach(archive -> {
            directories.addAll(archive.directories());
            parts.addAll(archive.parts());
        });
        if (parts.isEmpty()) {
            throw UserError.badInput("[" + config.input() + "] has no files to score");
        }
        FolderLayout layout = FolderLayout.of(directories);
        TreeSet<String> names = new TreeSet<>();
        directories.forEach(directory -> layout.place(directory).ifPresent(place -> names.add(place.className())));
        return new TarUnits(config, hadoop, input, parts, layout, KnownClasses.among(config, names));
    }

    private static Headers headers(Configuration hadoop, InputFiles.InputFile archive, long most, long bytes)
            throws IOException {
        TreeSet<String> directories = new TreeSet<>();
        List<Part> parts = new ArrayList<>();
        boolean gzip = TarStream.isGzip(archive.path());
        try (TarStream tar = new TarStream(hadoop, archive.path(), 0)) {
            long number = 0; // of the part's first file
            long start = 0;
            long files = 0; // of the part
            for (TarStream.Entry file = tar.next(); file != null; file = tar.next()) {
                directories.add(FolderLayout.directoryOf(file.path()));
                if (files == most || (files > 0 && file.headerAt() - start >= bytes)) {
                    parts.add(new Part(archive.path(), archive.bytes(), number, files, gzip ? 0 : start));
                    number += files;
                    files = 0;
                }
                if (files == 0) {
                    start = file.headerAt();
                }
                files++;
            }
            if (files > 0) {
                parts.add(new Part(archive.path(), archive.bytes(), number, files, gzip ? 0 : start));
            }
        }
        return new Headers(directories, parts);
    }

    @Override
    public List<Unit> units() {
        return parts.stream()
                .map(part -> new Unit(
                        "files " + part.number() + " to " + (part.number() + part.files() - 1) + " of "
                                + input.below(part.archive()) + " of " + part.archiveBytes() + " bytes",
                        part.files()))
                .toList();
    }

    @Override
    public boolean labelled() {
        return classes.areRead();
    }

    @Override
    public JavaRDD<UnitPictures> read(JavaSparkContext spark, List<Integer> numbers, int tasks) {
        Reader reader = new Reader(input, layout, classes, config.maxBytes(), hadoop);
        List<Part> wanted = numbers.stream().map(parts::get).toList();
        if (wanted.stream().noneMatch(Part::isGzip)) {
            return UnitPictures.inTasks(spark.parallelize(wanted, wanted.size()).flatMap(reader::read), tasks);
        }
        List<List<Stretch>> archives = byArchive(wanted);
        JavaRDD<Encoded> byUnit = JavaPairRDD.fromJavaRDD(
                        spark.parallelize(archives, archives.size()).flatMap(reader::readInTurn))
                .repartitionAndSortWithinPartitions(new ByPartition(wanted.size()))
                .values();
        return UnitPictures.inTasks(byUnit, tasks);
    }

    /** A part, and the partition that it becomes. */
    private record Stretch(Part part, int partition) implements Serializable {}

    /** Parts of one gzip archive together, in their order: they are unpacked in one go. Each part of a plain one alone. */
    private static List<List<Stretch>> byArchive(List<Part> wanted) {
        List<List<Stretch>> archives = new ArrayList<>();
        for (int partition = 0; partition < wanted.size(); partition++) {
            Part part = wanted.get(partition);
            boolean goesOn = part.isGzip()
                    && partition > 0
                    && wanted.get(partition - 1).archive().equals(part.archive());
            if (!goesOn) {
                archives.add(new ArrayList<>());
            }
            archives.get(archives.size() - 1).add(new Stretch(part, partition));
        }
        return archives;
    }

    /** The partition in the upper bits of a key, a picture's place in the archive in the lower ones. */
    private static final class ByPartition extends Partitioner {
        private static final long serialVersionUID = 1L;
        private static final int NUMBER_BITS = 40;

        private final int count;

        ByPartition(int count) {
            this.count = count;
        }

        static long key(int partition, long number) {
            return ((long) partition << NUMBER_BITS) | number;
        }

        @Override
        public int numPartitions() {
            return count;
        }

        @Override
        public int getPartition(Object key) {
            return (int) ((long) key >>> NUMBER_BITS);
        }
    }

    /** What a task needs to read pictures. */
    private record Reader(
            InputFiles input,
            FolderLayout layout,
            KnownClasses classes,
            long maxBytes,
            Broadcast<SerializableConfiguration> hadoop)
            implements Serializable {

        Iterator<Encoded> read(Part part) {
            return new Files(this, List.of(new Stretch(part, 0))).pictures();
        }

        Iterator<Tuple2<Long, Encoded>> readInTurn(List<Stretch> stretches) {
            return new Files(this, stretches);
        }

        Encoded encoded(TarStream tar, TarStream.Entry file, Part part) {
            String below = input.below(part.archive());
            String id = below.isEmpty() ? file.path() : below + "/" + file.path();
            int label = classes.of(layout.place(FolderLayout.directoryOf(file.path()))
                    .map(FolderLayout.Place::className)
                    .orElse(null));
            return file.bytes() > maxBytes
                    ? Encoded.unread(id, label, Split.TRAIN, file.bytes())
                    : Encoded.of(id, label, Split.TRAIN, tar.read(file));
        }
    }

    /** Streams the pictures of stretches of one archive. */
    private static final class Files implements Iterator<Tuple2<Long, Encoded>> {
        private final Reader reader;
        private final Iterator<Stretch> left;
        private final TarStream tar;
        private Stretch stretch;
        private long number; // of the archive's next file

        Files(Reader reader, List<Stretch> stretches) {
            this.reader = reader;
            this.left = stretches.iterator();
            this.stretch = left.next();
            Part first = stretch.part();
            this.number = first.isGzip() ? 0 : first.number();
            try {
                this.tar = new TarStream(reader.hadoop().value().value(), first.archive(), first.start());
            } catch (IOException e) {
                throw UserError.badInput("[" + first.archive() + "] Cannot read: " + e.getMessage(), e);
            }
            TaskContext.get().addTaskCompletionListener((TaskCompletionListener) ended -> close());
        }

        Iterator<Encoded> pictures() {
            return new Iterator<>() {
                @Override
                public boolean hasNext() {
                    return Files.this.hasNext();
                }

                @Override
                public Encoded next() {
                    return Files.this.next()._2();
                }
            };
        }

        @Override
        public boolean hasNext() {
            if (number >= end() && left.hasNext()) {
                stretch = left.next();
            }
            if (number < end()) {
                return true;
            }
            close();
            return false;
        }

        private long end() {
            return stretch.part().number() + stretch.part().files();
        }

        @Override
        public Tuple2<Long, Encoded> next() {
            if (!hasNext()) {
                throw new NoSuchElementException();
            }
            TarStream.Entry file = tar.next();
            while (file != null && number < stretch.part().number()) {
                file = tar.next();
                number++;
            }
            if (file == null) {
                throw UserError.badInput("[" + stretch.part().archive()
                        + "] has fewer files than when they were counted: it must not change while it is scored");
            }
            long key = ByPartition.key(stretch.partition(), number++);
            return new Tuple2<>(key, reader.encoded(tar, file, stretch.part()));
        }

        private void close() {
            try {
                tar.close();
            } catch (IOException e) {
                throw new UncheckedIOException("[" + stretch.part().archive() + "] Cannot close: " + e.getMessage(), e);
            }
        }
    }
}
