package org.convoy.train;

import java.awt.image.BufferedImage;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPInputStream;
import javax.imageio.ImageIO;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.convoy.data.Colour;
import org.convoy.runtime.UserError;

/**
 * Pictures and the square that they are to fit in.
 *
 * @param encoded files
 * @param size pixels of either side
 */
record PictureSet(String title, List<byte[]> encoded, Colour colour, int size) {
    private static final int TINY_COUNT = 4_000;
    /** The archive has 60,000, class after class. */
    private static final int EVERY_CIFAR = 15;

    private static final int IDX_HEADER_BYTES = 16;
    private static final int DIGIT_SIZE = 28;

    static List<PictureSet> all(Path directory) throws IOException {
        List<byte[]> photos = tar(directory, "photos.tar", 1);
        return List.of(
                new PictureSet("photos → 224", photos, Colour.RGB, 224),
                new PictureSet("photos → 32", photos, Colour.RGB, 32),
                new PictureSet("CIFAR JPEG → 32", tar(directory, "cifar10.tar.gz", EVERY_CIFAR), Colour.RGB, 32),
                new PictureSet("PNG 28x28", digits(directory), Colour.GREY, DIGIT_SIZE));
    }

    /** Bytes of a decoded picture. */
    int pixels() {
        return colour.channels() * size * size;
    }

    private static List<byte[]> tar(Path directory, String name, int every) throws IOException {
        List<byte[]> files = new ArrayList<>();
        int seen = 0;
        try (TarArchiveInputStream tar = new TarArchiveInputStream(open(directory.resolve(name)))) {
            for (TarArchiveEntry entry = tar.getNextTarEntry(); entry != null; entry = tar.getNextTarEntry()) {
                if (entry.isFile() && seen++ % every == 0) {
                    files.add(tar.readAllBytes());
                }
            }
        }
        return files;
    }

    /** MNIST's test pictures, written as PNG here. */
    private static List<byte[]> digits(Path directory) throws IOException {
        List<byte[]> files = new ArrayList<>();
        try (DataInputStream idx =
                new DataInputStream(open(directory.resolve("mnist").resolve("t10k-images-idx3-ubyte.gz")))) {
            idx.skipNBytes(IDX_HEADER_BYTES);
            for (int i = 0; i < TINY_COUNT; i++) {
                BufferedImage digit = new BufferedImage(DIGIT_SIZE, DIGIT_SIZE, BufferedImage.TYPE_BYTE_GRAY);
                digit.getRaster()
                        .setDataElements(0, 0, DIGIT_SIZE, DIGIT_SIZE, idx.readNBytes(DIGIT_SIZE * DIGIT_SIZE));
                ByteArrayOutputStream png = new ByteArrayOutputStream();
                ImageIO.write(digit, "png", png);
                files.add(png.toByteArray());
            }
        }
        return files;
    }

    private static InputStream open(Path file) throws IOException {
        if (!Files.exists(file)) {
            throw UserError.badInput("[" + file.toAbsolutePath().normalize()
                    + "] is missing: the benchmark needs it in the directory that CONVOY_DATA names");
        }
        InputStream in = new BufferedInputStream(Files.newInputStream(file));
        return file.toString().endsWith(".gz") ? new GZIPInputStream(in) : in;
    }
}
