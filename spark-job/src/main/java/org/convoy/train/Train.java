package org.convoy.train;

import com.typesafe.config.Config;
import java.io.PrintStream;
import java.util.List;
import java.util.Map;
import org.convoy.cli.JobCommand;
import org.convoy.runtime.ExitCode;
import org.convoy.runtime.Settings;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/**
 * Trains a network on a prepared dataset and writes a version of a model.
 *
 * <pre>
 * spark-submit --class org.convoy.train.Train convoy.jar --conf conf/mnist.conf \
 *     --set train.dataset=hdfs:///data/mnist --set models.directory=hdfs:///models
 * </pre>
 */
@Command(name = "train", description = "Trains a network on a prepared dataset and writes a version of a model.")
public final class Train extends JobCommand {
    public static void main(String[] args) {
        execute(new CommandLine(new Train()), args);
    }

    @Override
    public List<String> sections() {
        return List.of("train", "transfer", "model", "architecture", "models", "gpu", "cluster");
    }

    @Override
    protected Map<String, String> sparkDefaults() {
        return Training.SPARK_DEFAULTS;
    }

    @Override
    protected ExitCode run(Config settings, PrintStream out) {
        TrainConfig config = read(settings, from -> TrainConfig.from(from, Settings.lines(from, sections())));
        TrainReport report = onSpark("train", settings, out, (spark, phases) -> Training.run(spark, config, phases));
        out.println();
        out.print(report.table());
        return ExitCode.DONE;
    }
}
