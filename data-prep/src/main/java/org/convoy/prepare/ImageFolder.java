package org.convoy.prepare;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RemoteIterator;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.SerializableConfiguration;
import org.convoy.data.Colour;
import org.convoy.data.ImageShape;
import org.convoy.data.Sha256;
import org.convoy.data.Split;
import org.convoy.runtime.UserError;

/**
 * One directory per class, its name the class name; or such directories below {@code train}, {@code validation} and {@code test}.
 * The driver lists the files, and tasks get the lists: neither a scan per task nor a file per task.
 */
final class ImageFolder implements Source {
    private static final Map<String, Split> SPLIT_NAMES = Map.of(
            "train", Split.TRAIN,
            "validation", Split.VALIDATION,
            "valid", Split.VALIDATION,
            "val", Split.VALIDATION,
            "test", Split.TEST);

    private static final long TASK_BYTES = 32L << 20;
    private static final long TASK_FILES = 1000;
    private static final int TASKS_PER_CORE = 4;

    private final String root;
    private final ImageDecoder decoder;
    private final List<String> classes;
    private final Set<Split> givenSplits;
    private final List<PictureFile> files;

    private ImageFolder(
            String root, ImageDecoder decoder, List<String> classes, Set<Split> givenSplits, List<PictureFile> files) {
        this.root = root;
        this.decoder = decoder;
        this.classes = classes;
        this.givenSplits = givenSplits;
        this.files = files;
    }

    /** A file as listed; {@code id} is its path relative to the root. */
    private record PictureFile(String id, int label, Split given, long bytes) implements Serializable {}

    static ImageFolder open(Configuration hadoop, PrepareConfig config) {
        try {
            return list(hadoop, config);
        } catch (IOException e) {
            throw new UncheckedIOException("[" + config.input() + "] Cannot list: " + e.getMessage(), e);
        }
    }

    private static ImageFolder list(Configuration hadoop, PrepareConfig config) throws IOException {
        Path input = new Path(config.input());
        FileSystem fileSystem = input.getFileSystem(hadoop);
        Path root = fileSystem.makeQualified(input);
        List<Path> directories = directoriesIn(fileSystem, root);
        if (directories.isEmpty()) {
            throw UserError.badInput(
                    "[" + config.input()
                            + "] has no class directories: an image folder has one directory per class with its pictures below");
        }
        Map<Path, Split> splitDirectories = splitDirectories(directories);
        if (splitDirectories.isEmpty()) {
            splitDirectories.put(root, Split.TRAIN);
        }
        List<String> classes = classes(fileSystem, splitDirectories, config.input());
        List<PictureFile> files = new ArrayList<>();
        for (Map.Entry<Path, Split> directory : splitDirectories.entrySet()) {
            listSplit(fileSystem, root, directory.getKey(), directory.getValue(), classes, files);
        }
        EnumSet<Split> given = EnumSet.noneOf(Split.class);
        if (!splitDirectories.containsKey(root)) {
            given.addAll(splitDirectories.values());
        }
        files.sort(Comparator.comparing(PictureFile::id));
        return new ImageFolder(root.toString(), ImageDecoder.of(config), classes, given, files);
    }

    /** The split of each directory if all are named like splits and train is among them; else empty. */
    private static Map<Path, Split> splitDirectories(List<Path> directories) {
        Map<Path, Split> splits = new TreeMap<>();
        for (Path directory : directories) {
            Split split = SPLIT_NAMES.get(directory.getName());
            if (split == null) {
                return new TreeMap<>();
            }
            splits.put(directory, split);
        }
        return splits.containsValue(Split.TRAIN) ? splits : new TreeMap<>();
    }

    private static List<String> classes(FileSystem fileSystem, Map<Path, Split> splits, String input)
            throws IOException {
        List<String> classes = new ArrayList<>();
        for (Map.Entry<Path, Split> split : splits.entrySet()) {
            if (split.getValue() == Split.TRAIN) {
                directoriesIn(fileSystem, split.getKey()).forEach(directory -> classes.add(directory.getName()));
            }
        }
        if (classes.size() < 2) {
            throw UserError.badInput("[" + input + "] has " + (classes.isEmpty() ? "no class" : "one class only")
                    + " to train on " + classes + ": a classifier needs two or more class directories");
        }
        return List.copyOf(classes);
    }

    private static void listSplit(
            FileSystem fileSystem,
            Path root,
            Path directory,
            Split split,
            List<String> classes,
            List<PictureFile> files)
            throws IOException {
        for (Path classDirectory : directoriesIn(fileSystem, directory)) {
            int label = classes.indexOf(classDirectory.getName());
            if (label < 0) {
                throw UserError.badInput("[" + classDirectory + "] is a class of " + split.label()
                        + " that train does not have; train has " + classes);
            }
            int before = files.size();
            listClass(fileSystem, root, classDirectory, label, split, files);
            if (files.size() == before) {
                throw UserError.badInput("[" + classDirectory + "] class directory holds no files");
            }
        }
    }

    /** Not {@code listFiles}: on a local file system that starts a process per file to learn its permissions. */
    private static void listClass(
            FileSystem fileSystem, Path root, Path directory, int label, Split split, List<PictureFile> files)
            throws IOException {
        int rootLength = root.toUri().getPath().length();
        int start = root.isRoot() ? rootLength : rootLength + 1;
        RemoteIterator<FileStatus> listed = fileSystem.listStatusIterator(directory);
        while (listed.hasNext()) {
            FileStatus entry = listed.next();
            if (isHidden(entry.getPath().getName())) {
                continue;
            }
            if (entry.isDirectory()) {
                listClass(fileSystem, root, entry.getPath(), label, split, files);
            } else {
                String id = entry.getPath().toUri().getPath().substring(start);
                files.add(new PictureFile(id, label, split, entry.getLen()));
            }
        }
    }

    /** The visible directories in {@code parent}, by name. */
    private static List<Path> directoriesIn(FileSystem fileSystem, Path parent) throws IOException {
        try {
            return Arrays.stream(fileSystem.listStatus(parent))
                    .filter(FileStatus::isDirectory)
                    .map(FileStatus::getPath)
                    .filter(path -> !isHidden(path.getName()))
                    .sorted()
                    .toList();
        } catch (FileNotFoundException e) {
            throw UserError.badInput("[" + parent + "] input does not exist", e);
        }
    }

    private static boolean isHidden(String name) {
        return name.startsWith(".") || name.startsWith("_");
    }

    @Override
    public ImageShape shape() {
        return new ImageShape(decoder.colour().channels(), decoder.height(), decoder.width());
    }

    @Override
    public Colour colour() {
        return decoder.colour();
    }

    @Override
    public List<String> classes() {
        return classes;
    }

    @Override
    public long pictures() {
        return files.size();
    }

    @Override
    public Set<Split> givenSplits() {
        return givenSplits;
    }

    @Override
    public JavaRDD<Outcome> read(JavaSparkContext spark, Broadcast<SerializableConfiguration> hadoop, SplitRule rule) {
        Reader reader = new Reader(root, decoder, rule, hadoop);
        return spark.parallelize(files, tasks(spark.defaultParallelism())).map(reader::read);
    }

    private int tasks(int cores) {
        long bytes = files.stream().mapToLong(PictureFile::bytes).sum();
        long bySize = Math.max(bytes / TASK_BYTES, files.size() / TASK_FILES) + 1;
        return (int) Math.min(files.size(), Math.max(bySize, (long) cores * TASKS_PER_CORE));
    }

    /** What a task needs to turn a listed file into an outcome. */
    private record Reader(
            String root, ImageDecoder decoder, SplitRule rule, Broadcast<SerializableConfiguration> hadoop)
            implements Serializable {

        Outcome read(PictureFile file) {
            if (file.bytes() > decoder.maxBytes()) {
                // Not read, so it is known by its name.
                byte[] nameHash = Sha256.of(file.id().getBytes(StandardCharsets.UTF_8));
                return outcome(file, file.bytes(), nameHash, decoder.tooLarge(file.bytes()));
            }
            byte[] encoded = bytes(file);
            return outcome(file, encoded.length, Sha256.of(encoded), decoder.decode(encoded));
        }

        private Outcome outcome(PictureFile file, long bytes, byte[] sha256, ImageDecoder.Result result) {
            Outcome.Origin origin =
                    new Outcome.Origin(file.id(), file.label(), rule.of(file.given(), sha256), bytes, sha256);
            if (result instanceof ImageDecoder.Decoded decoded) {
                return new Outcome.Picture(origin, decoded.sourceWidth(), decoded.sourceHeight(), decoded.pixels());
            }
            ImageDecoder.Refused refused = (ImageDecoder.Refused) result;
            return new Outcome.Rejected(origin, refused.reason(), refused.detail());
        }

        /** At most one byte more than allowed, should the file have grown since it was listed. */
        private byte[] bytes(PictureFile file) {
            Path path = new Path(root + "/" + file.id());
            try (FSDataInputStream in =
                    path.getFileSystem(hadoop.value().value()).open(path)) {
                return in.readNBytes((int) decoder.maxBytes() + 1);
            } catch (FileNotFoundException e) {
                throw UserError.badInput("[" + path + "] disappeared while the pictures were read", e);
            } catch (IOException e) {
                throw new UncheckedIOException("[" + path + "] Cannot read: " + e.getMessage(), e);
            }
        }
    }
}
