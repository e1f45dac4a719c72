package org.convoy.job;

import com.typesafe.config.Config;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.fs.FileUtil;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.convoy.cli.JobCommand;
import org.convoy.demo.DigitPainter;
import org.convoy.repository.HistoryEntry;
import org.convoy.repository.ModelRepository;
import org.convoy.retrain.Retrain;
import org.convoy.retrain.RetrainConfig;
import org.convoy.retrain.RetrainReport;
import org.convoy.runtime.ExitCode;
import org.convoy.runtime.Phases;
import org.convoy.runtime.Settings;
import org.convoy.train.Training;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/**
 * Three nights of retraining on pictures it draws itself, and a morning.
 *
 * <pre>
 * bin/convoy demo retrain
 * </pre>
 */
@Command(
        name = "retrain",
        description =
                "Three nights of retraining on made pictures: a first model, more pictures that make it better and are published,"
                        + " pictures with wrong labels that are kept back; then a rollback by hand. Everything lies in"
                        + " out/demo-retrain afterwards.")
public final class RetrainDemo extends JobCommand {
    private static final Path DIRECTORY = Path.of("out", "demo-retrain");
    private static final Path PICTURES = DIRECTORY.resolve("pictures");
    private static final String MODEL = "digits";

    /**
     * A night's delivery.
     *
     * @param perDigit pictures of each digit
     * @param wrongBy how far each digit's name is off: 0 for true labels
     */
    private record Night(String title, int perDigit, int wrongBy) {}

    private static final List<Night> NIGHTS = List.of(
            new Night("The first night: a few pictures", 60, 0),
            new Night("The second night: more of them", 240, 0),
            new Night("The third night: each digit is labelled as the next one", 240, 1));

    /** What the nights gave, and which version is current at the end. */
    record Result(List<RetrainReport> nights, int rolledBackTo) {}

    public static void main(String[] args) {
        execute(new CommandLine(new RetrainDemo()), args);
    }

    @Override
    public List<String> sections() {
        return new Retrain().sections();
    }

    @Override
    protected List<String> presets() {
        return presets(DIRECTORY);
    }

    static List<String> presets(Path directory) {
        return List.of(
                "prepare.input=" + directory.resolve("pictures") + "/night=*",
                "prepare.output=" + directory.resolve("dataset"),
                "prepare.image.colour=grey",
                "prepare.image.height=" + DigitPainter.SIDE,
                "prepare.image.width=" + DigitPainter.SIDE,
                "prepare.split.validation-share=0.1",
                "prepare.split.test-share=0.3",
                "train.workers=2",
                "train.epochs=8",
                "train.averaging-period-batches=4",
                // Of so few pictures a busy machine's clock says little.
                "retrain.gates.time-ratio=10",
                "models.directory=" + directory.resolve("models"),
                "models.name=" + MODEL);
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
        RetrainConfig config = read(settings, from -> RetrainConfig.from(from, Settings.lines(from, sections())));
        FileUtil.fullyDelete(DIRECTORY.toFile()); // the nights of a former demonstration
        onSpark("demo retrain", settings, out, (spark, phases) -> run(spark, config, PICTURES, out));
        return ExitCode.DONE;
    }

    static Result run(SparkSession spark, RetrainConfig config, Path pictures, PrintStream out) {
        List<RetrainReport> reports = new ArrayList<>();
        for (Night night : NIGHTS) {
            int number = reports.size() + 1;
            Demo.title(out, number + ". " + night.title());
            draw(night, pictures.resolve("night=" + number), number);
            Phases phases = new Phases(JavaSparkContext.fromSparkContext(spark.sparkContext()), out);
            RetrainReport report = Retrain.run(spark, config, Retrain.SetAside.LEAVE, phases);
            reports.add(report);
            out.println();
            out.print(report.table());
        }
        Demo.title(out, "The morning: somebody wants the first night's model back");
        ModelRepository repository =
                ModelRepository.at(spark.sparkContext().hadoopConfiguration(), config.modelsDirectory());
        int number = repository.rollback(MODEL, "to show how it is done");
        out.println("bin/convoy models rollback " + MODEL + ": " + MODEL + "@" + number + " is current");
        for (HistoryEntry entry : repository.history(MODEL)) {
            out.println("  " + entry.action() + " of version " + entry.version() + ": " + entry.why());
        }
        Demo.title(out, "Where everything lies");
        out.println("pictures      " + pictures);
        out.println("dataset       " + config.dataset());
        out.println("reports       " + repository.version(MODEL, 1) + "/retrain.json, and so on");
        out.println("all versions  bin/convoy models list --set models.directory=" + config.modelsDirectory());
        return new Result(reports, number);
    }

    private static void draw(Night night, Path directory, long seed) {
        DigitPainter painter = new DigitPainter(seed);
        try {
            for (int digit = 0; digit < DigitPainter.DIGITS; digit++) {
                int label = (digit + night.wrongBy()) % DigitPainter.DIGITS;
                Path folder = Files.createDirectories(directory.resolve(Integer.toString(label)));
                for (int index = 0; index < night.perDigit(); index++) {
                    Files.write(folder.resolve(digit + "-" + index + ".png"), painter.png(digit, index));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("[" + directory + "] Cannot write the pictures: " + e.getMessage(), e);
        }
    }
}
