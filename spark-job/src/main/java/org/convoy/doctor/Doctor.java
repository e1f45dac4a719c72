package org.convoy.doctor;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigValueFactory;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.security.UserGroupInformation;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.convoy.cli.JobCommand;
import org.convoy.cli.TaskSlots;
import org.convoy.report.JsonReport;
import org.convoy.runtime.ExitCode;
import org.convoy.runtime.Phases;
import org.convoy.runtime.Settings;
import org.convoy.train.Train;
import org.convoy.train.TrainConfig;
import org.convoy.train.Training;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Checks a cluster before a training, with the training's own configuration, and predicts what it will cost.
 *
 * <pre>
 * spark-submit --class org.convoy.doctor.Doctor convoy.jar --conf conf/mnist.conf \
 *     --set train.dataset=hdfs:///data/mnist --set models.directory=hdfs:///models
 * </pre>
 */
@Command(
        name = "doctor",
        description =
                "Checks the cluster before a training with the same configuration: versions, native libraries, memory, GPUs,"
                        + " storage, clocks, bandwidth; and predicts what rounds and epochs will take. Without train.dataset it"
                        + " checks the cluster alone. Exit code 1 if something will not work.")
public final class Doctor extends JobCommand {
    @Option(names = "--json", description = "print the report as JSON, and progress on standard error")
    private boolean json;

    @Option(
            names = "--then-train",
            description = "train with the same configuration, in the same Spark session, if nothing is wrong")
    private boolean thenTrain;

    public static void main(String[] args) {
        execute(new CommandLine(new Doctor()), args);
    }

    @Override
    public List<String> sections() {
        return List.of("train", "transfer", "model", "architecture", "models", "gpu", "cluster", "doctor");
    }

    @Override
    protected Map<String, String> sparkDefaults() {
        return Training.SPARK_DEFAULTS;
    }

    @Override
    protected ExitCode run(Config given, PrintStream out) {
        // Nothing is written under the model's name unless it trains.
        Config settings = given.getString("models.name").isEmpty() && !thenTrain
                ? given.withValue("models.name", ConfigValueFactory.fromAnyRef("doctor"))
                : given;
        DoctorConfig config = read(settings, DoctorConfig::from);
        Optional<TrainConfig> training = settings.getString("train.dataset").isEmpty() && !thenTrain
                ? Optional.empty()
                : Optional.of(
                        read(settings, from -> TrainConfig.from(from, Settings.lines(from, new Train().sections()))));
        String models = settings.getString("models.directory");
        Duration executorWait = Duration.ofSeconds(settings.getLong("cluster.executor-wait-seconds"));
        PrintStream progress = json ? System.err : out;
        return onSpark("doctor", settings, progress, (spark, phases) -> {
            DoctorReport report = run(spark, config, models, executorWait, training, phases);
            print(report, out);
            if (report.foundErrors()) {
                return ExitCode.FAILED;
            }
            if (thenTrain) {
                out.print(Training.run(spark, training.orElseThrow(), phases).table());
            }
            return ExitCode.DONE;
        });
    }

    private void print(DoctorReport report, PrintStream out) {
        if (!json) {
            out.println();
            out.print(report.table());
            return;
        }
        try {
            out.write(JsonReport.of(report));
            out.println();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Goes through all checks; none takes longer than its limit.
     *
     * @param models directory of the model repository
     * @param executorWait how long to wait for executors
     * @param training what is to be trained; empty for the cluster alone
     */
    static DoctorReport run(
            SparkSession session,
            DoctorConfig config,
            String models,
            Duration executorWait,
            Optional<TrainConfig> training,
            Phases phases) {
        JavaSparkContext spark = JavaSparkContext.fromSparkContext(session.sparkContext());
        Examination examination = new Examination(session, config, phases);
        examination.one(
                "security",
                "Looking for Kerberos",
                progress -> StorageChecks.kerberos(spark.hadoopConfiguration(), currentUser()));
        Optional<Integer> slots = examination.fact(
                "executors",
                "Waiting for executors",
                executorWait.plus(config.checkLimit()),
                progress -> TaskSlots.await(spark.sc(), 0, executorWait));
        slots.ifPresentOrElse(
                tasks -> examination.cluster(spark, tasks, models), () -> examination.driverAlone(spark, models));
        if (slots.isPresent() && training.isPresent()) {
            examination.training(spark, slots.get(), training.get());
        } else if (training.isEmpty()) {
            examination.add(Finding.ok(
                    "training", "none was named: give train.dataset for its memory, its time, and the best τ and K"));
        }
        return examination.report();
    }

    private static UserGroupInformation currentUser() {
        try {
            return UserGroupInformation.getCurrentUser();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
