package org.convoy.job;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/** Very many small files, in a process that is driver and executor in one and has 1 GiB of heap. */
@Tag("heavy")
class PrepareSmallFilesIT {
    private static final int FILES = 100_000;

    @Test
    void preparesAHundredThousandFilesInOneGibibyte(@TempDir Path directory) throws Exception {
        byte[] picture = picture();
        for (int i = 0; i < FILES; i++) {
            Path file = directory.resolve("pictures/" + (i % 2 == 0 ? "even/" : "odd/") + i + ".png");
            if (i < 2) {
                Files.createDirectories(file.getParent());
            }
            // Behind the end of a PNG may be anything: so no two files are equal.
            Files.write(
                    file,
                    ByteBuffer.allocate(picture.length + 4)
                            .put(picture)
                            .putInt(i)
                            .array());
        }

        Process preparing = ConvoyProcess.start(
                directory,
                ProcessBuilder.Redirect.PIPE,
                List.of("prepare"),
                List.of(
                        "prepare.input=" + directory.resolve("pictures"),
                        "prepare.output=" + directory.resolve("dataset"),
                        // Together 1.2 GB of pixels, which the heap could not hold.
                        "prepare.image.height=64",
                        "prepare.image.width=64"));
        String said = new String(preparing.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(preparing.waitFor()).as(said).isZero();
        assertThat(said).contains("read 100,000 = written 100,000 + rejected 0 + duplicates 0");
    }

    private static byte[] picture() throws IOException {
        BufferedImage image = new BufferedImage(8, 8, BufferedImage.TYPE_INT_RGB);
        image.setRGB(3, 4, 0x4080C0);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ImageIO.write(image, "png", out);
        return out.toByteArray();
    }
}
