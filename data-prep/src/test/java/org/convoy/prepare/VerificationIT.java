package org.convoy.prepare;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.util.HadoopInputFile;
import org.apache.spark.api.java.JavaSparkContext;
import org.convoy.data.Manifest;
import org.convoy.data.PreparedDataset;
import org.convoy.data.Split;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

class VerificationIT {
    @TempDir
    private Path directory;

    private Path dataset;

    @BeforeEach
    void prepare() throws IOException {
        Path pictures = directory.resolve("pictures");
        dataset = directory.resolve("dataset");
        Pictures.writeClasses(pictures, 30, "cat", "dog");
        Pictures.write(pictures.resolve("cat/empty.png"), new byte[0]);
        LocalSpark.prepare(LocalSpark.config(pictures, dataset, "prepare.image.height=16", "prepare.image.width=16"));
    }

    @Test
    void findsNothingInADatasetAsItWasWritten() {
        assertThat(verify()).isEmpty();
        assertThat(Verification.files(Datasets.open(dataset).manifest())).isEqualTo(4);
    }

    @Test
    void namesAMissingFile() throws IOException {
        Files.delete(dataset.resolve("split=test/part-00000.parquet"));
        Files.delete(dataset.resolve("_rejected/part-00000.parquet"));

        assertThat(verify())
                .containsExactly(
                        "[split=test/part-00000.parquet] is missing", "[_rejected/part-00000.parquet] is missing");
    }

    @Test
    void namesAdditionalFilesWhereverTheyLie() throws IOException {
        Files.copy(dataset.resolve("split=test/part-00000.parquet"), dataset.resolve("split=test/part-00001.parquet"));
        Files.createDirectories(dataset.resolve("notes/old"));
        Files.writeString(dataset.resolve("notes/old/a.txt"), "a");

        assertThat(verify())
                .containsExactly(
                        "[notes/old/a.txt] is not in the manifest",
                        "[split=test/part-00001.parquet] is not in the manifest");
    }

    @Test
    void namesAFileOfAnotherLength() throws IOException {
        Path file = dataset.resolve("split=train/part-00000.parquet");
        long bytes = Files.size(file);
        Files.write(file, new byte[] {1}, StandardOpenOption.APPEND);

        assertThat(verify())
                .containsExactly("[split=train/part-00000.parquet] has " + (bytes + 1) + " bytes but the manifest says "
                        + bytes);
    }

    /** Whichever byte of whichever column it is. */
    @Test
    void namesAFileWithOneChangedByte() throws IOException {
        Path file = dataset.resolve("split=train/part-00000.parquet");
        byte[] whole = Files.readAllBytes(file);
        int pagesEnd = pagesEnd(file);
        Files.delete(file.resolveSibling("." + file.getFileName() + ".crc"));
        for (int at = 100; at < pagesEnd; at += pagesEnd / 60) {
            try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
                bytes.seek(at);
                bytes.write(whole[at] ^ 0x10);
            }

            assertThat(verify())
                    .as("byte %d", at)
                    .hasSize(1)
                    .allMatch(finding -> finding.startsWith("[split=train/part-00000.parquet] "));
            Files.write(file, whole);
        }
    }

    @Test
    void namesAFileThatHoldsTheRowsOfAnother() throws IOException {
        Manifest manifest = Datasets.open(dataset).manifest();
        Manifest.DataFile test = manifest.split(Split.TEST).files().get(0);
        String json = new String(manifest.toJson(), StandardCharsets.UTF_8).replace(test.digest(), "ab".repeat(32));
        Files.delete(dataset.resolve(".manifest.json.crc"));
        Files.writeString(dataset.resolve("manifest.json"), json);

        assertThat(verify())
                .containsExactly("[split=test/part-00000.parquet] holds other rows than the manifest says: digest "
                        + test.digest() + " instead of " + "ab".repeat(32));
    }

    /** What follows, Parquet's indexes and footer, says again what stands in the pages. */
    private static int pagesEnd(Path file) throws IOException {
        org.apache.hadoop.fs.Path path = new org.apache.hadoop.fs.Path(file.toUri());
        try (ParquetFileReader reader = ParquetFileReader.open(HadoopInputFile.fromPath(path, Datasets.hadoop()))) {
            return (int) reader.getRowGroups().stream()
                    .flatMap(group -> group.getColumns().stream())
                    .mapToLong(column -> column.getStartingPos() + column.getTotalSize())
                    .max()
                    .orElseThrow();
        }
    }

    private List<String> verify() {
        PreparedDataset opened = Datasets.open(dataset);
        return Verification.run(
                JavaSparkContext.fromSparkContext(LocalSpark.session().sparkContext()), opened);
    }
}
