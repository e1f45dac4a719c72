package org.convoy.prepare;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.SerializableConfiguration;
import org.apache.spark.util.TaskCompletionListener;
import org.convoy.data.Colour;
import org.convoy.data.ImageShape;
import org.convoy.data.Sha256;
import org.convoy.data.Split;
import org.convoy.runtime.UserError;

/**
 * The format of MNIST (Y. LeCun, "The MNIST database of handwritten digits", file formats): four files, plain or gzip. A
 * picture's encoded bytes are its pixels. Classes are the labels that occur, in numerical order. Plain files are read in parallel
 * parts; a gzip file can only be read from its start and is one task.
 */
final class IdxFiles implements Source {
    private static final int IMAGE_MAGIC = 0x00000803;
    private static final int IMAGE_HEADER_BYTES = 16;
    private static final int LABEL_MAGIC = 0x00000801;
    private static final int LABEL_HEADER_BYTES = 8;
    private static final int TASK_BYTES = 32 << 20;

    private final Contents contents;
    private final List<Part> parts;

    private IdxFiles(Contents contents, List<Part> parts) {
        this.contents = contents;
        this.parts = parts;
    }

    /** One image file with its labels. */
    @SuppressWarnings("ArrayRecordComponent") // carried, never compared
    private record Labelled(Path images, Split split, int count, int height, int width, byte[] labels) {}

    /**
     * Consecutive pictures of one file.
     *
     * @param labels index of the class by picture, from {@code first} on
     */
    @SuppressWarnings("ArrayRecordComponent") // carried, never compared
    private record Part(String path, Split given, int first, int[] labels) implements Serializable {}

    static IdxFiles open(Configuration hadoop, PrepareConfig config) {
        Path input = new Path(config.input());
        try {
            FileSystem fileSystem = input.getFileSystem(hadoop);
            if (!fileSystem.exists(input)) {
                throw UserError.badInput("[" + config.input() + "] input does not exist");
            }
            Path directory = fileSystem.makeQualified(input);
            Labelled train = labelled(fileSystem, directory, "train", Split.TRAIN);
            Labelled test = labelled(fileSystem, directory, "t10k", Split.TEST);
            return of(train, test);
        } catch (IOException e) {
            throw new UncheckedIOException("[" + config.input() + "] Cannot read: " + e.getMessage(), e);
        }
    }

    private static IdxFiles of(Labelled train, Labelled test) {
        if (train.height() != test.height() || train.width() != test.width()) {
            throw UserError.badInput(String.format(
                    Locale.ROOT,
                    "[%s] has pictures of %dx%d but [%s] of %dx%d",
                    train.images(),
                    train.height(),
                    train.width(),
                    test.images(),
                    test.height(),
                    test.width()));
        }
        Set<Integer> labels = distinct(train.labels());
        for (int label : distinct(test.labels())) {
            if (!labels.contains(label)) {
                throw UserError.badInput("[" + test.images() + "] has pictures of class " + label
                        + " that train does not have; train has " + labels);
            }
        }
        List<Integer> inOrder = List.copyOf(labels);
        List<Part> parts = new ArrayList<>(parts(train, inOrder));
        parts.addAll(parts(test, inOrder));
        Contents contents = new Contents(
                new ImageShape(1, train.height(), train.width()),
                Colour.GREY,
                inOrder.stream().map(String::valueOf).toList(),
                (long) train.count() + test.count(),
                Set.of(Split.TRAIN, Split.TEST),
                false);
        return new IdxFiles(contents, parts);
    }

    private static List<Part> parts(Labelled file, List<Integer> classes) {
        int each = isGzip(file.images()) ? file.count() : Math.max(1, TASK_BYTES / (file.height() * file.width()));
        List<Part> parts = new ArrayList<>();
        for (int first = 0; first < file.count(); first += each) {
            int end = (int) Math.min((long) first + each, file.count());
            int[] labels = new int[end - first];
            for (int i = first; i < end; i++) {
                labels[i - first] = classes.indexOf(file.labels()[i] & 0xFF);
            }
            parts.add(new Part(file.images().toString(), file.split(), first, labels));
        }
        return parts;
    }

    private static Set<Integer> distinct(byte[] labels) {
        Set<Integer> distinct = new TreeSet<>();
        for (byte label : labels) {
            distinct.add(label & 0xFF);
        }
        return distinct;
    }

    private static Labelled labelled(FileSystem fileSystem, Path directory, String prefix, Split split)
            throws IOException {
        Path images = find(fileSystem, directory, prefix + "-images-idx3-ubyte");
        Path labels = find(fileSystem, directory, prefix + "-labels-idx1-ubyte");
        int count;
        int height;
        int width;
        try (DataInputStream in = open(fileSystem, images)) {
            checkMagic(in, images, IMAGE_MAGIC, "an idx image file");
            count = positive(in.readInt(), images, "count");
            height = positive(in.readInt(), images, "height");
            width = positive(in.readInt(), images, "width");
            checkSize(fileSystem, images, in, IMAGE_HEADER_BYTES, (long) count * height * width);
        } catch (EOFException | ZipException e) {
            throw unreadable(images, e);
        }
        try (DataInputStream in = open(fileSystem, labels)) {
            checkMagic(in, labels, LABEL_MAGIC, "an idx label file");
            int labelCount = positive(in.readInt(), labels, "count");
            if (labelCount != count) {
                throw UserError.badInput(
                        "[" + images + "] holds " + count + " pictures but [" + labels + "] " + labelCount + " labels");
            }
            byte[] values = in.readNBytes(count);
            checkSize(fileSystem, labels, in, LABEL_HEADER_BYTES + values.length, count - values.length);
            return new Labelled(images, split, count, height, width, values);
        } catch (EOFException | ZipException e) {
            throw unreadable(labels, e);
        }
    }

    private static Path find(FileSystem fileSystem, Path directory, String name) throws IOException {
        for (Path candidate : List.of(new Path(directory, name), new Path(directory, name + ".gz"))) {
            if (fileSystem.exists(candidate)) {
                return candidate;
            }
        }
        throw UserError.badInput("[" + new Path(directory, name) + "] is missing, plain and .gz;"
                + " idx has train-images-idx3-ubyte, train-labels-idx1-ubyte and the same with t10k-");
    }

    private static boolean isGzip(Path path) {
        return path.getName().endsWith(".gz");
    }

    private static DataInputStream open(FileSystem fileSystem, Path path) throws IOException {
        InputStream in = fileSystem.open(path);
        return new DataInputStream(isGzip(path) ? new GZIPInputStream(in, 1 << 16) : new BufferedInputStream(in));
    }

    private static void checkMagic(DataInputStream in, Path path, int magic, String kind) throws IOException {
        int found = in.readInt();
        if (found != magic) {
            throw UserError.badInput(String.format(
                    Locale.ROOT,
                    "[%s] is not %s: its magic number must be 0x%08X but was 0x%08X",
                    path,
                    kind,
                    magic,
                    found));
        }
    }

    private static int positive(int value, Path path, String field) {
        if (value < 1) {
            throw UserError.badInput("[" + path + "] " + field + " in the header must be positive but was " + value);
        }
        return value;
    }

    /** Of a gzip file only reading it through tells the size. */
    private static void checkSize(FileSystem fileSystem, Path path, InputStream in, long done, long left)
            throws IOException {
        long size = isGzip(path)
                ? done + in.transferTo(OutputStream.nullOutputStream())
                : fileSystem.getFileStatus(path).getLen();
        if (size != done + left) {
            throw UserError.badInput("[" + path + "] must be " + (done + left) + " bytes by its header but is " + size
                    + (isGzip(path) ? " unpacked" : ""));
        }
    }

    private static UserError unreadable(Path path, IOException cause) {
        return UserError.badInput(
                "[" + path + "] ends early or is not " + (isGzip(path) ? "gzip" : "idx") + ": " + cause.getMessage(),
                cause);
    }

    @Override
    public Contents contents() {
        return contents;
    }

    @Override
    public JavaRDD<Outcome> read(JavaSparkContext spark, Broadcast<SerializableConfiguration> hadoop, SplitRule rule) {
        ImageShape pictures = contents.shape();
        return spark.parallelize(parts, parts.size())
                .flatMap(part ->
                        new PartReader(part, pictures, rule, hadoop.value().value()));
    }

    /** Streams the pictures of one part. */
    private static final class PartReader implements Iterator<Outcome> {
        private final Part part;
        private final ImageShape shape;
        private final SplitRule rule;
        private final DataInputStream in;
        private int done;

        PartReader(Part part, ImageShape shape, SplitRule rule, Configuration hadoop) throws IOException {
            this.part = part;
            this.shape = shape;
            this.rule = rule;
            this.in = positioned(hadoop);
            TaskContext.get().addTaskCompletionListener((TaskCompletionListener) ended -> close());
        }

        private DataInputStream positioned(Configuration hadoop) throws IOException {
            Path path = new Path(part.path());
            long offset = IMAGE_HEADER_BYTES + (long) part.first() * shape.pixels();
            FSDataInputStream file = path.getFileSystem(hadoop).open(path);
            if (isGzip(path)) {
                DataInputStream unpacked = new DataInputStream(new GZIPInputStream(file, 1 << 16));
                unpacked.skipNBytes(offset);
                return unpacked;
            }
            file.seek(offset);
            return new DataInputStream(new BufferedInputStream(file, 1 << 16));
        }

        @Override
        public boolean hasNext() {
            return done < part.labels().length;
        }

        @Override
        public Outcome next() {
            byte[] pixels = new byte[shape.pixels()];
            try {
                in.readFully(pixels);
            } catch (IOException e) {
                throw new UncheckedIOException("[" + part.path() + "] Cannot read: " + e.getMessage(), e);
            }
            byte[] sha256 = Sha256.of(pixels);
            String id = String.format(Locale.ROOT, "%s/%05d", part.given().label(), part.first() + done);
            Outcome.Origin origin =
                    new Outcome.Origin(id, part.labels()[done], rule.of(part.given(), sha256), pixels.length, sha256);
            done++;
            return new Outcome.Picture(origin, shape.width(), shape.height(), pixels);
        }

        private void close() {
            try {
                in.close();
            } catch (IOException e) {
                throw new UncheckedIOException("[" + part.path() + "] Cannot close: " + e.getMessage(), e);
            }
        }
    }
}
