package org.convoy.prepare;

import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.TreeMap;
import java.util.function.BiFunction;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.io.BytesWritable;
import org.apache.hadoop.io.SequenceFile;
import org.apache.hadoop.io.Text;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.SerializableConfiguration;
import org.apache.spark.util.TaskCompletionListener;
import org.convoy.runtime.UserError;

/**
 * Hadoop sequence files: the key (Text) is a picture's path, of which the directories say the class and maybe the split as in an image
 * folder; the value (BytesWritable) is the encoded picture. Read in parts, each from the first sync mark in it. A first pass reads
 * the keys alone.
 */
final class SequenceFiles implements Source {
    private static final long PART_BYTES = 32 << 20;
    private static final int PARTS_PER_CORE = 4;

    private final ImageDecoder decoder;
    private final List<Part> parts;
    private final FolderLayout layout;
    private final Contents contents;

    private SequenceFiles(ImageDecoder decoder, List<Part> parts, FolderLayout layout, Contents contents) {
        this.decoder = decoder;
        this.parts = parts;
        this.layout = layout;
        this.contents = contents;
    }

    /** The records of a file from the first sync mark at or behind {@code start} to the first at or behind {@code end}. */
    record Part(String file, long start, long end) implements Serializable {}

    static SequenceFiles open(
            JavaSparkContext spark, Broadcast<SerializableConfiguration> hadoop, PrepareConfig config) {
        InputFiles input = InputFiles.under(
                hadoop.value().value(), config.input(), name -> true, "a sequence file, or a directory of such");
        long each = Math.max(1, Math.min(PART_BYTES, input.bytes() / spark.defaultParallelism() / PARTS_PER_CORE));
        List<Part> parts = parts(input, each);
        Map<String, Long> byDirectory = new TreeMap<>();
        spark.parallelize(parts, parts.size())
                .map(part -> keysByDirectory(part, hadoop.value().value()))
                .collect()
                .forEach(some -> some.forEach((directory, keys) -> byDirectory.merge(directory, keys, Long::sum)));

        FolderLayout layout = FolderLayout.of(byDirectory.keySet());
        Survey survey = new Survey();
        byDirectory.forEach((directory, keys) -> {
            FolderLayout.Place place = layout.place(directory)
                    .orElseThrow(() -> UserError.badInput("[" + config.input() + "] " + keys + " keys "
                            + (directory.isEmpty() ? "without a directory" : "of '" + directory + "/'")
                            + " name no class: a key is a path such as cat/1.jpg"));
            survey.add(place.split(), place.className(), keys);
        });
        ImageDecoder decoder = ImageDecoder.of(config);
        Contents contents = Contents.of(decoder, survey, survey.classes(config.input()));
        return new SequenceFiles(decoder, parts, layout, contents);
    }

    /** The files in parts of so many bytes. */
    static List<Part> parts(InputFiles input, long each) {
        List<Part> parts = new ArrayList<>();
        for (InputFiles.InputFile file : input.files()) {
            for (long start = 0; start == 0 || start < file.bytes(); start += each) {
                parts.add(new Part(file.path(), start, Math.min(start + each, file.bytes())));
            }
        }
        return parts;
    }

    private static Map<String, Long> keysByDirectory(Part part, Configuration hadoop) throws IOException {
        Map<String, Long> keys = new HashMap<>();
        try (Records records = new Records(part, hadoop)) {
            for (String key = records.nextKey(); key != null; key = records.nextKey()) {
                keys.merge(FolderLayout.directoryOf(key), 1L, Long::sum);
            }
        }
        return keys;
    }

    @Override
    public Contents contents() {
        return contents;
    }

    @Override
    public JavaRDD<Outcome> read(JavaSparkContext spark, Broadcast<SerializableConfiguration> hadoop, SplitRule rule) {
        FolderLayout directories = layout;
        ClassLabels labels = ClassLabels.of(contents.classes());
        ImageDecoder pictures = decoder;
        return spark.parallelize(parts, parts.size())
                .flatMap(part -> new PartPictures(part, hadoop.value().value(), (id, content) -> {
                    FolderLayout.Place place =
                            directories.place(FolderLayout.directoryOf(id)).orElseThrow();
                    return Encoded.of(id, labels.of(place.className()), place.split(), content);
                }))
                .map(picture -> picture.decoded(pictures, rule));
    }

    /** The keys of one part, each with its value at hand. */
    static final class Records implements AutoCloseable {
        private final Part part;
        private final SequenceFile.Reader reader;
        private final Text key = new Text();
        private boolean more;

        Records(Part part, Configuration hadoop) {
            this.part = part;
            try {
                this.reader = new SequenceFile.Reader(hadoop, SequenceFile.Reader.file(new Path(part.file())));
            } catch (IOException | RuntimeException e) {
                throw UserError.badInput(
                        "[" + part.file() + "] is no sequence file, or cut off in its header: " + e.getMessage(), e);
            }
            try {
                requireClass("keys", reader.getKeyClassName(), Text.class);
                requireClass("values", reader.getValueClassName(), BytesWritable.class);
                if (part.start() > reader.getPosition()) {
                    reader.sync(part.start());
                }
                // Of parts that lie in the file's header the one with its end has the first record.
                more = reader.getPosition() < part.end();
            } catch (IOException e) {
                throw damaged(e);
            }
        }

        private void requireClass(String what, String found, Class<?> wanted) {
            if (!found.equals(wanted.getName())) {
                throw UserError.badInput(
                        "[" + part.file() + "] " + what + " must be " + wanted.getName() + " but are " + found);
            }
        }

        /** Null at the end of the part. */
        String nextKey() {
            try {
                long position = reader.getPosition();
                // The record behind the first sync mark of the next part is the next part's.
                more = more && reader.next(key) && !(position >= part.end() && reader.syncSeen());
                return more ? key.toString() : null;
            } catch (IOException | RuntimeException | OutOfMemoryError e) { // what a damaged length may ask for
                throw damaged(e);
            }
        }

        byte[] value() {
            BytesWritable value = new BytesWritable();
            try {
                reader.getCurrentValue(value);
                return value.copyBytes();
            } catch (IOException | RuntimeException | OutOfMemoryError e) { // likewise
                throw damaged(e);
            }
        }

        private UserError damaged(Throwable cause) {
            long position;
            try {
                position = reader.getPosition();
            } catch (IOException e) {
                position = part.start();
            }
            return UserError.badInput(
                    "[" + part.file() + "] is cut off or damaged at byte " + position
                            + (key.getLength() == 0 ? "" : ", behind the key '" + key + "'") + ": "
                            + cause.getMessage(),
                    // Spark ends the executor of a task that fails by one, be it further down.
                    cause instanceof OutOfMemoryError ? null : cause);
        }

        @Override
        public void close() throws IOException {
            reader.close();
        }
    }

    /** Streams the pictures of one part. */
    static final class PartPictures implements Iterator<Encoded> {
        private final Part part;
        private final BiFunction<String, byte[], Encoded> maker;
        private final Records records;
        private String next; // null at the end

        /**
         * Opens the part.
         *
         * @param maker makes a picture of a key and its value
         */
        PartPictures(Part part, Configuration hadoop, BiFunction<String, byte[], Encoded> maker) {
            this.part = part;
            this.maker = maker;
            this.records = new Records(part, hadoop);
            TaskContext.get().addTaskCompletionListener((TaskCompletionListener) ended -> close());
            this.next = records.nextKey();
        }

        @Override
        public boolean hasNext() {
            if (next != null) {
                return true;
            }
            close();
            return false;
        }

        @Override
        public Encoded next() {
            if (next == null) {
                throw new NoSuchElementException();
            }
            Encoded picture = maker.apply(next, records.value());
            next = records.nextKey();
            return picture;
        }

        private void close() {
            try {
                records.close();
            } catch (IOException e) {
                throw new UncheckedIOException("[" + part.file() + "] Cannot close: " + e.getMessage(), e);
            }
        }
    }
}
