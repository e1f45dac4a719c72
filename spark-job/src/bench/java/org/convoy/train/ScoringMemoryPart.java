package org.convoy.train;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.spark.sql.functions;
import org.convoy.model.InputShape;
import org.convoy.model.ModelArchive;
import org.convoy.model.NetworkSpec;
import org.convoy.model.Normalisation;
import org.convoy.model.Optimiser;
import org.convoy.model.architecture.Architecture;

/** The most memory that {@code score} holds, in a process of its own that is driver and executor in one, for tiny pictures. */
final class ScoringMemoryPart {
    private static final String TITLE =
            "Memory of score, 8x8 PNG through LeNet-5, 1 GiB of heap, a tenth of it for Spark, two cores; peaks";

    private static final InputShape SHAPE = new InputShape(1, 28, 28);

    private static final List<String> CLASSES = List.of("even", "odd");
    private static final Map<String, String> PREPARATION =
            Map.of("resize", "centre-crop", "background", "#ffffff", "jpeg-decode", "full");

    /** What is scored. */
    private record Input(String title, String source, int pictures) {}

    private static final List<Input> INPUTS = List.of(
            new Input("files", "image-folder", 10_000),
            new Input("files", "image-folder", 100_000),
            new Input("rows of Parquet", "parquet", 100_000),
            new Input("rows of Parquet", "parquet", 1_000_000));

    /**
     * One line.
     *
     * @param residentBytes of the process
     * @param liveBytes of the heap, after collections
     */
    record Row(String input, int pictures, double seconds, long residentBytes, long liveBytes) {}

    private ScoringMemoryPart() {}

    static void run(BenchReport report) throws IOException {
        report.table(TITLE, "input", "pictures", "seconds", "resident MiB", "heap after a collection MiB");
        for (Input input : INPUTS) {
            Row row = measure(input);
            report.line(
                    TITLE,
                    row,
                    row.input(),
                    String.format(Locale.ROOT, "%,d", row.pictures()),
                    String.format(Locale.ROOT, "%.0f", row.seconds()),
                    MemoryPart.mebibytes(row.residentBytes()),
                    MemoryPart.mebibytes(row.liveBytes()));
        }
    }

    private static Row measure(Input input) throws IOException {
        Path scratch = Files.createTempDirectory("convoy-bench");
        try {
            Path pictures = scratch.resolve("pictures");
            if (input.source().equals("parquet")) {
                writeTable(pictures, input.pictures());
            } else {
                MemoryPart.write(pictures, input.pictures());
            }
            Files.write(scratch.resolve("model.zip"), model().zip());
            CommandProcess.Ended ended = CommandProcess.run(
                    scratch,
                    String.format(Locale.ROOT, "pictures in %,d = rows out %<,d, of them 0", input.pictures()),
                    List.of(
                            "score",
                            "--set",
                            "score.input=" + pictures,
                            "--set",
                            "score.source=" + input.source(),
                            "--set",
                            "score.output=" + scratch.resolve("answers"),
                            "--set",
                            "score.model=" + scratch.resolve("model.zip")));
            return new Row(
                    input.title(), input.pictures(), ended.seconds(), ended.residentBytes(), ended.liveBytes());
        } finally {
            MemoryPart.delete(scratch);
        }
    }

    private static void writeTable(Path directory, int rows) throws IOException {
        byte[] picture = MemoryPart.picture();
        try (BenchCluster cluster = BenchCluster.local(2)) {
            cluster.phases().run("Writing pictures", progress -> {
                cluster.session()
                        .range(0, rows, 1, 4)
                        .select(
                                functions.col("id").cast("string").as("id"),
                                functions.concat(
                                                functions.lit(picture),
                                                functions.col("id").cast("string").cast("binary"))
                                        .as("bytes"))
                        .write()
                        .parquet(directory.toUri().toString());
                return null;
            });
        }
    }

    /** Of random weights. */
    private static ModelArchive model() {
        NetworkSpec spec = new NetworkSpec(
                Architecture.named("lenet-5"),
                SHAPE,
                CLASSES.size(),
                Normalisation.of("scale", List.of(0.0), List.of(1.0)),
                new Optimiser("sgd", 0.01, 0),
                1);
        return BenchTraining.archive(
                spec, spec.replica().parameters(), CLASSES, PREPARATION, "");
    }
}
