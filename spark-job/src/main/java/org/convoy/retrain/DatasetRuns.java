package org.convoy.retrain;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.convoy.data.Manifest;
import org.convoy.retrain.RetrainReport.TakenInput;

/** What was prepared into a dataset, run by run, as its manifest has it. */
final class DatasetRuns {
    private DatasetRuns() {}

    /** Oldest first; paths with their scheme. */
    static List<TakenInput> of(Configuration hadoop, Manifest manifest) {
        List<TakenInput> runs = new ArrayList<>();
        Manifest.Counts all = manifest.counts();
        long read = all.read();
        long written = all.written();
        long rejected = all.rejectedTotal();
        for (Manifest.Run run : manifest.appended()) {
            Manifest.Counts counts = run.counts();
            runs.add(new TakenInput(
                    input(hadoop, run.configuration().get("prepare.input")),
                    counts.read(),
                    counts.written(),
                    counts.rejectedTotal(),
                    counts.duplicates()));
            read -= counts.read();
            written -= counts.written();
            rejected -= counts.rejectedTotal();
        }
        runs.add(
                0,
                new TakenInput(
                        input(hadoop, manifest.configuration().get("prepare.input")),
                        read,
                        written,
                        rejected,
                        read - written - rejected));
        return runs;
    }

    private static String input(Configuration hadoop, String path) {
        try {
            Path input = new Path(path);
            return input.getFileSystem(hadoop).makeQualified(input).toString();
        } catch (IOException e) {
            throw new UncheckedIOException("[" + path + "] Cannot look at the input: " + e.getMessage(), e);
        }
    }
}
