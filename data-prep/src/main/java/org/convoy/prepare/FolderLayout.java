package org.convoy.prepare;

import java.io.Serializable;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.convoy.data.Split;

/**
 * What directories mean: each is a class, named by it; or they are train, validation (val, valid) and test, each with one directory
 * per class. Below a class directory may be others, of the same class.
 *
 * @param root the directory that holds those directories, with a slash at the end; "" if paths begin with them
 * @param splitDirectories whether classes lie below directories of splits
 */
record FolderLayout(String root, boolean splitDirectories) implements Serializable {
    private static final Map<String, Split> SPLIT_NAMES = Map.of(
            "train", Split.TRAIN,
            "validation", Split.VALIDATION,
            "valid", Split.VALIDATION,
            "val", Split.VALIDATION,
            "test", Split.TEST);

    /** What a file's directory says of it. */
    record Place(Split split, String className) {}

    /**
     * The layout of an archive, from the directories in it that hold files. Directories that only hold one other are wrapping:
     * {@code photos/cat} and {@code photos/dog} have the classes cat and dog.
     */
    static FolderLayout of(Set<String> directories) {
        String root = "";
        Set<String> children = childrenOf(root, directories);
        while (children.size() == 1 && !areSplits(children)) {
            String only = root + children.iterator().next() + "/";
            Set<String> below = childrenOf(only, directories);
            if (below.isEmpty()) {
                break;
            }
            root = only;
            children = below;
        }
        return new FolderLayout(root, areSplits(children));
    }

    private static Set<String> childrenOf(String root, Set<String> directories) {
        Set<String> children = new TreeSet<>();
        for (String directory : directories) {
            if (directory.startsWith(root) && directory.length() > root.length()) {
                children.add(directory.substring(root.length()).split("/", 2)[0]);
            }
        }
        return children;
    }

    /** Whether directories of these names are splits: all are named like one, and train is among them. */
    static boolean areSplits(Collection<String> names) {
        return SPLIT_NAMES.keySet().containsAll(names) && names.contains("train");
    }

    /** The split that a directory's name means, or the user's word in a table. */
    static Optional<Split> splitNamed(String name) {
        return Optional.ofNullable(SPLIT_NAMES.get(name));
    }

    /** Where the files of a directory belong; nowhere if it holds class directories. No slash at the end. */
    Optional<Place> place(String directory) {
        String withSlash = directory + "/";
        if (!withSlash.startsWith(root)) {
            return Optional.empty();
        }
        String[] names = withSlash.substring(root.length()).split("/", -1);
        int classAt = splitDirectories ? 1 : 0;
        if (names.length <= classAt || names[classAt].isEmpty()) {
            return Optional.empty();
        }
        Split split = splitDirectories ? SPLIT_NAMES.get(names[0]) : Split.TRAIN;
        return Optional.of(new Place(split, names[classAt]));
    }

    /** The directory of a file, without a slash at the end; "" if it lies in none. */
    static String directoryOf(String path) {
        return path.substring(0, Math.max(0, path.lastIndexOf('/')));
    }
}
