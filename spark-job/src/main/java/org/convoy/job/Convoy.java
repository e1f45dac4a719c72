package org.convoy.job;

import org.convoy.cli.JobCommand;
import org.convoy.doctor.Doctor;
import org.convoy.evaluate.Evaluate;
import org.convoy.repository.Models;
import org.convoy.retrain.Retrain;
import org.convoy.score.Score;
import org.convoy.train.Train;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;

/**
 * Every command behind one main class.
 *
 * <pre>
 * spark-submit --class org.convoy.job.Convoy convoy.jar COMMAND [--conf FILE] [--set KEY=VALUE ...]
 * </pre>
 */
@Command(
        name = "convoy",
        description = "Trains convolutional networks on a Spark cluster: images in, a published model out.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        footer = {"", "bin/convoy cluster: a development cluster of HDFS, Spark and YARN on this machine."},
        subcommands = {
            Demo.class,
            PrepareCommand.class,
            Train.class,
            Evaluate.class,
            Retrain.class,
            Models.class,
            Score.class,
            Inspect.class,
            Doctor.class,
            HelpCommand.class
        })
public final class Convoy {
    public static void main(String[] args) {
        JobCommand.execute(new CommandLine(new Convoy()), args);
    }
}
