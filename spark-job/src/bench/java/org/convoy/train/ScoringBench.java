package org.convoy.train;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.convoy.model.engine.NativeSettings;
import org.convoy.runtime.ExitCode;
import org.convoy.runtime.UserError;

/**
 * Measures {@code score}: its speed beside the bare network, DL4J Spark and a plain loop around libtorch, all of which give the same
 * probabilities before a clock starts, and its memory.
 *
 * <p>{@code bin/bench scoring [--parts=speed,memory] [--rounds=3] [--examples=50000] [--json=FILE]}
 */
public final class ScoringBench {
    private static final PartOptions DEFAULTS = new PartOptions(
            List.of("speed", "memory"), 3, 50_000, Path.of("spark-job/target/bench-scoring.json"));

    private ScoringBench() {}

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
        BenchReport report = new BenchReport(options.json());
        // OpenCV and ND4J share one OpenBLAS, whose settings are made before either is loaded.
        System.out.println(NativeSettings.apply(1).describe());
        try {
            for (String part : options.parts()) {
                switch (part) {
                    case "speed" -> ScoringSpeedPart.run(options, report);
                    default -> ScoringMemoryPart.run(report);
                }
            }
        } finally {
            // Also after a failure: what was measured before it holds.
            report.print();
        }
    }
}
