package org.convoy.prepare;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.apache.hadoop.conf.Configuration;
import org.convoy.data.Colour;
import org.convoy.data.ImageShape;
import org.convoy.runtime.ExitCode;
import org.convoy.runtime.UserError;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class IdxFilesTest {
    private static final String TRAIN_IMAGES = "train-images-idx3-ubyte";
    private static final String TRAIN_LABELS = "train-labels-idx1-ubyte";
    private static final String TEST_IMAGES = "t10k-images-idx3-ubyte";
    private static final String TEST_LABELS = "t10k-labels-idx1-ubyte";

    @TempDir
    private Path directory;

    @BeforeEach
    void writeGoodFiles() {
        Idx.write(directory, new int[] {1, 0, 7, 1}, new int[] {7, 0});
    }

    @Test
    void readsShapeClassesAndCounts() {
        IdxFiles files = open();

        assertThat(files.contents().shape()).isEqualTo(new ImageShape(1, Idx.HEIGHT, Idx.WIDTH));
        assertThat(files.contents().colour()).isEqualTo(Colour.GREY);
        assertThat(files.contents().classes()).containsExactly("0", "1", "7");
        assertThat(files.contents().pictures()).isEqualTo(6);
    }

    @Test
    void saysThatTheInputIsMissing() {
        Path missing = directory.resolve("missing");
        directory = missing;

        assertRefused("[" + missing + "] input does not exist");
    }

    @Test
    void namesAMissingFile() throws IOException {
        Files.delete(directory.resolve(TEST_LABELS));

        assertRefused("[" + uri(TEST_LABELS) + "] is missing, plain and .gz;"
                + " idx has train-images-idx3-ubyte, train-labels-idx1-ubyte and the same with t10k-");
    }

    @Test
    void refusesAWrongMagicNumber() {
        Pictures.write(directory.resolve(TRAIN_IMAGES), Idx.labels(1, 0, 7, 1));

        assertRefused("[" + uri(TRAIN_IMAGES)
                + "] is not an idx image file: its magic number must be 0x00000803 but was 0x00000801");
    }

    @Test
    void refusesCountsThatDisagree() {
        Pictures.write(directory.resolve(TRAIN_LABELS), Idx.labels(1, 0, 7));

        assertRefused("[" + uri(TRAIN_IMAGES) + "] holds 4 pictures but [" + uri(TRAIN_LABELS) + "] 3 labels");
    }

    @Test
    void refusesAFileShorterThanItsHeaderSays() {
        Pictures.write(directory.resolve(TRAIN_IMAGES), Arrays.copyOf(Idx.images(0, 4), 39));

        assertRefused("[" + uri(TRAIN_IMAGES) + "] must be 40 bytes by its header but is 39");
    }

    @Test
    void refusesAFileLongerThanItsHeaderSays() {
        Pictures.write(directory.resolve(TEST_LABELS), Arrays.copyOf(Idx.labels(7, 0), 11));

        assertRefused("[" + uri(TEST_LABELS) + "] must be 10 bytes by its header but is 11");
    }

    @Test
    void refusesAGzipFileOfTheWrongSize() throws IOException {
        for (int size : new int[] {39, 41}) {
            Files.deleteIfExists(directory.resolve(TRAIN_IMAGES));
            Pictures.write(directory.resolve(TRAIN_IMAGES + ".gz"), Idx.gzip(Arrays.copyOf(Idx.images(0, 4), size)));

            assertRefused(
                    "[" + uri(TRAIN_IMAGES + ".gz") + "] must be 40 bytes by its header but is " + size + " unpacked");
        }
    }

    @Test
    void refusesACutGzipFile() throws IOException {
        byte[] packed = Idx.gzip(Idx.images(0, 4));
        Files.delete(directory.resolve(TRAIN_IMAGES));
        Pictures.write(directory.resolve(TRAIN_IMAGES + ".gz"), Arrays.copyOf(packed, packed.length - 9));

        assertThatThrownBy(this::open)
                .isInstanceOf(UserError.class)
                .hasMessageStartingWith("[" + uri(TRAIN_IMAGES + ".gz") + "] ends early or is not gzip");
    }

    @Test
    void refusesAFileWithoutAWholeHeader() {
        Pictures.write(directory.resolve(TRAIN_IMAGES), new byte[] {0, 0, 8, 3, 0});

        assertThatThrownBy(this::open)
                .isInstanceOf(UserError.class)
                .hasMessageStartingWith("[" + uri(TRAIN_IMAGES) + "] ends early or is not idx");
    }

    @Test
    void refusesANegativeCount() {
        byte[] images = Idx.images(0, 4);
        images[4] = (byte) 0xFF;
        Pictures.write(directory.resolve(TRAIN_IMAGES), images);

        assertRefused("[" + uri(TRAIN_IMAGES) + "] count in the header must be positive but was -16777212");
    }

    @Test
    void refusesPicturesOfTwoSizes() {
        byte[] images = Idx.images(0, 2);
        images[11] = 3;
        images[15] = 2;
        Pictures.write(directory.resolve(TEST_IMAGES), images);

        assertRefused("[" + uri(TRAIN_IMAGES) + "] has pictures of 2x3 but [" + uri(TEST_IMAGES) + "] of 3x2");
    }

    @Test
    void refusesATestClassThatTrainLacks() {
        Pictures.write(directory.resolve(TEST_LABELS), Idx.labels(7, 3));

        assertRefused(
                "[" + uri(TEST_IMAGES) + "] has pictures of class 3 that train does not have; train has [0, 1, 7]");
    }

    private void assertRefused(String message) {
        assertThatThrownBy(this::open)
                .isInstanceOfSatisfying(
                        UserError.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.BAD_INPUT))
                .hasMessage(message);
    }

    private IdxFiles open() {
        return IdxFiles.open(new Configuration(false), LocalSpark.config(directory, "/out", "prepare.source=idx"));
    }

    private String uri(String name) {
        return "file:" + directory.resolve(name);
    }
}
