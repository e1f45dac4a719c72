package org.convoy.inspect;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import javax.imageio.ImageIO;
import org.convoy.data.ImageShape;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class ContactSheetTest {
    private static final int RED = 0xFFFF0000;
    private static final int BLUE = 0xFF0000FF;
    private static final int GREY = 0xFF777777;

    @Test
    void showsEveryPictureInItsColoursAndEnlarged() throws IOException {
        ContactSheet sheet = new ContactSheet(new ImageShape(3, 8, 8), 2);

        BufferedImage drawn = draw(sheet, row("a", plain(255, 0, 0), plain(0, 0, 255)), row("b", plain(255, 0, 0)));

        // 8 x 8 pictures are shown as 64 x 64.
        assertThat(count(drawn, RED)).isEqualTo(2 * 64 * 64);
        assertThat(count(drawn, BLUE)).isEqualTo(64 * 64);
    }

    @Test
    void showsGreyPicturesAsGrey() throws IOException {
        byte[] pixels = new byte[100 * 60];
        Arrays.fill(pixels, (byte) 0x77);

        BufferedImage drawn = draw(new ContactSheet(new ImageShape(1, 100, 60), 1), row("a", pixels));

        assertThat(count(drawn, GREY)).isEqualTo(100 * 60);
    }

    @Test
    void keepsPicturesTheRightWayUp() throws IOException {
        // Red at the top left, all else blue.
        byte[] pixels = plain(0, 0, 255);
        pixels[0] = (byte) 255;
        pixels[128] = 0;

        BufferedImage drawn = draw(new ContactSheet(new ImageShape(3, 8, 8), 1), row("a", pixels));

        int[] red = first(drawn, RED);
        int[] blue = first(drawn, BLUE);
        assertThat(blue).containsExactly(red[0] + 8, red[1]);
        assertThat(drawn.getRGB(red[0] + 7, red[1] + 7)).isEqualTo(RED);
        assertThat(drawn.getRGB(red[0], red[1] + 8)).isEqualTo(BLUE);
    }

    @Test
    void cutsLongNamesOffBeforeThePictures() throws IOException {
        ContactSheet sheet = new ContactSheet(new ImageShape(3, 8, 8), 1);

        BufferedImage drawn = draw(sheet, row("a class with a very long name that goes on and on", plain(255, 0, 0)));

        int left = first(drawn, RED)[0];
        Set<Integer> colours = new HashSet<>();
        for (int y = 70; y < drawn.getHeight() - 40; y++) {
            for (int x = left; x < left + 64; x++) {
                colours.add(drawn.getRGB(x, y));
            }
        }
        assertThat(colours).as("ink over a picture").isSubsetOf(RED, 0xFFFFFFFF, 0xFFE8EAED);
    }

    private static ContactSheet.Row row(String name, byte[]... pictures) {
        return new ContactSheet.Row(name, "", List.of(pictures));
    }

    private static byte[] plain(int red, int green, int blue) {
        byte[] pixels = new byte[3 * 64];
        Arrays.fill(pixels, 0, 64, (byte) red);
        Arrays.fill(pixels, 64, 128, (byte) green);
        Arrays.fill(pixels, 128, 192, (byte) blue);
        return pixels;
    }

    private static BufferedImage draw(ContactSheet sheet, ContactSheet.Row... rows) throws IOException {
        return ImageIO.read(new ByteArrayInputStream(sheet.png("title", "subtitle", List.of(rows), "")));
    }

    private static int count(BufferedImage image, int colour) {
        int count = 0;
        for (int pixel : pixels(image)) {
            count += pixel == colour ? 1 : 0;
        }
        return count;
    }

    /** Column and row of the first pixel of a colour, row by row. */
    private static int[] first(BufferedImage image, int colour) {
        int[] pixels = pixels(image);
        for (int i = 0; i < pixels.length; i++) {
            if (pixels[i] == colour) {
                return new int[] {i % image.getWidth(), i / image.getWidth()};
            }
        }
        throw new AssertionError("no such pixel");
    }

    private static int[] pixels(BufferedImage image) {
        return image.getRGB(0, 0, image.getWidth(), image.getHeight(), null, 0, image.getWidth());
    }
}
