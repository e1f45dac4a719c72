package org.convoy.prepare;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.apache.parquet.hadoop.util.HadoopInputFile;
import org.convoy.data.ExampleReader;
import org.convoy.data.Manifest;
import org.convoy.data.PreparedDataset;
import org.convoy.data.Split;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/** What it costs to read large files in pieces. */
class RowGroupsIT {
    /** Of 8 MiB of pixels, as training reads them. */
    private static final int PIECE = 128;

    private static final int SIDE = 256;
    private static final int PICTURES = 512;

    @TempDir
    private static Path directory;

    private static PreparedDataset dataset;
    private static List<Manifest.DataFile> files;
    private static int rows;

    @BeforeAll
    static void prepare() {
        Path input = directory.resolve("idx");
        Pictures.write(input.resolve("train-images-idx3-ubyte"), noise(PICTURES));
        Pictures.write(
                input.resolve("train-labels-idx1-ubyte"),
                Idx.labels(IntStream.range(0, PICTURES).map(i -> i % 2).toArray()));
        Pictures.write(input.resolve("t10k-images-idx3-ubyte"), noise(2));
        Pictures.write(input.resolve("t10k-labels-idx1-ubyte"), Idx.labels(0, 1));
        LocalSpark.prepare(LocalSpark.config(input, directory.resolve("dataset"), "prepare.source=idx"));
        dataset = Datasets.open(directory.resolve("dataset"));
        files = dataset.manifest().split(Split.TRAIN).files();
        rows = (int) dataset.manifest().split(Split.TRAIN).rows();
    }

    @Test
    void rowGroupsAreOfAFewMebibytes() throws IOException {
        for (Manifest.DataFile file : files) {
            org.apache.hadoop.fs.Path path = new org.apache.hadoop.fs.Path(dataset.path(), file.path());
            try (ParquetFileReader reader = ParquetFileReader.open(HadoopInputFile.fromPath(path, Datasets.hadoop()))) {
                assertThat(reader.getRowGroups())
                        .extracting(BlockMetaData::getCompressedSize)
                        .allSatisfy(bytes -> assertThat(bytes).isLessThan(6L << 20));
                assertThat(reader.getRowGroups()).hasSizeGreaterThan(2);
            }
        }
    }

    @Test
    void piecesTogetherAreTheWhole() {
        List<Integer> pieces = new ArrayList<>();
        for (int from = 0; from < rows; from += 27) {
            pieces.addAll(read(from, Math.min(from + 27, rows)));
        }

        assertThat(pieces).hasSize(rows).isEqualTo(read(0, rows)).doesNotHaveDuplicates();
    }

    @Test
    void readingInPiecesCostsAtMostTwiceTheBytes() {
        long before = bytesRead();
        for (int from = 0; from < rows; from += PIECE) {
            read(from, Math.min(from + PIECE, rows));
        }

        long whole = files.stream().mapToLong(Manifest.DataFile::bytes).sum();
        assertThat(bytesRead() - before).isBetween(whole, 2 * whole);
    }

    /** Pictures that no compression makes smaller. */
    private static byte[] noise(int count) {
        byte[] pixels = new byte[count * SIDE * SIDE];
        new Random(count).nextBytes(pixels);
        return ByteBuffer.allocate(16 + pixels.length)
                .putInt(0x00000803)
                .putInt(count)
                .putInt(SIDE)
                .putInt(SIDE)
                .put(pixels)
                .array();
    }

    private static long bytesRead() {
        return FileSystem.getGlobalStorageStatistics().get("file").getLong("bytesRead");
    }

    private static List<Integer> read(int from, int to) {
        List<Integer> pixels = new ArrayList<>();
        ExampleReader.read(
                Datasets.hadoop(),
                dataset.path(),
                files,
                from,
                to,
                example -> pixels.add(Arrays.hashCode(example.pixels())));
        return pixels;
    }
}
