package org.convoy.train;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.convoy.model.engine.NativeSettings;
import org.convoy.runtime.ExitCode;
import org.convoy.runtime.UserError;

/**
 * Measures the way of the pictures into the network: decoding beside other libraries, training fed from a dataset beside training
 * from memory, and the memory of {@code prepare}. What is timed is checked first.
 *
 * <p>{@code bin/bench data [--parts=decode,feed,memory] [--rounds=5] [--examples=25600] [--json=FILE]}
 */
public final class DataBench {
    private static final PartOptions DEFAULTS = new PartOptions(
            List.of("decode", "feed", "memory"), 5, 25_600, Path.of("spark-job/target/bench-data.json"));

    private DataBench() {}

    public static void main(String[] arguments) {
        System.exit(exitCode(arguments).code());
    }

    private static ExitCode exitCode(String... arguments) {
        try {
            run(PartOptions.parse(DEFAULTS, arguments));
            return ExitCode.DONE;
        } catch (UserError e) {
            System.err.println("bench: " + e.getMessage());
            return e.exitCode();
        } catch (IOException | RuntimeException e) {
            e.printStackTrace();
            return ExitCode.FAILED;
        }
    }

    private static void run(PartOptions options) throws IOException {
        Path pictures = Path.of(System.getenv().getOrDefault("CONVOY_DATA", "../shared/data"));
        BenchReport report = new BenchReport(options.json());
        // OpenCV and ND4J share one OpenBLAS, whose settings are made before either is loaded.
        System.out.println(NativeSettings.apply(1).describe());
        try {
            for (String part : options.parts()) {
                switch (part) {
                    case "decode" -> DecodePart.run(pictures, options.rounds(), report);
                    case "feed" -> FeedPart.run(pictures, options, report);
                    default -> MemoryPart.run(report);
                }
            }
        } finally {
            // Also after a failure: what was measured before it holds.
            report.print();
        }
    }
}
