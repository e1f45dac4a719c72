package org.convoy.prepare;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.zip.GZIPOutputStream;

/** Small idx files made in code: pictures of 2 x 3. */
final class Idx {
    static final int HEIGHT = 2;
    static final int WIDTH = 3;

    private Idx() {}

    /** All four files, plain: picture i of a file is made of {@code first + i}. */
    static void write(Path directory, int[] trainLabels, int[] testLabels) {
        Pictures.write(directory.resolve("train-images-idx3-ubyte"), images(0, trainLabels.length));
        Pictures.write(directory.resolve("train-labels-idx1-ubyte"), labels(trainLabels));
        Pictures.write(directory.resolve("t10k-images-idx3-ubyte"), images(1000, testLabels.length));
        Pictures.write(directory.resolve("t10k-labels-idx1-ubyte"), labels(testLabels));
    }

    static byte[] images(int first, int count) {
        ByteBuffer buffer = ByteBuffer.allocate(16 + count * HEIGHT * WIDTH);
        buffer.putInt(0x00000803).putInt(count).putInt(HEIGHT).putInt(WIDTH);
        for (int i = 0; i < count; i++) {
            buffer.put(pixels(first + i));
        }
        return buffer.array();
    }

    static byte[] pixels(int number) {
        return new byte[] {(byte) number, (byte) (number >> 8), 0, 1, 2, (byte) 255};
    }

    static byte[] labels(int... labels) {
        ByteBuffer buffer = ByteBuffer.allocate(8 + labels.length);
        buffer.putInt(0x00000801).putInt(labels.length);
        for (int label : labels) {
            buffer.put((byte) label);
        }
        return buffer.array();
    }

    static byte[] gzip(byte[] bytes) {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(packed)) {
            out.write(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return packed.toByteArray();
    }
}
