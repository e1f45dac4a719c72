package org.convoy.train;

import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.zip.GZIPInputStream;

/**
 * Pictures of MNIST's format with their labels, to be written again as other data sets of that format.
 *
 * @param height of a picture
 * @param width of a picture
 */
record IdxPictures(int height, int width, List<Labelled> pictures) {
    private static final int IMAGE_MAGIC = 0x00000803;
    private static final int LABEL_MAGIC = 0x00000801;

    /** One picture; {@code pixels} of height·width bytes. */
    @SuppressWarnings("ArrayRecordComponent") // carried, never compared
    record Labelled(byte[] pixels, int label) {}

    /**
     * Reads gzip files.
     *
     * @param split {@code train} or {@code t10k}
     */
    static IdxPictures read(Path directory, String split) {
        try (DataInputStream images = open(directory, split + "-images-idx3-ubyte");
                DataInputStream labels = open(directory, split + "-labels-idx1-ubyte")) {
            images.readInt();
            int count = images.readInt();
            int height = images.readInt();
            int width = images.readInt();
            labels.readInt();
            labels.readInt();
            List<Labelled> pictures = new ArrayList<>(count);
            for (int i = 0; i < count; i++) {
                pictures.add(new Labelled(images.readNBytes(height * width), labels.readUnsignedByte()));
            }
            return new IdxPictures(height, width, pictures);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    IdxPictures only(Predicate<Labelled> kept) {
        return with(pictures.stream().filter(kept).toList());
    }

    IdxPictures with(List<Labelled> others) {
        return new IdxPictures(height, width, others);
    }

    /** One of {@code parts} that follow each other and are of one size. */
    IdxPictures part(int number, int parts) {
        int size = pictures.size() / parts;
        return with(pictures.subList(number * size, (number + 1) * size));
    }

    /** Writes plain files. */
    void write(Path directory, String split) {
        try {
            Files.createDirectories(directory);
            try (DataOutputStream out = create(directory.resolve(split + "-images-idx3-ubyte"))) {
                for (int value : new int[] {IMAGE_MAGIC, pictures.size(), height, width}) {
                    out.writeInt(value);
                }
                for (Labelled picture : pictures) {
                    out.write(picture.pixels());
                }
            }
            try (DataOutputStream out = create(directory.resolve(split + "-labels-idx1-ubyte"))) {
                out.writeInt(LABEL_MAGIC);
                out.writeInt(pictures.size());
                for (Labelled picture : pictures) {
                    out.writeByte(picture.label());
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static DataInputStream open(Path directory, String name) throws IOException {
        return new DataInputStream(new GZIPInputStream(Files.newInputStream(directory.resolve(name + ".gz")), 1 << 16));
    }

    private static DataOutputStream create(Path file) throws IOException {
        return new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(file), 1 << 16));
    }
}
