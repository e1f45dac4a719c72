package org.convoy.prepare;

import java.nio.file.Files;
import java.nio.file.Path;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

/** Real pictures, in the directory that CONVOY_DATA names or in {@code shared/data} beside the repository. */
final class SharedData {
    private SharedData() {}

    /** A file or directory of that name; the test is skipped, and says so, if it is not there. */
    static Path named(String name) {
        Path path = directory().resolve(name);
        assumeTrue(Files.exists(path), "skipped: no " + path + "; set CONVOY_DATA");
        return path;
    }

    /** The repository's root is the directory above this module. */
    private static Path directory() {
        String given = System.getenv("CONVOY_DATA");
        return given != null
                ? Path.of(given)
                : Path.of("")
                        .toAbsolutePath()
                        .getParent()
                        .resolveSibling("shared")
                        .resolve("data");
    }
}
