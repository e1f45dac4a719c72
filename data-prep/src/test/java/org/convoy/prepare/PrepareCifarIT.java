package org.convoy.prepare;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.convoy.data.Example;
import org.convoy.data.ImageShape;
import org.convoy.data.PreparedDataset;
import org.convoy.data.Split;
import org.convoy.runtime.ExitCode;
import org.convoy.runtime.UserError;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** Small files in the binary format of CIFAR. */
class PrepareCifarIT {
    private static final int PIXELS = 3072;

    @TempDir
    private Path directory;

    @Test
    void readsCifar10() {
        Pictures.write(input("data_batch_1.bin"), records(1, 1, 3, 9, 3));
        Pictures.write(input("data_batch_2.bin"), records(2, 1, 9, 9));
        Pictures.write(input("test_batch.bin"), records(3, 1, 3));
        Pictures.write(input("batches.meta.txt"), "a\nb\nc\nd\ne\nf\ng\nh\ni\nj\n\n".getBytes(UTF_8));
        Pictures.write(input("readme.html"), new byte[] {1});

        PreparedDataset dataset = prepare();

        assertThat(dataset.manifest().shape()).isEqualTo(new ImageShape(3, 32, 32));
        assertThat(dataset.manifest().classes()).containsExactly("d", "j");
        assertThat(dataset.manifest().split(Split.TRAIN).rowsPerClass()).containsExactly(2L, 3L);
        assertThat(dataset.manifest().split(Split.TEST).rowsPerClass()).containsExactly(1L, 0L);
        Example second = Datasets.examples(dataset, Split.TRAIN).stream()
                .filter(example -> example.id().equals("data_batch_1/00001"))
                .findFirst()
                .orElseThrow();
        assertThat(second.label()).isEqualTo(1);
        byte[] file = records(1, 1, 3, 9, 3);
        assertThat(second.pixels()).isEqualTo(Arrays.copyOfRange(file, PIXELS + 2, 2 * PIXELS + 2));
    }

    @Test
    void takesTheFineLabelOfCifar100() {
        Pictures.write(input("train.bin"), records(1, 2, 10, 9, 99, 10));
        Pictures.write(input("test.bin"), records(2, 2, 99));

        PreparedDataset dataset = prepare();

        assertThat(dataset.manifest().classes()).containsExactly("9", "10", "99");
        assertThat(dataset.manifest().split(Split.TRAIN).rowsPerClass()).containsExactly(1L, 2L, 1L);
        assertThat(dataset.manifest().split(Split.TEST).rowsPerClass()).containsExactly(0L, 0L, 1L);
    }

    @Test
    void namesTheFileAndWhatIsWrongWithIt() {
        Path train = input("data_batch_1.bin");

        Pictures.write(train, Arrays.copyOf(records(1, 1, 3, 9), 2 * PIXELS));
        assertRefused("[file:" + train + "] must be a multiple of 3073 bytes, 1 of them the label, but is 6144");
        Pictures.write(train, records(1, 1, 3, 10));
        assertRefused("[file:" + train + "] label of record 1 must be from 0 to 9 but was 10");
        Pictures.write(train, records(1, 1, 3, 3));
        assertRefused("[" + input("") + "] has one class only to train on [3]: a classifier needs two or more");
        Pictures.write(train, records(1, 1, 3, 9));
        Pictures.write(input("batches.meta.txt"), "a\nb\n".getBytes(UTF_8));
        assertRefused("[file:" + input("batches.meta.txt") + "] must have 10 class names but has 2");
        Pictures.write(input("train.bin"), records(1, 2, 3, 9));
        assertRefused("[file:" + input("train.bin") + "] does not belong to CIFAR_10, of which there are files too");
    }

    @Test
    void saysWhatItLooksFor() {
        Pictures.write(input("data.bin"), new byte[] {1});

        assertRefused("[" + input("") + "] must be the directory of data_batch_1.bin and so on (CIFAR-10),"
                + " or of train.bin and test.bin (CIFAR-100)");
    }

    private Path input(String name) {
        return directory.resolve("cifar").resolve(name);
    }

    /** A record per label, which is the last of {@code labelBytes}; the pixels are noise. */
    private static byte[] records(long seed, int labelBytes, int... labels) {
        byte[] bytes = new byte[labels.length * (labelBytes + PIXELS)];
        new Random(seed).nextBytes(bytes);
        for (int i = 0; i < labels.length; i++) {
            bytes[i * (labelBytes + PIXELS) + labelBytes - 1] = (byte) labels[i];
        }
        return bytes;
    }

    private void assertRefused(String message) {
        assertThatThrownBy(this::prepare).satisfies(thrown -> {
            UserError error = UserErrors.in(thrown);
            assertThat(error.exitCode()).isEqualTo(ExitCode.BAD_INPUT);
            assertThat(error).hasMessage(message);
        });
    }

    private PreparedDataset prepare() {
        return LocalSpark.dataset("cifar", input(""), directory.resolve("dataset"), "prepare.split.validation-share=0");
    }
}
