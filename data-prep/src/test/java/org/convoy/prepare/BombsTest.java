package org.convoy.prepare;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.MemoryCacheImageOutputStream;
import org.convoy.data.Colour;
import org.convoy.prepare.ImageDecoder.Decoded;
import org.convoy.prepare.ImageDecoder.Refused;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

/** Small files that unpack to gigabytes, or take for ever. */
class BombsTest {
    private static final long MEMORY_BYTES = 200L << 20;

    private static final Map<String, byte[]> BOMBS = bombs();

    @ParameterizedTest
    @ValueSource(strings = {"bmp", "gif canvas", "gif frame", "jpeg", "png", "tiff", "tiff tile", "webp"})
    void refusesABombWithinASecondAndWithoutItsMemory(String name) {
        ImageDecoder decoder = LocalSpark.decoder(Colour.RGB, 32, 32);
        assertThat(decoder.decode(Pictures.png(1))).isInstanceOf(Decoded.class); // loads the libraries
        byte[] bomb = BOMBS.get(name);
        long before = peakBytes();
        long start = System.nanoTime();

        ImageDecoder.Result result = decoder.decode(bomb);

        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(1));
        assertThat(peakBytes() - before).isLessThan(MEMORY_BYTES);
        assertThat(result)
                .asInstanceOf(type(Refused.class))
                .extracting(Refused::reason)
                .isEqualTo(Reason.TOO_MANY_PIXELS);
    }

    @Test
    void refusesASideThatNoPhotographHas() {
        byte[] line = Pictures.rawPng(65_536, 1, 8, 0, new byte[0], new ByteArrayInputStream(new byte[65_537]));

        assertThat(LocalSpark.decoder(Colour.RGB, 4, 4).decode(line))
                .isEqualTo(new Refused(Reason.TOO_MANY_PIXELS, "65536x1 pixels, a side of more than 65535"));
    }

    /** A progressive JPEG may say in ten thousands of scans what two could. */
    @Test
    void givesUpAPictureThatTakesTooLong() {
        byte[] bomb = repeatLastScan(progressive(3000, 3000), 4000);
        ImageDecoder decoder = LocalSpark.decoder(Colour.GREY, 4, 4, "prepare.max-picture-seconds=1");
        long start = System.nanoTime();

        ImageDecoder.Result result = decoder.decode(bomb);

        assertThat(result).isEqualTo(new Refused(Reason.TOO_SLOW, "not decoded after 1 s"));
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(10));
        assertThat(decoder.decode(Pictures.jpeg(1))).isInstanceOf(Decoded.class);
    }

    private static Map<String, byte[]> bombs() {
        Map<String, byte[]> bombs = new TreeMap<>();
        bombs.put("png", Pictures.rawPng(30_000, 30_000, 1, 0, new byte[0], zeros(30_000L * 3_751)));
        byte[] jpeg = Pictures.jpeg(1);
        int frame = indexOf(jpeg, 0xFF, 0xC0);
        ByteBuffer.wrap(jpeg).putShort(frame + 5, (short) 65_500).putShort(frame + 7, (short) 65_500);
        bombs.put("jpeg", jpeg);
        bombs.put(
                "gif canvas",
                littleEndian("photo.gif")
                        .putShort(6, (short) 65_535)
                        .putShort(8, (short) 65_535)
                        .array());
        byte[] gif = Pictures.reference("offset.gif");
        int descriptor = indexOf(gif, 0x2C, 4);
        bombs.put(
                "gif frame",
                littleEndian("offset.gif")
                        .putShort(descriptor + 5, (short) 65_535)
                        .putShort(descriptor + 7, (short) 65_535)
                        .array());
        bombs.put(
                "bmp",
                littleEndian("plain.bmp").putInt(18, 30_000).putInt(22, -30_000).array());
        bombs.put("webp", largestWebp());
        bombs.put("tiff", tiff(256, 30_000, 257, 30_000));
        bombs.put("tiff tile", tiff(256, 10, 257, 10, 322, 30_000, 323, 30_000));
        return bombs;
    }

    private static ByteBuffer littleEndian(String reference) {
        return ByteBuffer.wrap(Pictures.reference(reference)).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** An extended header (VP8X) of 16384 x 16384. */
    private static byte[] largestWebp() {
        return ByteBuffer.allocate(30)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put("RIFF".getBytes(StandardCharsets.US_ASCII))
                .putInt(22)
                .put("WEBPVP8X".getBytes(StandardCharsets.US_ASCII))
                .putInt(10)
                .putInt(0)
                .put(new byte[] {(byte) 0xFF, 0x3F, 0, (byte) 0xFF, 0x3F, 0})
                .array();
    }

    /** A TIFF of one directory with these tags and values. */
    private static byte[] tiff(int... tagsAndValues) {
        ByteBuffer tiff = ByteBuffer.allocate(100).order(ByteOrder.LITTLE_ENDIAN);
        tiff.put("II*\0".getBytes(StandardCharsets.US_ASCII)).putInt(8).putShort((short) (tagsAndValues.length / 2));
        for (int i = 0; i < tagsAndValues.length; i += 2) {
            tiff.putShort((short) tagsAndValues[i])
                    .putShort((short) 4)
                    .putInt(1)
                    .putInt(tagsAndValues[i + 1]);
        }
        return tiff.array();
    }

    private static byte[] progressive(int width, int height) {
        ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (MemoryCacheImageOutputStream stream = new MemoryCacheImageOutputStream(out)) {
            ImageWriteParam param = writer.getDefaultWriteParam();
            param.setProgressiveMode(ImageWriteParam.MODE_DEFAULT);
            writer.setOutput(stream);
            BufferedImage flat = new BufferedImage(width, height, BufferedImage.TYPE_BYTE_GRAY);
            writer.write(null, new IIOImage(flat, null, null), param);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            writer.dispose();
        }
        return out.toByteArray();
    }

    private static byte[] repeatLastScan(byte[] jpeg, int times) {
        int scan = 0;
        for (int i = 0; i < jpeg.length - 1; i++) {
            if ((jpeg[i] & 0xFF) == 0xFF && (jpeg[i + 1] & 0xFF) == 0xDA) {
                scan = i;
            }
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(jpeg, 0, scan);
        for (int i = 0; i < times; i++) {
            out.write(jpeg, scan, jpeg.length - 2 - scan);
        }
        out.write(jpeg, jpeg.length - 2, 2);
        return out.toByteArray();
    }

    private static int indexOf(byte[] bytes, int first, int second) {
        for (int i = 0; i < bytes.length - 1; i++) {
            if ((bytes[i] & 0xFF) == first && (bytes[i + 1] & 0xFF) == second) {
                return i;
            }
        }
        throw new IllegalArgumentException("not among " + Arrays.toString(bytes));
    }

    private static InputStream zeros(long count) {
        return new InputStream() {
            private long left = count;

            @Override
            public int read() {
                return left-- > 0 ? 0 : -1;
            }

            @Override
            public int read(byte[] bytes, int offset, int length) {
                if (left <= 0) {
                    return -1;
                }
                int given = (int) Math.min(left, length);
                Arrays.fill(bytes, offset, offset + given, (byte) 0);
                left -= given;
                return given;
            }
        };
    }

    /** The most memory that this process has ever had: proc(5), VmHWM. */
    private static long peakBytes() {
        try {
            return Files.readAllLines(Path.of("/proc/self/status")).stream()
                    .filter(line -> line.startsWith("VmHWM"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) << 10)
                    .findFirst()
                    .orElseThrow();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
