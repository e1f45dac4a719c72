package org.convoy.prepare;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RemoteIterator;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.storage.StorageLevel;
import org.apache.spark.util.SerializableConfiguration;
import org.convoy.data.Split;
import org.convoy.prepare.PictureFiles.PictureFile;
import org.convoy.runtime.UserError;

/**
 * One directory per class, its name the class name; or such directories below {@code train}, {@code validation} and {@code test}.
 * The driver lists the class directories, executors list the files in them; the driver never sees a file's name.
 */
final class ImageFolder implements Source {
    private static final int LISTING_TASKS_PER_CORE = 4;

    private final String root;
    private final ImageDecoder decoder;
    private final Contents contents;
    private final JavaRDD<PictureFile> files;
    private final long bytes;

    private ImageFolder(String root, ImageDecoder decoder, Contents contents, JavaRDD<PictureFile> files, long bytes) {
        this.root = root;
        this.decoder = decoder;
        this.contents = contents;
        this.files = files;
        this.bytes = bytes;
    }

    /** A directory with the pictures of one class; {@code path} with its scheme. */
    private record ClassDirectory(String path, Split split, String className) implements Serializable {}

    /**
     * What a part of the listing found.
     *
     * @param bytes of all files
     */
    private record Listed(Survey survey, long bytes) implements Serializable {}

    static ImageFolder open(JavaSparkContext spark, Broadcast<SerializableConfiguration> hadoop, PrepareConfig config) {
        Path input = new Path(config.input());
        List<ClassDirectory> directories;
        String root;
        try {
            FileSystem fileSystem = input.getFileSystem(hadoop.value().value());
            root = fileSystem.makeQualified(input).toString();
            directories = classDirectories(fileSystem, new Path(root), config.input());
        } catch (IOException e) {
            throw UserError.badInput("[" + config.input() + "] Cannot list: " + e.getMessage(), e);
        }
        Survey survey = new Survey();
        directories.forEach(directory -> survey.add(directory.split(), directory.className(), 0));
        List<String> classes = survey.classes(config.input());

        ClassLabels labels = ClassLabels.of(classes);
        int tasks = Math.min(directories.size(), spark.defaultParallelism() * LISTING_TASKS_PER_CORE);
        JavaRDD<PictureFile> files = spark.parallelize(directories, tasks)
                .flatMap(directory -> new Walk(
                        root,
                        directory,
                        labels.of(directory.className()),
                        hadoop.value().value()))
                // Kept, because listing is slow; on disk, because it is long. Spark drops it with the last reference to
                // it.
                .persist(StorageLevel.DISK_ONLY());
        long bytes = 0;
        for (Listed part : files.mapPartitions(some -> listed(some, classes)).collect()) {
            survey.add(part.survey());
            bytes += part.bytes();
        }
        for (ClassDirectory directory : directories) {
            if (survey.pictures(directory.split(), directory.className()) == 0) {
                throw UserError.badInput("[" + directory.path() + "] class directory holds no files");
            }
        }
        ImageDecoder decoder = ImageDecoder.of(config);
        return new ImageFolder(root, decoder, Contents.of(decoder, survey, classes), files, bytes);
    }

    private static List<ClassDirectory> classDirectories(FileSystem fileSystem, Path root, String input)
            throws IOException {
        List<Path> directories = directoriesIn(fileSystem, root);
        if (directories.isEmpty()) {
            throw UserError.badInput(
                    "[" + input
                            + "] has no class directories: an image folder has one directory per class with its pictures below");
        }
        boolean splits =
                FolderLayout.areSplits(directories.stream().map(Path::getName).toList());
        List<ClassDirectory> found = new ArrayList<>();
        for (Path directory : directories) {
            if (splits) {
                Split split = FolderLayout.splitNamed(directory.getName()).orElseThrow();
                for (Path classDirectory : directoriesIn(fileSystem, directory)) {
                    found.add(new ClassDirectory(classDirectory.toString(), split, classDirectory.getName()));
                }
            } else {
                found.add(new ClassDirectory(directory.toString(), Split.TRAIN, directory.getName()));
            }
        }
        return found;
    }

    /** The visible directories in {@code parent}, by name. */
    private static List<Path> directoriesIn(FileSystem fileSystem, Path parent) throws IOException {
        List<Path> directories = new ArrayList<>();
        try {
            RemoteIterator<FileStatus> entries = fileSystem.listStatusIterator(parent);
            while (entries.hasNext()) {
                FileStatus entry = entries.next();
                if (entry.isDirectory() && !Hidden.is(entry.getPath().getName())) {
                    directories.add(entry.getPath());
                }
            }
        } catch (FileNotFoundException e) {
            throw UserError.badInput("[" + parent + "] input does not exist", e);
        }
        directories.sort(null);
        return directories;
    }

    private static Iterator<Listed> listed(Iterator<PictureFile> files, List<String> classes) {
        Survey survey = new Survey();
        long bytes = 0;
        while (files.hasNext()) {
            PictureFile file = files.next();
            survey.add(file.given(), classes.get(file.label()), 1);
            bytes += file.bytes();
        }
        return List.of(new Listed(survey, bytes)).iterator();
    }

    @Override
    public Contents contents() {
        return contents;
    }

    @Override
    public JavaRDD<Outcome> read(JavaSparkContext spark, Broadcast<SerializableConfiguration> hadoop, SplitRule rule) {
        ImageDecoder pictures = decoder;
        return new PictureFiles(root, decoder.maxBytes(), hadoop)
                .read(files, contents.pictures(), bytes, spark.defaultParallelism())
                .map(picture -> picture.decoded(pictures, rule));
    }

    /**
     * Streams the visible files below a class directory. Not {@code listFiles}: on a local file system that starts a process per
     * file to learn its permissions.
     */
    private static final class Walk implements Iterator<PictureFile> {
        private final int idStart;
        private final Split split;
        private final int label;
        private final FileSystem fileSystem;
        private final Deque<RemoteIterator<FileStatus>> open = new ArrayDeque<>();
        private PictureFile next; // null at the end

        Walk(String root, ClassDirectory directory, int label, Configuration hadoop) throws IOException {
            Path start = new Path(directory.path());
            String rootPath = new Path(root).toUri().getPath();
            this.idStart = rootPath.endsWith("/") ? rootPath.length() : rootPath.length() + 1;
            this.split = directory.split();
            this.label = label;
            this.fileSystem = start.getFileSystem(hadoop);
            open.push(fileSystem.listStatusIterator(start));
            this.next = advance();
        }

        @Override
        public boolean hasNext() {
            return next != null;
        }

        @Override
        public PictureFile next() {
            if (next == null) {
                throw new NoSuchElementException();
            }
            PictureFile file = next;
            try {
                next = advance();
            } catch (IOException e) {
                throw UserError.badInput("Cannot list what follows [" + file.id() + "]: " + e.getMessage(), e);
            }
            return file;
        }

        private PictureFile advance() throws IOException {
            while (!open.isEmpty()) {
                if (!open.peek().hasNext()) {
                    open.pop();
                    continue;
                }
                FileStatus entry = open.peek().next();
                Path path = entry.getPath();
                if (Hidden.is(path.getName())) {
                    continue;
                }
                if (entry.isDirectory()) {
                    open.push(fileSystem.listStatusIterator(path));
                } else {
                    return new PictureFile(path.toUri().getPath().substring(idStart), label, split, 1, entry.getLen());
                }
            }
            return null;
        }
    }
}
