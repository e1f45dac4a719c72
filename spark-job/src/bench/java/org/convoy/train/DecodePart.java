package org.convoy.train;

import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.Function;
import org.convoy.data.Colour;
import org.convoy.prepare.JpegDecode;
import org.convoy.prepare.Resize;

/** Pictures per second on one core: Convoy's decoder, guards and resampling counted in, and what else decodes pictures. */
final class DecodePart {
    private static final String TITLE = "Decoding on one core; pictures per second, medians";
    private static final double PILLOW_GREY_LEVELS = 0.5;
    private static final Path PILLOW_SCRIPT = Path.of("spark-job/src/bench/python/pillow_peer.py");

    /** A turn is of whole passes over the pictures that take this much together. */
    private static final double TURN_SECONDS = 0.5;

    /** Goes before each turn and is not counted: for about as long a decoder can be slower after some others than after the rest. */
    private static final double LEAD_SECONDS = 0.25;

    private static final double WARM_UP_SECONDS = 2;

    private static final int CHECKED = 200;

    /**
     * One line.
     *
     * @param picturesPerSecond one figure per round
     * @param greyLevels mean difference from Convoy's pictures; not a number where there is nothing to compare
     * @param convoyIsFasterBy median of the ratios within each round
     */
    record Row(
            String pictures,
            String loader,
            List<Double> picturesPerSecond,
            double median,
            double greyLevels,
            double convoyIsFasterBy) {}

    private DecodePart() {}

    static void run(Path directory, int rounds, BenchReport report) throws IOException {
        Optional<String> pillow = pillow();
        report.table(TITLE, "pictures", "decoder", "pictures/s", "Convoy by it", "grey levels from Convoy's");
        for (PictureSet set : PictureSet.all(directory)) {
            compare(set, rounds, pillow, report);
        }
        if (pillow.isEmpty()) {
            System.out.println("Pillow is not measured: there is no python3 with PIL on the PATH");
        }
    }

    private static void compare(PictureSet set, int rounds, Optional<String> pillow, BenchReport report)
            throws IOException {
        Map<PictureLoader, Double> levels = new EnumMap<>(PictureLoader.class);
        Map<PictureLoader, List<Double>> speeds = new EnumMap<>(PictureLoader.class);
        for (PictureLoader loader : PictureLoader.values()) {
            levels.put(loader, greyLevels(loader, set));
            speeds.put(loader, new ArrayList<>());
            passes(loader.of(set), set, WARM_UP_SECONDS);
        }
        List<Double> pillowSpeeds = new ArrayList<>();
        Path file = pillow.isPresent() ? written(set) : null;
        List<PictureLoader> turns = new ArrayList<>(speeds.keySet());
        Random random = new Random(1);
        for (int round = 0; round < rounds; round++) {
            // What goes before can slow a decoder down, so it is not the same in each round.
            Collections.shuffle(turns, random);
            turns.forEach(loader -> speeds.get(loader).add(turn(loader.of(set), set)));
            if (pillow.isPresent()) {
                pillowSpeeds.add(pillowTurn(file, set));
            }
        }
        List<Double> convoy = speeds.get(PictureLoader.CONVOY);
        speeds.forEach((loader, measured) -> line(
                report,
                new Row(
                        set.title(),
                        loader.title(),
                        measured,
                        Spread.median(measured),
                        levels.get(loader),
                        Interleaved.ratio(convoy, measured)),
                loader.greyLevels()));
        if (pillow.isPresent()) {
            Row row = new Row(
                    set.title(),
                    pillow.get(),
                    pillowSpeeds,
                    Spread.median(pillowSpeeds),
                    pillowGreyLevels(file, set),
                    Interleaved.ratio(convoy, pillowSpeeds));
            line(report, row, PILLOW_GREY_LEVELS);
            Files.delete(file);
            Files.delete(pixelsOf(file));
        }
    }

    private static void line(BenchReport report, Row row, double limit) {
        String levels = Double.isNaN(row.greyLevels())
                ? "–"
                : String.format(Locale.ROOT, row.greyLevels() <= limit ? "%.2f" : "wrong: %.1f", row.greyLevels());
        report.line(
                TITLE,
                row,
                row.pictures(),
                row.loader(),
                String.format(Locale.ROOT, "%,.0f", row.median()),
                String.format(Locale.ROOT, "%.2f", row.convoyIsFasterBy()),
                levels);
    }

    private static double turn(Function<byte[], byte[]> loader, PictureSet set) {
        // What the one before left behind is not this one's to clear away.
        System.gc();
        passes(loader, set, LEAD_SECONDS);
        return passes(loader, set, TURN_SECONDS);
    }

    /**
     * Whole passes in this thread.
     *
     * @return pictures per second
     */
    private static double passes(Function<byte[], byte[]> loader, PictureSet set, double leastSeconds) {
        long done = 0;
        double seconds = 0;
        long start = System.nanoTime();
        while (seconds < leastSeconds) {
            for (byte[] encoded : set.encoded()) {
                byte[] unused = loader.apply(encoded);
            }
            done += set.encoded().size();
            seconds = (System.nanoTime() - start) / 1e9;
        }
        return done / seconds;
    }

    /** Mean difference of some pictures from what Convoy makes of them. */
    private static double greyLevels(PictureLoader loader, PictureSet set) {
        if (Double.isNaN(loader.greyLevels())) {
            return Double.NaN;
        }
        Function<byte[], byte[]> convoy = PictureLoader.convoy(set, loader.resize(), JpegDecode.FULL);
        Function<byte[], byte[]> other = loader.of(set);
        return set.encoded().stream()
                .limit(CHECKED)
                .mapToDouble(encoded -> meanDifference(convoy.apply(encoded), other.apply(encoded)))
                .average()
                .orElseThrow();
    }

    private static double meanDifference(byte[] a, byte[] b) {
        if (a.length != b.length) {
            throw new IllegalStateException("a picture must have " + a.length + " bytes but has " + b.length);
        }
        long sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += Math.abs((a[i] & 0xFF) - (b[i] & 0xFF));
        }
        return (double) sum / a.length;
    }

    /** Its name and version, where python3 has it. */
    private static Optional<String> pillow() throws IOException {
        try {
            return Optional.of("Pillow " + python("-c", "import PIL; print(PIL.__version__)"));
        } catch (IllegalStateException e) {
            return Optional.empty();
        }
    }

    /** As the script reads them. */
    private static Path written(PictureSet set) throws IOException {
        Path file = Files.createTempFile("convoy-bench", ".pictures");
        try (DataOutputStream out = new DataOutputStream(Files.newOutputStream(file))) {
            for (byte[] encoded : set.encoded()) {
                out.writeInt(encoded.length);
                out.write(encoded);
            }
        }
        return file;
    }

    /** In a process of its own, which times itself. */
    private static double pillowTurn(Path file, PictureSet set) throws IOException {
        return Double.parseDouble(python(
                PILLOW_SCRIPT.toString(),
                file.toString(),
                Integer.toString(set.size()),
                set.colour() == Colour.GREY ? "L" : "RGB",
                Double.toString(TURN_SECONDS)));
    }

    private static Path pixelsOf(Path file) {
        return Path.of(file + ".pixels");
    }

    private static double pillowGreyLevels(Path file, PictureSet set) throws IOException {
        Function<byte[], byte[]> convoy = PictureLoader.convoy(set, Resize.CENTRE_CROP, JpegDecode.FULL);
        byte[] pixels = Files.readAllBytes(pixelsOf(file));
        int channels = set.colour().channels();
        double sum = 0;
        int checked = Math.min(CHECKED, set.encoded().size());
        for (int picture = 0; picture < checked; picture++) {
            byte[] planes = new byte[set.pixels()];
            for (int i = 0; i < planes.length; i++) {
                planes[i % channels * (planes.length / channels) + i / channels] = pixels[picture * planes.length + i];
            }
            sum += meanDifference(convoy.apply(set.encoded().get(picture)), planes);
        }
        return sum / checked;
    }

    /** What python3 prints. */
    private static String python(String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of("python3"));
        command.addAll(List.of(arguments));
        Process process;
        try {
            process = new ProcessBuilder(command).redirectErrorStream(true).start();
        } catch (IOException e) {
            throw new IllegalStateException("there is no python3", e);
        }
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        try {
            if (process.waitFor() != 0) {
                throw new IllegalStateException("python3 failed: " + said);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting for python3", e);
        }
        return said;
    }
}
