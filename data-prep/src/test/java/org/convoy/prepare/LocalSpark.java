package org.convoy.prepare;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.convoy.data.PreparedDataset;
import org.convoy.runtime.Phases;
import org.convoy.runtime.Settings;

/** One Spark session for all tests of the JVM, and preparations with it. */
final class LocalSpark {
    private LocalSpark() {}

    static SparkSession session() {
        return SparkSession.builder()
                .master("local[2]")
                .appName("prepare tests")
                .config("spark.ui.enabled", "false")
                .getOrCreate();
    }

    /** The defaults with {@code overrides} ({@code key=value}) on top. */
    static PrepareConfig config(Object input, Object output, String... overrides) {
        return PrepareConfig.from(Settings.load(
                Optional.empty(),
                Stream.concat(Stream.of("prepare.input=" + input, "prepare.output=" + output), Stream.of(overrides))
                        .toList()));
    }

    static PrepareReport prepare(PrepareConfig config, Existing existing) {
        PrintStream silent = new PrintStream(new ByteArrayOutputStream(), false, StandardCharsets.UTF_8);
        SparkSession spark = session();
        return Prepare.run(
                spark, config, existing, new Phases(JavaSparkContext.fromSparkContext(spark.sparkContext()), silent));
    }

    static PrepareReport prepare(PrepareConfig config) {
        return prepare(config, Existing.REFUSE);
    }

    /** Prepares pictures of 6x6 out of {@code source}; opens what came out. */
    static PreparedDataset dataset(String source, Path input, Path output, String... overrides) {
        List<String> all =
                new ArrayList<>(List.of("prepare.source=" + source, "prepare.image.height=6", "prepare.image.width=6"));
        all.addAll(List.of(overrides));
        PrepareConfig config = config(input, output, all.toArray(String[]::new));
        prepare(config);
        return PreparedDataset.open(session().sparkContext().hadoopConfiguration(), config.output());
    }
}
