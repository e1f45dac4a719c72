package org.convoy.score;

import com.typesafe.config.Config;
import java.io.PrintStream;
import java.util.List;
import org.convoy.cli.JobCommand;
import org.convoy.runtime.ExitCode;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/**
 * Scores pictures: a row for each, with what the model says of it or why it could not be asked. A run that was stopped, by whatever,
 * goes on when it is started again.
 *
 * <pre>
 * spark-submit --class org.convoy.score.Score convoy.jar --set score.input=hdfs:///raw/new \
 *     --set score.output=hdfs:///answers/new --set score.model=pets@CURRENT --set models.directory=hdfs:///models
 * </pre>
 */
@Command(
        name = "score",
        description = "A model's answer for each picture of a large set: resumable, each picture exactly once.")
public final class Score extends JobCommand {
    public static void main(String[] args) {
        execute(new CommandLine(new Score()), args);
    }

    @Override
    public List<String> sections() {
        return List.of("score", "models", "gpu", "cluster");
    }

    @Override
    protected ExitCode run(Config settings, PrintStream out) {
        ScoreConfig config = read(settings, ScoreConfig::from);
        ScoreReport report = onSpark("score", settings, out, (spark, phases) -> Scoring.run(spark, config, phases));
        out.println();
        out.print(report.table());
        return ExitCode.DONE;
    }
}
