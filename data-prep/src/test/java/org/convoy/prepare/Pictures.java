package org.convoy.prepare;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.zip.CRC32;
import java.util.zip.DeflaterInputStream;
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

    /** A reference picture; the README beside it says how it was made. */
    static byte[] reference(String name) {
        try (InputStream in = Pictures.class.getResourceAsStream("pictures/" + name)) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Reference pictures in every format that is read, small ones. */
    static final List<String> REFERENCES = List.of(
            "progressive.jpg",
            "grey.jpg",
            "cmyk.jpg",
            "cmyk-turned.jpg",
            "orientation-1.jpg",
            "orientation-2.jpg",
            "orientation-3.jpg",
            "orientation-4.jpg",
            "orientation-5.jpg",
            "orientation-6.jpg",
            "orientation-7.jpg",
            "orientation-8.jpg",
            "orientation-5.png",
            "alpha.png",
            "grey-alpha.png",
            "grey-transparent.png",
            "sixteen-bits.png",
            "palette.png",
            "palette-transparent.png",
            "one-bit.png",
            "orientation-8.webp",
            "lossy.webp",
            "alpha.webp",
            "animated.webp",
            "photo.gif",
            "offset.gif",
            "plain.bmp",
            "palette.bmp",
            "one-bit.bmp",
            "orientation-1.tif",
            "orientation-2.tif",
            "orientation-3.tif",
            "orientation-4.tif",
            "orientation-5.tif",
            "orientation-6.tif",
            "orientation-7.tif",
            "orientation-8.tif",
            "lzw.tif",
            "deflate-alpha.tif",
            "grey.tif",
            "palette.tif",
            "cmyk.tif");

    /**
     * A PNG without a library's help.
     *
     * @param transparency content of its tRNS chunk; none if empty
     * @param rows each with its filter byte
     */
    static byte[] rawPng(int width, int height, int bitDepth, int colourType, byte[] transparency, InputStream rows) {
        ByteArrayOutputStream png = new ByteArrayOutputStream();
        png.writeBytes(new byte[] {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'});
        ByteBuffer header = ByteBuffer.allocate(13).putInt(width).putInt(height);
        writeChunk(
                png, "IHDR", header.put((byte) bitDepth).put((byte) colourType).array());
        if (transparency.length > 0) {
            writeChunk(png, "tRNS", transparency);
        }
        try (InputStream packed = new DeflaterInputStream(rows)) {
            writeChunk(png, "IDAT", packed.readAllBytes());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        writeChunk(png, "IEND", new byte[0]);
        return png.toByteArray();
    }

    private static void writeChunk(ByteArrayOutputStream png, String type, byte[] content) {
        byte[] named = new byte[4 + content.length];
        System.arraycopy(type.getBytes(StandardCharsets.US_ASCII), 0, named, 0, 4);
        System.arraycopy(content, 0, named, 4, content.length);
        CRC32 checksum = new CRC32();
        checksum.update(named);
        png.writeBytes(ByteBuffer.allocate(4).putInt(content.length).array());
        png.writeBytes(named);
        png.writeBytes(ByteBuffer.allocate(4).putInt((int) checksum.getValue()).array());
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
