package org.convoy.model.bench;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Random;
import java.util.zip.GZIPInputStream;

/**
 * Batches of labelled images: MNIST's handwritten digits, enlarged by whole factors and padded to the network's size, the
 * same in every channel; or noise, where MNIST is not at hand.
 */
final class BenchImages {
    static final int CLASSES = 10;
    private static final int MNIST_SIZE = 28;
    private static final int IMAGES = 2048;
    private static final int IMAGES_HEADER_BYTES = 16;
    private static final int LABELS_HEADER_BYTES = 8;

    /** Per image {@value #MNIST_SIZE}² bytes. */
    private final byte[] pixels;

    /** Per image 0 to 9. */
    private final byte[] labels;

    private final String source;

    private BenchImages(byte[] pixels, byte[] labels, String source) {
        this.pixels = pixels;
        this.labels = labels;
        this.source = source;
    }

    /** Reads the folder with MNIST's idx files, as they are or gzipped. */
    static BenchImages read(Path mnist) throws IOException {
        Optional<Path> images = find(mnist, "train-images");
        Optional<Path> labels = find(mnist, "train-labels");
        if (images.isEmpty() || labels.isEmpty()) {
            byte[] noise = new byte[IMAGES * MNIST_SIZE * MNIST_SIZE];
            byte[] classes = new byte[IMAGES];
            Random random = new Random(1);
            random.nextBytes(noise);
            for (int i = 0; i < IMAGES; i++) {
                classes[i] = (byte) random.nextInt(CLASSES);
            }
            return new BenchImages(noise, classes, "synthetic noise: no MNIST under " + mnist);
        }
        return new BenchImages(
                bytes(images.get(), IMAGES_HEADER_BYTES, IMAGES * MNIST_SIZE * MNIST_SIZE),
                bytes(labels.get(), LABELS_HEADER_BYTES, IMAGES),
                "MNIST from " + mnist);
    }

    /** What the images are, for the report. */
    String source() {
        return source;
    }

    /** Pixels of batch number {@code index} as float32 in [-1, 1], order [N, C, H, W]. */
    float[] batch(BenchNetwork network, int index) {
        int size = network.size();
        int factor = size / MNIST_SIZE;
        int margin = (size - factor * MNIST_SIZE) / 2;
        float[] batch = new float[network.batch() * network.channels() * size * size];
        int position = 0;
        for (int n = 0; n < network.batch(); n++) {
            int image = (index * network.batch() + n) % IMAGES;
            for (int c = 0; c < network.channels(); c++) {
                for (int h = 0; h < size; h++) {
                    for (int w = 0; w < size; w++) {
                        batch[position++] = pixel(image, (h - margin) / factor, (w - margin) / factor);
                    }
                }
            }
        }
        return batch;
    }

    /** Class numbers of batch number {@code index}. */
    int[] classes(BenchNetwork network, int index) {
        int[] classes = new int[network.batch()];
        for (int n = 0; n < classes.length; n++) {
            classes[n] = labels[(index * network.batch() + n) % IMAGES];
        }
        return classes;
    }

    private float pixel(int image, int h, int w) {
        boolean inside = h >= 0 && w >= 0 && h < MNIST_SIZE && w < MNIST_SIZE;
        int value = inside ? pixels[(image * MNIST_SIZE + h) * MNIST_SIZE + w] & 0xff : 0;
        return value / 127.5f - 1f;
    }

    private static Optional<Path> find(Path folder, String prefix) throws IOException {
        if (!Files.isDirectory(folder)) {
            return Optional.empty();
        }
        try (var files = Files.walk(folder)) {
            return files.filter(file -> file.getFileName().toString().startsWith(prefix))
                    .findFirst();
        }
    }

    private static byte[] bytes(Path file, int headerBytes, int length) throws IOException {
        try (InputStream raw = Files.newInputStream(file);
                InputStream plain = file.toString().endsWith(".gz") ? new GZIPInputStream(raw) : raw;
                DataInputStream input = new DataInputStream(plain)) {
            input.skipNBytes(headerBytes);
            byte[] bytes = new byte[length];
            input.readFully(bytes);
            return bytes;
        }
    }
}
