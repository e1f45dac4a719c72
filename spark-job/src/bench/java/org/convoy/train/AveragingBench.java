package org.convoy.train;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.convoy.model.engine.NativeSettings;
import org.convoy.runtime.ExitCode;
import org.convoy.runtime.UserError;

/**
 * Measures the training loop: its speed beside DL4J Spark's own master, what a round costs and sends, and the accuracy that
 * it reaches. Each part checks that its numbers are right before its clock starts, and the run fails if they are not.
 *
 * <p>{@code bin/bench averaging [--parts=share,speed,bytes,doctor,accuracy,time-to-99,published] [--networks=lenet-5,seed-cnn]
 * [--rounds=3] [--published-epochs=20] [--datasets=mnist,fashion-mnist] [--seeds=3] [--cap-seconds=1200] [--examples=N]
 * [--json=FILE]}
 */
public final class AveragingBench {
    /** In the order in which they run when none is named: first the one that looks at memory, the long ones last. */
    static final List<String> PARTS = List.of("share", "speed", "bytes", "doctor", "accuracy", "time-to-99", "published");

    private AveragingBench() {}

    public static void main(String[] arguments) {
        System.exit(exitCode(arguments).code());
    }

    private static ExitCode exitCode(String... arguments) {
        try {
            run(BenchOptions.parse(arguments));
            return ExitCode.DONE;
        } catch (UserError e) {
            System.err.println("bench: " + e.getMessage());
            return e.exitCode();
        } catch (IOException | RuntimeException e) {
            e.printStackTrace();
            return ExitCode.FAILED;
        }
    }

    private static void run(BenchOptions options) throws IOException {
        String given = System.getenv().getOrDefault("CONVOY_DATA", "../shared/data");
        BenchReport report = new BenchReport(options.json());
        try (BenchData data = BenchData.at(Path.of(given))) {
            System.out.println(NativeSettings.decide(1).describe());
            Bench bench = new Bench(options, data, report);
            List<RoundCost.Measured> networks = new ArrayList<>();
            for (String part : options.parts()) {
                switch (part) {
                    case "speed" -> SpeedPart.run(bench);
                    case "share" -> networks.addAll(SharePart.run(bench));
                    case "bytes" -> BytesPart.run(bench, networks);
                    case "doctor" -> DoctorPart.run(bench);
                    case "accuracy" -> AccuracyPart.run(bench);
                    case "time-to-99" -> TimeTo99Part.run(bench);
                    default -> PublishedPart.run(bench);
                }
            }
        } finally {
            // Also after a failure: what was measured before it holds.
            report.print();
        }
    }
}
