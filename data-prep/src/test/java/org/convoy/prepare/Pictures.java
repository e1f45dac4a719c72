package org.convoy.prepare;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import javax.imageio.ImageIO;

/** Tiny pictures made in code. */
final class Pictures {
    private Pictures() {}

    /** A 10x8 picture of noise; another seed gives other bytes. */
    static BufferedImage noise(long seed) {
        Random random = new Random(seed);
        BufferedImage image = new BufferedImage(10, 8, BufferedImage.TYPE_INT_RGB);
        for (int y = 0; y < image.getHeight(); y++) {
            for (int x = 0; x < image.getWidth(); x++) {
                image.setRGB(x, y, random.nextInt(1 << 24));
            }
        }
        return image;
    }

    static byte[] encode(BufferedImage image, String format) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try {
            if (!ImageIO.write(image, format, out)) {
                throw new IllegalStateException("No writer for " + format);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    static byte[] png(long seed) {
        return encode(noise(seed), "png");
    }

    static byte[] jpeg(long seed) {
        return encode(noise(seed), "jpeg");
    }

    static void write(Path file, byte[] bytes) {
        try {
            Files.createDirectories(file.getParent());
            Files.write(file, bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** {@code count} pictures of each class, PNG and JPEG in turn. */
    static void writeClasses(Path root, int count, String... classes) {
        for (String name : classes) {
            for (int i = 0; i < count; i++) {
                long seed = (root.getFileName() + "/" + name).hashCode() * 1000L + i;
                boolean even = i % 2 == 0;
                write(root.resolve(name).resolve(i + (even ? ".png" : ".jpg")), even ? png(seed) : jpeg(seed));
            }
        }
    }
}
