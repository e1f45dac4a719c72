package org.convoy.job;

import com.typesafe.config.Config;
import java.io.PrintStream;
import java.util.List;
import org.convoy.cli.JobCommand;
import org.convoy.prepare.Existing;
import org.convoy.prepare.Prepare;
import org.convoy.prepare.PrepareConfig;
import org.convoy.prepare.PrepareReport;
import org.convoy.runtime.ExitCode;
import org.convoy.runtime.UserError;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Turns images into a dataset.
 *
 * <pre>
 * spark-submit --class org.convoy.job.PrepareCommand convoy.jar --conf conf/mnist.conf \
 *     --set prepare.input=hdfs:///raw/mnist --set prepare.output=hdfs:///data/mnist
 * </pre>
 */
@Command(name = "prepare", description = "Turns images into a dataset: partitioned Parquet tensors with a manifest.")
public final class PrepareCommand extends JobCommand {
    @Option(names = "--overwrite", description = "replace an existing dataset once the new one is whole")
    private boolean overwrite;

    @Option(names = "--append", description = "add the pictures to an existing dataset; its files stay as they are")
    private boolean append;

    public static void main(String[] args) {
        execute(new CommandLine(new PrepareCommand()), args);
    }

    @Override
    public List<String> sections() {
        return List.of("prepare", "cluster");
    }

    @Override
    protected boolean usesNetwork() {
        return false;
    }

    private Existing existing() {
        if (overwrite && append) {
            throw UserError.usage("prepare takes --overwrite or --append, not both");
        }
        if (append) {
            return Existing.APPEND;
        }
        return overwrite ? Existing.REPLACE : Existing.REFUSE;
    }

    @Override
    protected ExitCode run(Config settings, PrintStream out) {
        Existing existing = existing();
        PrepareConfig config = read(settings, PrepareConfig::from);
        PrepareReport report =
                onSpark("prepare", settings, out, (spark, phases) -> Prepare.run(spark, config, existing, phases));
        out.println();
        out.print(report.table());
        return ExitCode.DONE;
    }
}
