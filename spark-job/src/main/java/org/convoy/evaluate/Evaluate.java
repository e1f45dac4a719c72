package org.convoy.evaluate;

import com.typesafe.config.Config;
import java.io.PrintStream;
import java.util.List;
import java.util.Locale;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.convoy.cli.JobCommand;
import org.convoy.data.ImageShape;
import org.convoy.data.PreparedDataset;
import org.convoy.model.InputShape;
import org.convoy.model.ModelArchive;
import org.convoy.model.ModelCard;
import org.convoy.report.JsonReport;
import org.convoy.repository.ModelRepository;
import org.convoy.repository.ModelVersion;
import org.convoy.runtime.ExitCode;
import org.convoy.runtime.Phases;
import org.convoy.runtime.UserError;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/**
 * Judges a model on a split of a dataset and writes the figures beside the model as {@code evaluation-SPLIT.json}.
 *
 * <pre>
 * spark-submit --class org.convoy.evaluate.Evaluate convoy.jar --conf conf/mnist.conf \
 *     --set evaluate.dataset=hdfs:///data/mnist --set models.directory=hdfs:///models
 * </pre>
 */
@Command(
        name = "evaluate",
        description = "Judges a model on a split of a dataset: accuracy, per-class figures, confusion, calibration.")
public final class Evaluate extends JobCommand {
    public static void main(String[] args) {
        execute(new CommandLine(new Evaluate()), args);
    }

    @Override
    public List<String> sections() {
        return List.of("evaluate", "models", "gpu", "cluster");
    }

    @Override
    protected ExitCode run(Config settings, PrintStream out) {
        EvaluateConfig config = read(settings, EvaluateConfig::from);
        EvaluateReport report = onSpark("evaluate", settings, out, (spark, phases) -> run(spark, config, phases));
        out.println();
        out.print(report.table());
        return ExitCode.DONE;
    }

    /**
     * Judges the model on every row of the split.
     *
     * @throws UserError (bad input) if model or dataset is missing, or they do not fit each other
     */
    public static EvaluateReport run(SparkSession session, EvaluateConfig config, Phases phases) {
        JavaSparkContext spark = JavaSparkContext.fromSparkContext(session.sparkContext());
        Configuration hadoop = spark.hadoopConfiguration();
        ModelRepository repository = ModelRepository.at(hadoop, config.modelsDirectory());
        ModelVersion version = ModelVersion.find(repository, config.model());
        ModelArchive model = repository.archive(version.name(), version.number());
        PreparedDataset dataset = PreparedDataset.open(hadoop, config.dataset());
        requireFit(version, model.card(), config, dataset);

        Metrics metrics =
                phases.run("Evaluating " + version + " on " + config.split().label(), progress -> {
                    Metrics figures =
                            Evaluator.evaluate(spark, dataset, config.split(), model, config.testTimeAugmentation());
                    progress.result(String.format(Locale.ROOT, "accuracy %.2f %%", 100 * figures.accuracy()));
                    return figures;
                });

        String file = "evaluation-" + config.split().label() + ".json";
        EvaluateReport report = new EvaluateReport(
                spark.sc().applicationId(),
                version.toString(),
                dataset.path(),
                dataset.manifestDigest(),
                config.split().label(),
                config.testTimeAugmentation().label(),
                new Path(repository.version(version.name(), version.number()), file).toString(),
                metrics,
                phases.seconds());
        repository.addFile(version.name(), version.number(), file, JsonReport.of(report));
        return report;
    }

    private static void requireFit(
            ModelVersion version, ModelCard card, EvaluateConfig config, PreparedDataset dataset) {
        ImageShape shape = dataset.manifest().shape();
        if (!card.input().equals(new InputShape(shape.channels(), shape.height(), shape.width()))) {
            throw UserError.badInput("[" + config.dataset() + "] has pictures of " + shape + " but model " + version
                    + " reads " + card.input() + "; prepare the dataset in the model's shape");
        }
        if (!card.classes().equals(dataset.manifest().classes())) {
            throw UserError.badInput("[" + config.dataset() + "] has classes "
                    + dataset.manifest().classes() + " but model " + version + " knows " + card.classes());
        }
        if (dataset.manifest().split(config.split()).rows() == 0) {
            throw UserError.badInput("[" + config.dataset() + "] has no pictures in its "
                    + config.split().label() + " split; choose another with evaluate.split");
        }
    }
}
