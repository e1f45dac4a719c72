package org.convoy.job;

import com.typesafe.config.Config;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.SparkSession;
import org.convoy.cli.JobCommand;
import org.convoy.data.Example;
import org.convoy.data.ExampleReader;
import org.convoy.data.PreparedDataset;
import org.convoy.data.Split;
import org.convoy.demo.DigitPainter;
import org.convoy.evaluate.Evaluate;
import org.convoy.evaluate.EvaluateConfig;
import org.convoy.evaluate.EvaluateReport;
import org.convoy.model.Classifier;
import org.convoy.prepare.Existing;
import org.convoy.prepare.Prepare;
import org.convoy.prepare.PrepareConfig;
import org.convoy.prepare.PrepareReport;
import org.convoy.repository.ModelRepository;
import org.convoy.repository.ModelVersion;
import org.convoy.runtime.ExitCode;
import org.convoy.runtime.Phases;
import org.convoy.runtime.Settings;
import org.convoy.train.Train;
import org.convoy.train.TrainConfig;
import org.convoy.train.TrainReport;
import org.convoy.train.Training;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/**
 * The whole way on pictures it draws itself: prepare, train on two workers, evaluate, publish, predict.
 *
 * <pre>
 * bin/convoy demo
 * </pre>
 */
@Command(
        name = "demo",
        description =
                "The whole way with no download: draws digit pictures, prepares them, trains on two workers, evaluates,"
                        + " publishes the model and lets it read a few pictures. Everything lies in out/demo afterwards.",
        subcommands = RetrainDemo.class)
public final class Demo extends JobCommand {
    private static final Path DIRECTORY = Path.of("out", "demo");
    private static final int PICTURES_PER_DIGIT = 500;
    private static final int PREDICTIONS_SHOWN = 5;
    private static final String GREY_LEVELS = " .:-=+*#%@";

    /** What the steps gave. */
    record Result(
            PrepareReport prepared, TrainReport trained, EvaluateReport evaluated, List<Prediction> predictions) {}

    /** One picture and what the model says of it. */
    record Prediction(Example example, String truth, String predicted, float probability) {}

    public static void main(String[] args) {
        execute(new CommandLine(new Demo()), args);
    }

    @Override
    public List<String> sections() {
        return List.of("prepare", "model", "architecture", "train", "evaluate", "models", "gpu", "cluster");
    }

    @Override
    protected List<String> presets() {
        return List.of(
                "prepare.input=" + DIRECTORY.resolve("pictures"),
                "prepare.output=" + DIRECTORY.resolve("dataset"),
                "prepare.image.colour=grey",
                "prepare.image.height=" + DigitPainter.SIDE,
                "prepare.image.width=" + DigitPainter.SIDE,
                "train.dataset=" + DIRECTORY.resolve("dataset"),
                "train.workers=2",
                "train.epochs=10",
                "train.averaging-period-batches=8",
                "evaluate.dataset=" + DIRECTORY.resolve("dataset"),
                "models.directory=" + DIRECTORY.resolve("models"),
                "models.name=digits");
    }

    @Override
    protected String embeddedMaster() {
        return "local[2]";
    }

    @Override
    protected Map<String, String> sparkDefaults() {
        return Training.SPARK_DEFAULTS;
    }

    @Override
    protected ExitCode run(Config settings, PrintStream out) {
        PrepareConfig prepare = read(settings, PrepareConfig::from);
        TrainConfig train =
                read(settings, from -> TrainConfig.from(from, Settings.lines(from, new Train().sections())));
        EvaluateConfig evaluate = read(settings, EvaluateConfig::from);
        onSpark("demo", settings, out, (spark, phases) -> run(spark, prepare, train, evaluate, phases, out));
        return ExitCode.DONE;
    }

    static Result run(
            SparkSession spark,
            PrepareConfig prepare,
            TrainConfig train,
            EvaluateConfig evaluate,
            Phases phases,
            PrintStream out) {
        title(out, "1. Pictures");
        phases.run("Drawing " + PICTURES_PER_DIGIT * DigitPainter.DIGITS + " pictures", progress -> {
            draw(Path.of(prepare.input()), train.seed());
            return null;
        });
        title(out, "2. Prepare: pictures to dataset");
        PrepareReport prepared = Prepare.run(spark, prepare, Existing.REPLACE, phases);
        out.print(prepared.table());
        title(out, "3. Train: dataset to model");
        TrainReport trained = Training.run(spark, train, phases);
        out.print(trained.table());
        title(out, "4. Evaluate: on pictures training never saw");
        EvaluateReport evaluated = Evaluate.run(spark, evaluate, phases);
        out.print(evaluated.table());
        title(out, "5. Predict: five of them");
        List<Prediction> predictions = predict(spark, evaluate);
        show(predictions, out);
        title(out, "Where everything lies");
        out.println("pictures      " + prepare.input());
        out.println("dataset       " + prepared.output());
        out.println("model         " + trained.path());
        out.println("report        " + trained.path().replace(ModelRepository.ARCHIVE, "report.html"));
        out.println("evaluation    " + evaluated.path());
        out.println("all versions  bin/convoy models list --set models.directory=" + train.modelsDirectory());
        return new Result(prepared, trained, evaluated, predictions);
    }

    private static void draw(Path directory, long seed) {
        try {
            DigitPainter.writeFolder(directory, PICTURES_PER_DIGIT, seed);
        } catch (IOException e) {
            throw new UncheckedIOException("[" + directory + "] Cannot write the pictures: " + e.getMessage(), e);
        }
    }

    private static List<Prediction> predict(SparkSession spark, EvaluateConfig evaluate) {
        Configuration hadoop = spark.sparkContext().hadoopConfiguration();
        PreparedDataset dataset = PreparedDataset.open(hadoop, evaluate.dataset());
        List<String> classes = dataset.manifest().classes();
        ModelRepository repository = ModelRepository.at(hadoop, evaluate.modelsDirectory());
        ModelVersion version = ModelVersion.find(repository, evaluate.model());
        Classifier classifier =
                repository.archive(version.name(), version.number()).classifier();
        List<Prediction> predictions = new ArrayList<>();
        ExampleReader.read(
                hadoop,
                dataset.path(),
                dataset.manifest().split(Split.TEST).files(),
                0,
                PREDICTIONS_SHOWN,
                example -> predictions.add(prediction(example, classes, classifier)));
        return predictions;
    }

    private static Prediction prediction(Example example, List<String> classes, Classifier classifier) {
        float[] probabilities = classifier.probabilities(example.pixels(), 1);
        int best = 0;
        for (int c = 1; c < probabilities.length; c++) {
            best = probabilities[c] > probabilities[best] ? c : best;
        }
        return new Prediction(example, classes.get(example.label()), classes.get(best), probabilities[best]);
    }

    /** The pictures side by side in grey levels of text, each with its true and its predicted class below. */
    private static void show(List<Prediction> predictions, PrintStream out) {
        for (int y = 0; y < DigitPainter.SIDE; y += 2) {
            StringBuilder line = new StringBuilder();
            for (Prediction prediction : predictions) {
                for (int x = 0; x < DigitPainter.SIDE; x += 2) {
                    line.append(level(prediction.example().pixels(), x, y));
                }
                line.append("  ");
            }
            out.println(line.toString().stripTrailing());
        }
        for (Prediction prediction : predictions) {
            out.printf(
                    Locale.ROOT,
                    "%s is a %s: predicted %s (%.1f %%)%n",
                    prediction.example().id(),
                    prediction.truth(),
                    prediction.predicted(),
                    100 * prediction.probability());
        }
    }

    /** The mean of 2x2 pixels as a character. */
    private static char level(byte[] pixels, int x, int y) {
        int sum = 0;
        for (int dy = 0; dy < 2; dy++) {
            for (int dx = 0; dx < 2; dx++) {
                sum += pixels[(y + dy) * DigitPainter.SIDE + x + dx] & 0xFF;
            }
        }
        return GREY_LEVELS.charAt(sum * (GREY_LEVELS.length() - 1) / (4 * 255));
    }

    static void title(PrintStream out, String text) {
        out.println();
        out.println(text);
        out.println("-".repeat(text.length()));
    }
}
