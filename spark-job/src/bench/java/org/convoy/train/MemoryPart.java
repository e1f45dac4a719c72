package org.convoy.train;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import javax.imageio.ImageIO;

/** The most memory that {@code prepare} holds, in a process of its own that is driver and executor in one, for folders of tiny files. */
final class MemoryPart {
    private static final String TITLE = "Memory of prepare, folders of 8x8 PNG to 64x64, 1 GiB of heap, a tenth of it for Spark, two cores; peaks";
    private static final List<Integer> FILES = List.of(10_000, 100_000);

    /** So large that also the fewest pictures fill what Spark may have, and several files of the dataset. */
    private static final int SIZE = 64;

    /**
     * One line.
     *
     * @param residentBytes of the process
     * @param liveBytes of the heap, after collections
     */
    record Row(int files, double seconds, long residentBytes, long liveBytes) {}

    private MemoryPart() {}

    static void run(BenchReport report) throws IOException {
        report.table(TITLE, "files", "seconds", "resident MiB", "heap after a collection MiB");
        List<Row> rows = new ArrayList<>();
        for (int files : FILES) {
            Row row = measure(files);
            rows.add(row);
            report.line(
                    TITLE,
                    row,
                    String.format(Locale.ROOT, "%,d", files),
                    String.format(Locale.ROOT, "%.0f", row.seconds()),
                    mebibytes(row.residentBytes()),
                    mebibytes(row.liveBytes()));
        }
        Row few = rows.get(0);
        Row many = rows.get(rows.size() - 1);
        System.out.printf(
                Locale.ROOT,
                "  the most by the fewest files: resident %.2f, heap %.2f%n",
                (double) many.residentBytes() / few.residentBytes(),
                (double) many.liveBytes() / few.liveBytes());
    }

    private static Row measure(int files) throws IOException {
        Path scratch = Files.createTempDirectory("convoy-bench");
        try {
            write(scratch.resolve("pictures"), files);
            CommandProcess.Ended ended = prepared(scratch, files);
            return new Row(files, ended.seconds(), ended.residentBytes(), ended.liveBytes());
        } finally {
            delete(scratch);
        }
    }

    private static CommandProcess.Ended prepared(Path scratch, int files) throws IOException {
        List<String> command =
                new ArrayList<>(List.of("prepare", "--set", "prepare.input=" + scratch.resolve("pictures")));
        command.addAll(List.of("--set", "prepare.output=" + scratch.resolve("dataset")));
        for (String side : List.of("height", "width")) {
            command.addAll(List.of("--set", "prepare.image." + side + "=" + SIZE));
        }
        return CommandProcess.run(
                scratch, String.format(Locale.ROOT, "read %,d = written %,d +", files, files), command);
    }

    /** Two classes; no two files are equal. */
    static void write(Path directory, int files) throws IOException {
        byte[] picture = picture();
        for (String name : List.of("even", "odd")) {
            Files.createDirectories(directory.resolve(name));
        }
        for (int i = 0; i < files; i++) {
            byte[] content = ByteBuffer.allocate(picture.length + Integer.BYTES)
                    .put(picture)
                    .putInt(i)
                    .array();
            Files.write(directory.resolve(i % 2 == 0 ? "even" : "odd").resolve(i + ".png"), content);
        }
    }

    /** A PNG of 8x8; behind its end may be anything. */
    static byte[] picture() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ImageIO.write(new BufferedImage(8, 8, BufferedImage.TYPE_INT_RGB), "png", out);
        return out.toByteArray();
    }

    static void delete(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    static String mebibytes(long bytes) {
        return String.format(Locale.ROOT, "%,d", bytes >> 20);
    }
}
