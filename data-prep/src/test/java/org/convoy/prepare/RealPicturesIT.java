package org.convoy.prepare;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.convoy.data.Colour;
import org.convoy.prepare.ImageDecoder.Decoded;
import org.convoy.prepare.ImageDecoder.Refused;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/** On real and on odd pictures; see {@link SharedData}. */
class RealPicturesIT {
    private static final int PROCESSES = 3;

    /** In three processes of their own, none of which may die; see {@link OddPictures}. */
    @Test
    void decodesOrRejectsEveryOddPicture(@TempDir Path directory) throws IOException, InterruptedException {
        Path archive = SharedData.named("odd-images.tar");
        String first = saidBy(OddPictures.class, directory, archive.toString());

        for (int process = 1; process < PROCESSES; process++) {
            assertThat(saidBy(OddPictures.class, directory, archive.toString())).isEqualTo(first);
        }

        Map<String, String> codes = new LinkedHashMap<>();
        Map<String, String> digests = new HashMap<>();
        first.lines().map(line -> line.split("\t", -1)).forEach(fields -> {
            codes.put(fields[0], fields[1]);
            digests.put(fields[0], fields[2]);
        });
        assertThat(codes).hasSize(532);
        Map<String, Map<String, Integer>> byKind = byKind(codes);
        print(byKind);
        assertThat(byKind.get("pngsuite-valid")).isEqualTo(Map.of("decoded", 161));
        assertThat(byKind.get("pngsuite-corrupt")).doesNotContainKey("decoded");
        // One holds no pixels at all.
        assertThat(byKind.get("png-animated")).isEqualTo(Map.of("decoded", 53, "undecodable", 1));
        assertThat(byKind.get("bmp-good")).isEqualTo(Map.of("decoded", 24));
        assertThat(byKind.get("exif-orientation")).isEqualTo(Map.of("decoded", 10));
        assertThat(byKind.get("jpeg-lossless")).doesNotContainKey("decoded");
        assertThat(byKind.get("jpeg-odd").get("decoded")).isGreaterThanOrEqualTo(44);
        assertThat(byKind.get("gif").get("decoded")).isGreaterThanOrEqualTo(9);
        assertThat(digests.get("bmp-good/pal4rle.bmp")).isEqualTo(digests.get("bmp-good/pal4.bmp"));
    }

    @Test
    void decodesEveryPhotograph() {
        Map<String, ImageDecoder.Result> photos =
                decodeAll(LocalSpark.decoder(Colour.RGB, 224, 224), tar(SharedData.named("photos.tar")));

        assertThat(photos).hasSize(294);
        assertThat(codes(photos).values()).containsOnly("decoded");
    }

    /** Nineteen of them are WebP under another name. */
    @Test
    void decodesEveryPictureOfTheWebWhateverItIsCalled() {
        Map<String, ImageDecoder.Result> bears =
                decodeAll(LocalSpark.decoder(Colour.RGB, 224, 224), tar(SharedData.named("bears.tar")));

        assertThat(bears).hasSize(126);
        assertThat(codes(bears).values()).containsOnly("decoded");
    }

    @Test
    void reducesPhotographsWithinThreeGreyLevels() {
        Map<String, byte[]> pictures = tar(SharedData.named("photos.tar"));
        for (int size : new int[] {32, 64}) {
            Map<String, ImageDecoder.Result> full = decodeAll(LocalSpark.decoder(Colour.RGB, size, size), pictures);
            Map<String, ImageDecoder.Result> reduced = decodeAll(
                    LocalSpark.decoder(Colour.RGB, size, size, "prepare.image.jpeg-decode=reduced"), pictures);

            assertThat(pictures.keySet())
                    .allSatisfy(name -> assertThat(meanDifference(pixels(full, name), pixels(reduced, name)))
                            .isLessThan(3));
        }
    }

    /** In a process of its own; see {@link MutatedPictures}. */
    @Test
    void survivesTwentyThousandMutatedPictures(@TempDir Path directory) throws IOException, InterruptedException {
        String results = saidBy(MutatedPictures.class, directory);

        System.out.println("Mutated pictures: " + results);
        assertThat(results).contains("decoded=", "undecodable=", "too-many-pixels=");
    }

    /** What a main class prints in a process of its own, which must end well. */
    private static String saidBy(Class<?> main, Path directory, String... arguments)
            throws IOException, InterruptedException {
        Path out = directory.resolve("out");
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "-cp",
                System.getProperty("java.class.path"),
                main.getName()));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command)
                .redirectError(directory.resolve("log").toFile())
                .redirectOutput(out.toFile())
                .start();
        assertThat(process.waitFor(Duration.ofMinutes(5).toSeconds(), TimeUnit.SECONDS))
                .isTrue();
        assertThat(process.exitValue()).isZero();
        return Files.readString(out);
    }

    private static Map<String, ImageDecoder.Result> decodeAll(ImageDecoder decoder, Map<String, byte[]> pictures) {
        Map<String, ImageDecoder.Result> results = new LinkedHashMap<>();
        pictures.forEach((name, bytes) -> results.put(name, decoder.decode(bytes)));
        return results;
    }

    private static Map<String, String> codes(Map<String, ImageDecoder.Result> results) {
        Map<String, String> codes = new TreeMap<>();
        results.forEach((name, result) -> codes.put(name, code(result)));
        return codes;
    }

    private static String code(ImageDecoder.Result result) {
        return result instanceof Refused refused ? refused.reason().code() : "decoded";
    }

    private static byte[] pixels(Map<String, ImageDecoder.Result> results, String name) {
        return ((Decoded) results.get(name)).pixels();
    }

    private static double meanDifference(byte[] a, byte[] b) {
        long sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += Math.abs((a[i] & 0xFF) - (b[i] & 0xFF));
        }
        return (double) sum / a.length;
    }

    /** Counts by directory and code. */
    private static Map<String, Map<String, Integer>> byKind(Map<String, String> codes) {
        Map<String, Map<String, Integer>> byKind = new TreeMap<>();
        codes.forEach((name, code) ->
                byKind.computeIfAbsent(kind(name), kind -> new TreeMap<>()).merge(code, 1, Integer::sum));
        return byKind;
    }

    private static String kind(String name) {
        return name.substring(0, name.indexOf('/'));
    }

    /** Beside what two other decoders made of the same files, as observed in the manifest. */
    private static void print(Map<String, Map<String, Integer>> byKind) {
        Map<String, int[]> others = new TreeMap<>();
        for (String line : lines(SharedData.named("odd-images-manifest.tsv"))) {
            String[] fields = line.split("\t", -1);
            if (fields[0].contains("/")) {
                int[] counts = others.computeIfAbsent(kind(fields[0]), kind -> new int[3]);
                counts[0]++;
                counts[1] += fields[3].startsWith("OK") ? 1 : 0;
                counts[2] += fields[4].startsWith("OK") ? 1 : 0;
            }
        }
        System.out.printf(Locale.ROOT, "%-18s %6s %8s %8s  %s%n", "kind", "files", "ImageIO", "Pillow", "here");
        others.forEach((kind, counts) -> System.out.printf(
                Locale.ROOT, "%-18s %6d %8d %8d  %s%n", kind, counts[0], counts[1], counts[2], byKind.get(kind)));
    }

    private static List<String> lines(Path file) {
        try {
            return Files.readAllLines(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Files by name below the archive's one directory. */
    static Map<String, byte[]> tar(Path file) {
        Map<String, byte[]> files = new LinkedHashMap<>();
        try (InputStream in = new BufferedInputStream(Files.newInputStream(file));
                TarArchiveInputStream tar = new TarArchiveInputStream(in)) {
            List<String> seen = new ArrayList<>();
            for (TarArchiveEntry entry = tar.getNextTarEntry(); entry != null; entry = tar.getNextTarEntry()) {
                if (entry.isFile()) {
                    seen.add(entry.getName());
                    files.put(entry.getName().substring(entry.getName().indexOf('/') + 1), tar.readAllBytes());
                }
            }
            assertThat(files).hasSameSizeAs(seen);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return files;
    }
}
