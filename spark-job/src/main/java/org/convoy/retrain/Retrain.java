package org.convoy.retrain;

import com.typesafe.config.Config;
import java.io.PrintStream;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.SparkSession;
import org.convoy.cli.JobCommand;
import org.convoy.runtime.ExitCode;
import org.convoy.runtime.Phases;
import org.convoy.runtime.Settings;
import org.convoy.train.Training;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Takes in what is new, trains a candidate, and publishes it if it holds what the gates ask for. For a scheduler: exit code 0 says that
 * the better of the two models is current, 4 that the candidate was kept back, 5 that another run is at it.
 *
 * <pre>
 * spark-submit --class org.convoy.retrain.Retrain convoy.jar --conf conf/retrain.conf \
 *     --set "prepare.input=hdfs:///raw/day=*" --set models.directory=hdfs:///models
 * </pre>
 */
@Command(
        name = "retrain",
        description = "New data and the current model to a candidate that is published or kept back.")
public final class Retrain extends JobCommand {
    @Option(
            names = "--dry-run",
            description = "train and judge a candidate aside, say what would become of it, and leave nothing behind")
    private boolean dryRun;

    @Option(
            names = "--retry-set-aside",
            description = "also take in again the inputs that left the dataset with candidates that were kept back")
    private boolean retrySetAside;

    public static void main(String[] args) {
        execute(new CommandLine(new Retrain()), args);
    }

    @Override
    public List<String> sections() {
        return List.of(
                "retrain",
                "prepare",
                "model",
                "architecture",
                "train",
                "transfer",
                "evaluate",
                "models",
                "gpu",
                "cluster");
    }

    @Override
    protected Map<String, String> sparkDefaults() {
        return Training.SPARK_DEFAULTS;
    }

    @Override
    protected ExitCode run(Config settings, PrintStream out) {
        RetrainConfig config = read(settings, from -> RetrainConfig.from(from, Settings.lines(from, sections())));
        SetAside setAside = retrySetAside ? SetAside.RETRY : SetAside.LEAVE;
        RetrainReport report = onSpark(
                "retrain",
                settings,
                out,
                (spark, phases) ->
                        dryRun ? rehearse(spark, config, setAside, phases) : run(spark, config, setAside, phases));
        out.println();
        out.print(report.table());
        return report.outcome() == RetrainReport.Outcome.KEPT_BACK ? ExitCode.GATE_HELD : ExitCode.DONE;
    }

    /** What is done with inputs that left the dataset with a candidate that was kept back. */
    public enum SetAside {
        /** They are no new data, unless they have changed. */
        LEAVE,
        /** They are new data once more. */
        RETRY
    }

    /**
     * One cycle. A cycle that was cut off is taken up where it was, and then this is all that is done.
     *
     * @throws org.convoy.runtime.UserError (locked) if another run is at it; (bad input) if new data cannot be used or the current
     *     version cannot be read
     */
    public static RetrainReport run(SparkSession spark, RetrainConfig config, SetAside setAside, Phases phases) {
        return Cycle.run(spark, config, setAside, phases);
    }

    /** A cycle up to the decision, in a directory that is deleted then. Dataset, models and what a real cycle has begun stay as they are. */
    public static RetrainReport rehearse(SparkSession spark, RetrainConfig config, SetAside setAside, Phases phases) {
        return Cycle.rehearse(spark, config, setAside, phases);
    }
}
