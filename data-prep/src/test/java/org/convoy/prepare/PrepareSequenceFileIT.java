package org.convoy.prepare;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.io.BytesWritable;
import org.apache.hadoop.io.IntWritable;
import org.apache.hadoop.io.SequenceFile;
import org.apache.hadoop.io.SequenceFile.CompressionType;
import org.apache.hadoop.io.Text;
import org.apache.hadoop.io.Writable;
import org.convoy.data.Example;
import org.convoy.data.Manifest;
import org.convoy.data.PreparedDataset;
import org.convoy.data.Split;
import org.convoy.runtime.ExitCode;
import org.convoy.runtime.UserError;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class PrepareSequenceFileIT {
    /** Of about 350 bytes each: with sync marks every 2000 bytes or so, a file of these falls into eight parts. */
    private static final int PICTURES = 100;

    @TempDir
    private Path directory;

    @Test
    void readsEveryRecordOnceHoweverTheFileIsPacked() throws IOException {
        Manifest expected = null;
        for (CompressionType compression : CompressionType.values()) {
            Path file = write(compression.name() + "/pictures.seq", compression, PICTURES);

            Manifest manifest = prepare(file, "prepare.output=" + directory.resolve("out-" + compression))
                    .manifest();

            assertThat(manifest.classes()).containsExactly("cat", "dog");
            assertThat(manifest.counts()).isEqualTo(new Manifest.Counts(PICTURES, PICTURES, Map.of(), 0, 0));
            expected = expected == null ? manifest : expected;
            assertThat(manifest.splits()).isEqualTo(expected.splits());
        }
    }

    @Test
    void readsADirectoryWithGivenSplits() throws IOException {
        write("pictures/part-00000", "train/", CompressionType.NONE, 0, 20);
        write("pictures/part-00001", "test/", CompressionType.NONE, 20, 10);
        Files.createFile(directory.resolve("pictures/_SUCCESS"));

        PreparedDataset dataset = prepare(directory.resolve("pictures"), "prepare.split.validation-share=0");

        assertThat(dataset.manifest().split(Split.TRAIN).rowsPerClass()).containsExactly(10L, 10L);
        assertThat(dataset.manifest().split(Split.TEST).rowsPerClass()).containsExactly(5L, 5L);
        assertThat(Datasets.examples(dataset, Split.TEST))
                .extracting(Example::id)
                .contains("test/cat/20.png", "test/dog/29.png");
    }

    @Test
    void saysWhereAFileIsCutOff() throws IOException {
        Path file = write("pictures.seq", CompressionType.NONE, PICTURES);
        byte[] whole = Files.readAllBytes(file);
        Files.write(file, Arrays.copyOf(whole, whole.length - 100));
        Files.deleteIfExists(directory.resolve(".pictures.seq.crc"));

        assertThat(refused(file))
                .hasMessageMatching("\\[file:.*/pictures.seq\\] is cut off or damaged at byte \\d+, behind the key .*");
    }

    @Test
    void saysWhatIsNoSequenceFileOfPictures() throws IOException {
        Path text = directory.resolve("notes.txt");
        Pictures.write(
                text,
                "not a sequence file, and longer than its header".getBytes(java.nio.charset.StandardCharsets.UTF_8));
        Path numbers = directory.resolve("numbers.seq");
        append(numbers, new IntWritable(1), new BytesWritable(Pictures.png(1)));
        Path flat = directory.resolve("flat.seq");
        append(flat, new Text("1.png"), new BytesWritable(Pictures.png(1)));

        assertThat(refused(text))
                .hasMessageStartingWith("[file:" + text + "] is no sequence file, or cut off in its header: ");
        assertThat(refused(numbers))
                .hasMessage("[file:" + numbers + "] keys must be org.apache.hadoop.io.Text"
                        + " but are org.apache.hadoop.io.IntWritable");
        assertThat(refused(flat))
                .hasMessage(
                        "[" + flat + "] 1 keys without a directory name no class: a key is a path such as cat/1.jpg");
        assertThat(refused(directory.resolve("none.seq")))
                .hasMessage("[" + directory.resolve("none.seq") + "] input does not exist");
    }

    /** The largest int, which is more than any array can have, whatever the heap: the record's length, and the value's. */
    @ParameterizedTest
    @ValueSource(ints = {-Integer.BYTES, Integer.BYTES + 10})
    void saysThatALengthIsDamagedInsteadOfAskingForAllMemory(int fromItsKeysLength) throws IOException {
        Path file = write("lengths" + fromItsKeysLength + ".seq", CompressionType.NONE, 10);
        byte[] bytes = Files.readAllBytes(file);
        // The first record's length stands before its key's, which is 10 bytes: a length and "cat/0.png".
        int at = 0;
        while (!(bytes[at] == 0
                && bytes[at + 1] == 0
                && bytes[at + 2] == 0
                && bytes[at + 3] == 10
                && bytes[at + 4] == 9)) {
            at++;
        }
        ByteBuffer.wrap(bytes).putInt(at + fromItsKeysLength, Integer.MAX_VALUE);
        Files.write(file, bytes);
        Files.deleteIfExists(file.resolveSibling("." + file.getFileName() + ".crc"));

        assertThat(refused(file)).hasMessageStartingWith("[file:" + file + "] is cut off or damaged at byte ");
    }

    private Path write(String name, CompressionType compression, int count) throws IOException {
        return write(name, "", compression, 0, count);
    }

    private Path write(String name, String prefix, CompressionType compression, int first, int count)
            throws IOException {
        Path file = directory.resolve(name);
        try (SequenceFile.Writer writer = writer(file, compression, Text.class)) {
            for (int i : IntStream.range(first, first + count).toArray()) {
                writer.append(
                        new Text(prefix + (i % 2 == 0 ? "cat/" : "dog/") + i + ".png"),
                        new BytesWritable(Pictures.png(i)));
            }
        }
        return file;
    }

    private static void append(Path file, Writable key, Writable value) throws IOException {
        try (SequenceFile.Writer writer = writer(file, CompressionType.NONE, key.getClass())) {
            writer.append(key, value);
        }
    }

    private static SequenceFile.Writer writer(Path file, CompressionType compression, Class<?> key) throws IOException {
        return SequenceFile.createWriter(
                new Configuration(),
                SequenceFile.Writer.file(new org.apache.hadoop.fs.Path(file.toString())),
                SequenceFile.Writer.keyClass(key),
                SequenceFile.Writer.valueClass(BytesWritable.class),
                SequenceFile.Writer.syncInterval(2000),
                SequenceFile.Writer.compression(compression));
    }

    private UserError refused(Path input) {
        UserError[] error = new UserError[1];
        assertThatThrownBy(() -> prepare(input)).satisfies(thrown -> error[0] = UserErrors.in(thrown));
        assertThat(error[0].exitCode()).isEqualTo(ExitCode.BAD_INPUT);
        return error[0];
    }

    private PreparedDataset prepare(Path input, String... overrides) {
        return LocalSpark.dataset("sequence-file", input, directory.resolve("dataset"), overrides);
    }
}
