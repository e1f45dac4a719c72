package org.convoy.prepare;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.NoSuchElementException;
import java.util.stream.IntStream;
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
 * The binary version of CIFAR-10 and CIFAR-100 (A. Krizhevsky, "The CIFAR-10 dataset", binary version): records of one label byte, or
 * of a coarse and a fine one, and 3072 pixels, R-G-B by planes. A picture's encoded bytes are its pixels; of two labels the fine one
 * is the class.
 */
final class CifarFiles implements Source {
    private static final ImageShape SHAPE = new ImageShape(3, 32, 32);
    private static final int TASK_RECORDS = 10_000;

    /** One of the two data sets: its files, label bytes per record, of which the last one is the class, and classes. */
    private enum Variant {
        CIFAR_10("data_batch_\\d+\\.bin", "test_batch.bin", "batches.meta.txt", 1, 10),
        CIFAR_100("train\\.bin", "test.bin", "fine_label_names.txt", 2, 100);

        private final String trainFiles;
        private final String testFile;
        private final String namesFile;
        private final int labelBytes;
        private final int classes;

        Variant(String trainFiles, String testFile, String namesFile, int labelBytes, int classes) {
            this.trainFiles = trainFiles;
            this.testFile = testFile;
            this.namesFile = namesFile;
            this.labelBytes = labelBytes;
            this.classes = classes;
        }

        private boolean has(String name) {
            return name.matches(trainFiles) || name.equals(testFile);
        }

        private int recordBytes() {
            return labelBytes + SHAPE.pixels();
        }
    }

    private final Variant variant;
    private final List<Part> parts;
    private final List<String> numbers;
    private final Contents contents;

    private CifarFiles(Variant variant, List<Part> parts, List<String> numbers, Contents contents) {
        this.variant = variant;
        this.parts = parts;
        this.numbers = numbers;
        this.contents = contents;
    }

    /** Consecutive records of one file. */
    private record Part(String file, Split given, int first, int count) implements Serializable {
        String id(int record) {
            String name = new Path(file).getName();
            return String.format(Locale.ROOT, "%s/%05d", name.substring(0, name.lastIndexOf('.')), record);
        }
    }

    static CifarFiles open(JavaSparkContext spark, Broadcast<SerializableConfiguration> hadoop, PrepareConfig config) {
        Configuration onDriver = hadoop.value().value();
        InputFiles input = InputFiles.under(
                onDriver,
                config.input(),
                name -> Variant.CIFAR_10.has(name) || Variant.CIFAR_100.has(name),
                "the directory of data_batch_1.bin and so on (CIFAR-10), or of train.bin and test.bin (CIFAR-100)");
        List<Part> parts = new ArrayList<>();
        Variant variant = Variant.CIFAR_10.has(new Path(input.files().get(0).path()).getName())
                ? Variant.CIFAR_10
                : Variant.CIFAR_100;
        for (InputFiles.InputFile file : input.files()) {
            parts.addAll(parts(file, variant));
        }
        Survey survey = new Survey();
        spark.parallelize(parts, parts.size())
                .map(part -> survey(part, variant, hadoop.value().value()))
                .collect()
                .forEach(survey::add);
        List<String> numbers = survey.classes(config.input());
        List<String> names = names(onDriver, new Path(input.root(), variant.namesFile), variant);
        List<String> classes = numbers.stream()
                .map(number -> names.get(Integer.parseInt(number)))
                .toList();
        return new CifarFiles(
                variant,
                parts,
                numbers,
                new Contents(SHAPE, Colour.RGB, classes, survey.pictures(), survey.splits(), false));
    }

    private static List<Part> parts(InputFiles.InputFile file, Variant variant) {
        String name = new Path(file.path()).getName();
        if (!variant.has(name)) {
            throw UserError.badInput(
                    "[" + file.path() + "] does not belong to " + variant + ", of which there are files too");
        }
        if (file.bytes() == 0 || file.bytes() % variant.recordBytes() != 0) {
            throw UserError.badInput("[" + file.path() + "] must be a multiple of " + variant.recordBytes() + " bytes, "
                    + variant.labelBytes + " of them the label, but is " + file.bytes());
        }
        int records = Math.toIntExact(file.bytes() / variant.recordBytes());
        Split split = name.equals(variant.testFile) ? Split.TEST : Split.TRAIN;
        List<Part> parts = new ArrayList<>();
        for (int first = 0; first < records; first += TASK_RECORDS) {
            parts.add(new Part(file.path(), split, first, Math.min(TASK_RECORDS, records - first)));
        }
        return parts;
    }

    private static Survey survey(Part part, Variant variant, Configuration hadoop) {
        Survey survey = new Survey();
        try (Records records = new Records(part, variant, hadoop)) {
            while (records.hasNext()) {
                survey.add(part.given(), records.next().className(), 1);
            }
        }
        return survey;
    }

    /** The class names in the order of their numbers; the numbers themselves if there is no file of names. */
    private static List<String> names(Configuration hadoop, Path file, Variant variant) {
        try {
            FileSystem fileSystem = file.getFileSystem(hadoop);
            if (!fileSystem.exists(file)) {
                return IntStream.range(0, variant.classes)
                        .mapToObj(String::valueOf)
                        .toList();
            }
            try (FSDataInputStream in = fileSystem.open(file)) {
                List<String> names = new String(in.readAllBytes(), StandardCharsets.UTF_8)
                        .lines()
                        .map(String::strip)
                        .filter(line -> !line.isEmpty())
                        .toList();
                if (names.size() != variant.classes) {
                    throw UserError.badInput(
                            "[" + file + "] must have " + variant.classes + " class names but has " + names.size());
                }
                return names;
            }
        } catch (IOException e) {
            throw UserError.badInput("[" + file + "] Cannot read: " + e.getMessage(), e);
        }
    }

    @Override
    public Contents contents() {
        return contents;
    }

    @Override
    public JavaRDD<Outcome> read(JavaSparkContext spark, Broadcast<SerializableConfiguration> hadoop, SplitRule rule) {
        Variant of = variant;
        ClassLabels labels = ClassLabels.of(numbers);
        return spark.parallelize(parts, parts.size())
                .flatMap(part -> new Records(part, of, hadoop.value().value()))
                .map(record -> record.outcome(labels, rule));
    }

    /**
     * One picture.
     *
     * @param className its number as text
     * @param pixels uint8, C·H·W, R-G-B
     */
    @SuppressWarnings("ArrayRecordComponent") // carried, never compared
    private record CifarRecord(String id, String className, Split given, byte[] pixels) implements Serializable {
        Outcome outcome(ClassLabels labels, SplitRule rule) {
            byte[] sha256 = Sha256.of(pixels);
            return new Outcome.Picture(
                    new Outcome.Origin(id, labels.of(className), rule.of(given, sha256), pixels.length, sha256),
                    SHAPE.width(),
                    SHAPE.height(),
                    pixels);
        }
    }

    /** Streams the records of one part. */
    private static final class Records implements Iterator<CifarRecord>, AutoCloseable {
        private final Part part;
        private final Variant variant;
        private final DataInputStream in;
        private int done;

        Records(Part part, Variant variant, Configuration hadoop) {
            this.part = part;
            this.variant = variant;
            Path path = new Path(part.file());
            try {
                FSDataInputStream file = path.getFileSystem(hadoop).open(path);
                file.seek((long) part.first() * variant.recordBytes());
                this.in = new DataInputStream(new BufferedInputStream(file, 1 << 16));
            } catch (IOException e) {
                throw unreadable(e);
            }
            TaskContext.get().addTaskCompletionListener((TaskCompletionListener) ended -> close());
        }

        @Override
        public boolean hasNext() {
            return done < part.count();
        }

        @Override
        public CifarRecord next() {
            if (!hasNext()) {
                throw new NoSuchElementException();
            }
            byte[] pixels = new byte[SHAPE.pixels()];
            int label;
            try {
                in.skipNBytes(variant.labelBytes - 1L);
                label = in.readUnsignedByte();
                in.readFully(pixels);
            } catch (IOException e) {
                throw unreadable(e);
            }
            int record = part.first() + done;
            if (label >= variant.classes) {
                throw UserError.badInput("[" + part.file() + "] label of record " + record + " must be from 0 to "
                        + (variant.classes - 1) + " but was " + label);
            }
            done++;
            return new CifarRecord(part.id(record), String.valueOf(label), part.given(), pixels);
        }

        private UserError unreadable(IOException cause) {
            return UserError.badInput(
                    "[" + part.file() + "] Cannot read record " + (part.first() + done) + ": " + cause.getMessage(),
                    cause);
        }

        @Override
        public void close() {
            try {
                in.close();
            } catch (IOException e) {
                throw new UncheckedIOException("[" + part.file() + "] Cannot close: " + e.getMessage(), e);
            }
        }
    }
}
