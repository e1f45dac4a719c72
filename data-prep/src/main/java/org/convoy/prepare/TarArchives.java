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
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.SerializableConfiguration;
import org.apache.spark.util.TaskCompletionListener;

/**
 * Tar archives, plain or gzip, as if all were unpacked into one image folder; directories around the class directories count for
 * nothing. A first pass reads the headers; of plain archives it skips the rest and finds where to cut, so that the second reads
 * them in parallel. A gzip archive is unpacked by one task, which hands its pictures to many for decoding.
 */
final class TarArchives implements Source {
    private static final long TASK_BYTES = 32 << 20;
    private static final int TASKS_PER_CORE = 4;

    private final InputFiles input;
    private final ImageDecoder decoder;
    private final FolderLayout layout;
    private final Contents contents;
    private final List<Part> parts;

    private TarArchives(
            InputFiles input, ImageDecoder decoder, FolderLayout layout, Contents contents, List<Part> parts) {
        this.input = input;
        this.decoder = decoder;
        this.layout = layout;
        this.contents = contents;
        this.parts = parts;
    }

    /**
     * Consecutive entries of one archive.
     *
     * @param start offset of the first one's header
     * @param end offset of the header behind the last one; the part ends with the archive if there is none
     */
    private record Part(String archive, long start, long end) implements Serializable {}

    /** What the headers of an archive say. */
    private record Headers(Map<String, Long> filesByDirectory, List<Part> parts) implements Serializable {}

    static TarArchives open(JavaSparkContext spark, Broadcast<SerializableConfiguration> hadoop, PrepareConfig config) {
        InputFiles input = InputFiles.under(
                hadoop.value().value(),
                config.input(),
                TarStream::isTar,
                "a file named .tar, .tar.gz or .tgz, or a directory of such");
        List<String> archives =
                input.files().stream().map(InputFiles.InputFile::path).toList();
        long partBytes = Math.max(1, Math.min(TASK_BYTES, input.bytes() / tasks(spark)));
        List<Headers> headers = spark.parallelize(archives, archives.size())
                .map(archive -> headers(hadoop.value().value(), archive, partBytes))
                .collect();
        Map<String, Long> filesByDirectory = new TreeMap<>();
        List<Part> parts = new ArrayList<>();
        for (Headers archive : headers) {
            archive.filesByDirectory()
                    .forEach((directory, files) -> filesByDirectory.merge(directory, files, Long::sum));
            parts.addAll(archive.parts());
        }
        FolderLayout layout = FolderLayout.of(filesByDirectory.keySet());
        Survey survey = new Survey();
        filesByDirectory.forEach((directory, files) ->
                layout.place(directory).ifPresent(place -> survey.add(place.split(), place.className(), files)));
        ImageDecoder decoder = ImageDecoder.of(config);
        Contents contents = Contents.of(decoder, survey, survey.classes(config.input()));
        return new TarArchives(input, decoder, layout, contents, parts);
    }

    private static int tasks(JavaSparkContext spark) {
        return spark.defaultParallelism() * TASKS_PER_CORE;
    }

    private static Headers headers(Configuration hadoop, String archive, long partBytes) throws IOException {
        Map<String, Long> filesByDirectory = new HashMap<>();
        List<Part> parts = new ArrayList<>();
        try (TarStream tar = new TarStream(hadoop, archive, 0)) {
            long partStart = 0;
            for (TarStream.Entry file = tar.next(); file != null; file = tar.next()) {
                filesByDirectory.merge(FolderLayout.directoryOf(file.path()), 1L, Long::sum);
                if (!TarStream.isGzip(archive) && file.headerAt() - partStart >= partBytes) {
                    parts.add(new Part(archive, partStart, file.headerAt()));
                    partStart = file.headerAt();
                }
            }
            parts.add(new Part(archive, partStart, Long.MAX_VALUE));
        }
        return new Headers(filesByDirectory, parts);
    }

    @Override
    public Contents contents() {
        return contents;
    }

    @Override
    public JavaRDD<Outcome> read(JavaSparkContext spark, Broadcast<SerializableConfiguration> hadoop, SplitRule rule) {
        Map<Boolean, List<Part>> byGzip =
                parts.stream().collect(Collectors.partitioningBy(part -> TarStream.isGzip(part.archive())));
        JavaRDD<Encoded> encoded = encoded(spark, hadoop, byGzip.get(false));
        if (!byGzip.get(true).isEmpty()) {
            encoded = encoded.union(encoded(spark, hadoop, byGzip.get(true)).repartition(tasks(spark)));
        }
        ImageDecoder pictures = decoder;
        return encoded.map(picture -> picture.decoded(pictures, rule));
    }

    private JavaRDD<Encoded> encoded(
            JavaSparkContext spark, Broadcast<SerializableConfiguration> hadoop, List<Part> some) {
        Reader reader =
                new Reader(input.root(), layout, ClassLabels.of(contents.classes()), decoder.maxBytes(), hadoop);
        return spark.parallelize(some, Math.max(1, some.size())).flatMap(reader::read);
    }

    /** What a task needs to read the pictures of a part. */
    private record Reader(
            String root,
            FolderLayout layout,
            ClassLabels labels,
            long maxBytes,
            Broadcast<SerializableConfiguration> hadoop)
            implements Serializable {

        Iterator<Encoded> read(Part part) throws IOException {
            return new PartPictures(part, this);
        }

        private Encoded encoded(TarStream tar, String archive, TarStream.Entry file, FolderLayout.Place place) {
            String id = archive.equals(root) ? file.path() : archive.substring(root.length() + 1) + "/" + file.path();
            int label = labels.of(place.className());
            return file.bytes() > maxBytes
                    ? Encoded.unread(id, label, place.split(), file.bytes())
                    : Encoded.of(id, label, place.split(), tar.read(file));
        }
    }

    /** Streams the pictures of one part. */
    private static final class PartPictures implements Iterator<Encoded> {
        private final Part part;
        private final Reader reader;
        private final TarStream tar;
        private Encoded next; // null at the end

        PartPictures(Part part, Reader reader) throws IOException {
            this.part = part;
            this.reader = reader;
            this.tar = new TarStream(reader.hadoop().value().value(), part.archive(), part.start());
            TaskContext.get().addTaskCompletionListener((TaskCompletionListener) ended -> close());
            this.next = advance();
        }

        @Override
        public boolean hasNext() {
            return next != null;
        }

        @Override
        public Encoded next() {
            if (next == null) {
                throw new NoSuchElementException();
            }
            Encoded picture = next;
            next = advance();
            return picture;
        }

        private Encoded advance() {
            for (TarStream.Entry file = tar.next(); file != null; file = tar.next()) {
                if (file.headerAt() >= part.end()) {
                    return null;
                }
                Optional<FolderLayout.Place> place = reader.layout().place(FolderLayout.directoryOf(file.path()));
                if (place.isPresent()) {
                    return reader.encoded(tar, part.archive(), file, place.get());
                }
            }
            return null;
        }

        private void close() {
            try {
                tar.close();
            } catch (IOException e) {
                throw new UncheckedIOException("[" + part.archive() + "] Cannot close: " + e.getMessage(), e);
            }
        }
    }
}
