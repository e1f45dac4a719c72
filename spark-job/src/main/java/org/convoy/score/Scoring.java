package org.convoy.score;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaFutureAction;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.util.SerializableConfiguration;
import org.convoy.cli.TaskSlots;
import org.convoy.data.ImageShape;
import org.convoy.data.PreparedDataset;
import org.convoy.inspect.ContactSheet;
import org.convoy.inspect.Thumbnail;
import org.convoy.model.InputShape;
import org.convoy.model.ModelCard;
import org.convoy.model.layer.LayerPlan.Placement;
import org.convoy.prepare.ImageDecoder;
import org.convoy.prepare.PictureUnits;
import org.convoy.prepare.UnitsConfig;
import org.convoy.prepare.UnitsKind;
import org.convoy.report.JsonReport;
import org.convoy.runtime.AtomicFiles;
import org.convoy.runtime.ConvoyVersion;
import org.convoy.runtime.FullDisk;
import org.convoy.runtime.Phases;
import org.convoy.runtime.RunLock;
import org.convoy.runtime.UserError;

/**
 * A scoring run: plan the units, score those that have no file yet, describe what is there. Each unit's file appears by one rename, the
 * manifest last; so whatever kills the run, the next one finds units that are whole or not there.
 */
public final class Scoring {
    private static final String LOCK = "_lock";
    private static final String SHEET = "_surest-mistakes.png";
    private static final long PROGRESS_MILLIS = 200;

    /** Units that one task scores, at most: it may fail four times, and what it has finished is kept. */
    private static final int UNITS_PER_TASK = 8;

    /** At least, where there are so many units: no slot waits long for the last task. */
    private static final int TASKS_PER_SLOT = 4;

    /** Units whose summaries one task adds up, at least: starting a task takes longer than reading a few of them. */
    private static final int SUMMED_UNITS = 16;

    /** Tasks that add up summaries, at most; a function of the units alone, so that sums are the same bit for bit each time. */
    private static final int SUMMING_TASKS = 64;

    private final JavaSparkContext spark;
    private final Configuration hadoop;
    private final ScoreConfig config;
    private final Phases phases;
    private final ScoredModel model;
    private final UnitsKind kind;
    private final Optional<ImageDecoder> decoder; // empty for a dataset
    private final Path output;
    private final OutputFiles files;

    private Scoring(JavaSparkContext spark, ScoreConfig config, Phases phases) {
        this.spark = spark;
        this.hadoop = spark.hadoopConfiguration();
        this.config = config;
        this.phases = phases;
        this.model = ScoredModel.read(hadoop, config.modelsDirectory(), config.model());
        this.kind = config.source() == UnitsKind.AUTO ? UnitsKind.of(hadoop, config.input()) : config.source();
        this.decoder = kind == UnitsKind.DATASET ? Optional.empty() : Optional.of(decoder());
        this.output = qualified(config.output());
        this.files = new OutputFiles(output.toString(), config.format());
    }

    /**
     * Scores every picture of the input.
     *
     * @throws UserError (usage) if the output belongs to another run; (bad input) if input or model are missing, damaged or do not fit
     *     each other; (locked) if another run is writing the output
     */
    public static ScoreReport run(SparkSession session, ScoreConfig config, Phases phases) {
        Scoring scoring = new Scoring(JavaSparkContext.fromSparkContext(session.sparkContext()), config, phases);
        scoring.requireFit();
        scoring.requireOurs();
        try (RunLock lock = RunLock.take(
                scoring.hadoop,
                new Path(scoring.output, LOCK),
                "scoring of " + config.input() + " with " + scoring.model)) {
            return scoring.run(lock);
        }
    }

    /** As the card says; where it does not, as the user does. */
    private ImageDecoder decoder() {
        ModelCard card = model.archive().card();
        Map<String, String> preparation = new TreeMap<>(card.preparation());
        config.preparation().forEach((key, given) -> {
            String known = preparation.putIfAbsent(key, given);
            if (known != null && !known.equals(given)) {
                throw UserError.usage("score.image." + key + " must be '" + known + "', as model " + model
                        + " was trained, but was '" + given + "'; leave it out");
            }
        });
        InputShape input = card.input();
        try {
            return ImageDecoder.as(
                    preparation, new ImageShape(input.channels(), input.height(), input.width()), config.limits());
        } catch (IllegalArgumentException e) {
            throw UserError.usage("model " + model + " does not say how its pictures were prepared: score."
                    + e.getMessage() + "; the manifest of its dataset has the value as prepare.image");
        }
    }

    private Path qualified(String path) {
        try {
            return new Path(path).getFileSystem(hadoop).makeQualified(new Path(path));
        } catch (IOException e) {
            throw new UncheckedIOException("[" + path + "] Cannot reach: " + e.getMessage(), e);
        }
    }

    private void requireFit() {
        Path input = qualified(config.input());
        if ((output + "/").startsWith(input + "/") || (input + "/").startsWith(output + "/")) {
            throw UserError.usage("score.output must be neither inside of score.input nor around it but was ["
                    + config.output() + "] with input [" + config.input() + "]");
        }
        if (!config.embeddingLayer().isEmpty()) {
            List<String> layers = model.archive().classifier().plan().placements().stream()
                    .map(Placement::layer)
                    .toList();
            if (!layers.contains(config.embeddingLayer())) {
                throw UserError.usage("score.embedding-layer must be one of " + layers + " but was '"
                        + config.embeddingLayer() + "'");
            }
        }
        if (kind == UnitsKind.DATASET) {
            ImageShape shape =
                    PreparedDataset.open(hadoop, config.input()).manifest().shape();
            InputShape read = model.archive().card().input();
            if (!read.equals(new InputShape(shape.channels(), shape.height(), shape.width()))) {
                throw UserError.badInput("[" + config.input() + "] has pictures of " + shape + " but model " + model
                        + " reads " + read + "; prepare the dataset in the model's shape");
            }
        }
    }

    private void requireOurs() {
        try {
            List<String> foreign = files.foreign(hadoop);
            if (!foreign.isEmpty() && recorded().isEmpty()) {
                throw UserError.usage("[" + config.output() + "] output exists and is of no scoring run: it holds "
                        + foreign.get(0) + "; give another score.output");
            }
        } catch (IOException e) {
            throw failed("look at the output", e);
        }
    }

    private ScoreReport run(RunLock lock) {
        Broadcast<SerializableConfiguration> onExecutors = spark.broadcast(new SerializableConfiguration(hadoop));
        try {
            PictureUnits pictures = phases.run("Counting pictures", progress -> {
                PictureUnits opened = PictureUnits.open(spark, onExecutors, unitsConfig());
                progress.result(String.format(Locale.ROOT, "%,d", count(opened)));
                return opened;
            });
            ScorePlan plan = plan(pictures, lock);
            Optional<ScoreReport> finished = report();
            if (finished.isPresent()) {
                phases.note("[" + config.output() + "] is scored already");
                files.deleteAsides(hadoop);
                return finished.get();
            }
            files.deleteAttempts(hadoop);
            Work work = score(pictures, plan, onExecutors);
            ScoreReport report = describe(plan, onExecutors, work);
            lock.requireHeld();
            at(output).replace(new Path(output, ScoreReport.FILE_NAME), JsonReport.of(report));
            files.deleteAsides(hadoop);
            return report;
        } catch (IOException e) {
            throw FullDisk.under(e, config.output()).orElseThrow(() -> failed("write", e));
        } catch (Throwable e) { // Spark throws checked exceptions that it does not declare
            FullDisk.under(e, config.output()).ifPresent(full -> {
                throw full;
            });
            throw e;
        } finally {
            onExecutors.destroy();
        }
    }

    private UnitsConfig unitsConfig() {
        return new UnitsConfig(
                config.input(),
                kind,
                model.archive().card().classes(),
                config.labels(),
                config.columns(),
                config.split(),
                config.limits().maxBytes(),
                config.unitPictures());
    }

    private static long count(PictureUnits pictures) {
        return pictures.units().stream().mapToLong(PictureUnits.Unit::pictures).sum();
    }

    /** The plan, which is recorded unless it is already; then it must be the same. */
    private ScorePlan plan(PictureUnits pictures, RunLock lock) throws IOException {
        ScorePlan plan = new ScorePlan(settings(pictures), pictures.units());
        Optional<ScorePlan> recorded = recorded();
        if (recorded.isPresent()) {
            plan.requireSame(recorded.get(), config.output());
        } else {
            lock.requireHeld();
            at(output).replace(new Path(output, ScorePlan.FILE_NAME), plan.toJson());
        }
        return plan;
    }

    /** Whatever the answers depend on. */
    private Map<String, String> settings(PictureUnits pictures) {
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("score.input", qualified(config.input()).toString());
        settings.put("score.model", model.toString());
        settings.put("the model's SHA-256", model.sha256());
        settings.put("score.source", kind.label());
        settings.put("score.split", config.split());
        settings.put("score.labels", config.labels().label());
        settings.put("labels are read", String.valueOf(pictures.labelled()));
        settings.put("score.columns.id", config.columns().id());
        settings.put("score.columns.bytes", config.columns().bytes());
        settings.put("score.columns.label", config.columns().label());
        settings.put("score.format", config.format().label());
        settings.put("score.top-k", String.valueOf(config.topK()));
        settings.put("score.probabilities", String.valueOf(config.probabilities()));
        settings.put("score.embedding-layer", config.embeddingLayer());
        settings.put("score.batch-size", String.valueOf(config.batchSize()));
        settings.put("score.unit-pictures", String.valueOf(config.unitPictures()));
        decoder.ifPresent(by -> settings.put("decoding", by.toString()));
        return settings;
    }

    private Optional<ScorePlan> recorded() throws IOException {
        return at(output)
                .read(new Path(output, ScorePlan.FILE_NAME))
                .map(json -> ScorePlan.fromJson(json, config.output()));
    }

    private Optional<ScoreReport> report() throws IOException {
        Optional<byte[]> json = at(output).read(new Path(output, ScoreReport.FILE_NAME));
        return json.isEmpty() ? Optional.empty() : Optional.of(ScoreReport.fromJson(json.get()));
    }

    private AtomicFiles at(Path path) throws IOException {
        return AtomicFiles.at(hadoop, path);
    }

    /** How many pictures this run has scored, and how long that took. */
    private record Work(long pictures, double seconds) {
        double picturesPerSecond() {
            return seconds == 0 ? 0 : pictures / seconds;
        }
    }

    /** Scores the units that have no file yet. */
    private Work score(PictureUnits pictures, ScorePlan plan, Broadcast<SerializableConfiguration> onExecutors)
            throws IOException {
        Set<Integer> finished = files.finished(hadoop, plan.units().size());
        List<Integer> missing = IntStream.range(0, plan.units().size())
                .filter(number -> !finished.contains(number))
                .boxed()
                .toList();
        if (missing.isEmpty()) {
            return new Work(0, 0);
        }
        if (!finished.isEmpty()) {
            phases.note(String.format(
                    Locale.ROOT,
                    "Going on: %,d of %,d units are scored already",
                    finished.size(),
                    plan.units().size()));
        }
        int[] numbers = missing.stream().mapToInt(number -> number).toArray();
        long[] expected = missing.stream()
                .mapToLong(number -> plan.units().get(number).pictures())
                .toArray();
        long total = Arrays.stream(expected).sum();
        Scorer scorer = scorer();
        long start = System.nanoTime();
        try (ScoredPictures scored = new ScoredPictures(spark.sc())) {
            UnitTask task = new UnitTask(
                    onExecutors, scorer, files, columns(), thumbnail(), numbers, expected, scored.counter());
            phases.run("Scoring pictures", progress -> {
                JavaFutureAction<Void> job = pictures.read(spark, missing, tasks(numbers.length, total))
                        .foreachPartitionAsync(task);
                await(job, () -> {
                    long done = Math.min(scored.count(), total);
                    progress.at(done, total, rate(done, start));
                });
                progress.result(rate(total, start));
                return null;
            });
        } finally {
            scorer.destroy();
        }
        return new Work(total, (System.nanoTime() - start) / 1e9);
    }

    /** As many as units where executors come with the tasks; else fewer, so that the network need not wait between small units. */
    private int tasks(int units, long pictures) {
        OptionalInt slots = TaskSlots.present(spark.sc());
        if (slots.isEmpty()) {
            return units;
        }
        long tasks = Math.max(quotient(units, UNITS_PER_TASK), quotient(pictures, config.unitPictures()));
        return (int) Math.min(units, Math.max(tasks, (long) TASKS_PER_SLOT * slots.getAsInt()));
    }

    /** Rounded up. */
    private static long quotient(long dividend, long divisor) {
        return (dividend + divisor - 1) / divisor;
    }

    private static String rate(long pictures, long start) {
        return String.format(
                Locale.ROOT, "%,d pictures, %,.0f/s", pictures, pictures / ((System.nanoTime() - start) / 1e9));
    }

    private static void await(JavaFutureAction<?> job, Runnable progress) {
        try {
            while (!isDoneWithin(PROGRESS_MILLIS, job)) {
                progress.run();
            }
        } catch (InterruptedException e) {
            job.cancel(true);
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while pictures were scored", e);
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause().getMessage(), e.getCause());
        }
    }

    private static boolean isDoneWithin(long milliseconds, JavaFutureAction<?> job)
            throws InterruptedException, ExecutionException {
        try {
            job.get(milliseconds, TimeUnit.MILLISECONDS);
            return true;
        } catch (TimeoutException e) {
            return false;
        }
    }

    private Scorer scorer() {
        Scorer ofPixels = Scorer.of(spark, model.archive(), config.batchSize());
        Scorer scorer = decoder.map(ofPixels::decoding).orElse(ofPixels);
        return config.embeddingLayer().isEmpty() ? scorer : scorer.embedding(config.embeddingLayer());
    }

    private AnswerRow.Columns columns() {
        return new AnswerRow.Columns(
                model.archive().card().classes(),
                config.topK(),
                config.probabilities(),
                !config.embeddingLayer().isEmpty(),
                model.name(),
                model.version());
    }

    private Thumbnail thumbnail() {
        InputShape input = model.archive().card().input();
        return Thumbnail.of(new ImageShape(input.channels(), input.height(), input.width()));
    }

    /** Counts the rows in the files and adds the summaries up. */
    private ScoreReport describe(ScorePlan plan, Broadcast<SerializableConfiguration> onExecutors, Work work)
            throws IOException {
        int classes = model.archive().card().classes().size();
        UnitSummary whole = new UnitSummary(classes);
        List<ScoreReport.File> written = phases.run("Checking the answers", progress -> {
            List<Integer> units =
                    IntStream.range(0, plan.units().size()).boxed().toList();
            OutputFiles there = files;
            int tasks = (int) Math.min(quotient(units.size(), SUMMED_UNITS), SUMMING_TASKS);
            List<Described> parts = spark.parallelize(units, tasks)
                    .mapPartitions(some ->
                            Described.of(some, there, onExecutors.value().value(), classes))
                    .collect();
            parts.forEach(part -> whole.add(part.summary()));
            return parts.stream().flatMap(part -> part.files().stream()).toList();
        });
        for (int unit = 0; unit < written.size(); unit++) {
            requireRows(written.get(unit), plan.units().get(unit).pictures());
        }
        List<String> names = model.archive().card().classes();
        boolean sheet = !whole.wrong().isEmpty();
        if (sheet) {
            at(output).replace(new Path(output, SHEET), sheet(whole, names));
        }
        return new ScoreReport(
                ScoreReport.FORMAT_VERSION,
                config.input(),
                output.toString(),
                model.toString(),
                model.sha256(),
                plan.settings(),
                plan.pictures(),
                written.stream().mapToLong(ScoreReport.File::rows).sum(),
                whole.errors(),
                whole.labelled(),
                whole.labelled() == 0 ? null : whole.tally().metrics(names),
                sheet ? SHEET : null,
                written,
                work.pictures(),
                work.picturesPerSecond(),
                phases.seconds(),
                Instant.now().toString(),
                Map.of(
                        "convoy", ConvoyVersion.current(),
                        "java", Runtime.version().toString(),
                        "spark", spark.version()));
    }

    private void requireRows(ScoreReport.File file, long pictures) {
        if (file.rows() != pictures) {
            throw UserError.badInput("[" + new Path(output, file.name()) + "] has " + file.rows()
                    + " rows but its unit " + pictures + " pictures; delete the file and run again");
        }
    }

    private byte[] sheet(UnitSummary whole, List<String> names) {
        List<ContactSheet.Row> rows = whole.wrong().stream()
                .sorted(WrongPicture.SUREST_FIRST)
                .map(wrong -> new ContactSheet.Row(
                        names.get(wrong.predicted()) + ", not " + names.get(wrong.label()),
                        String.format(Locale.ROOT, "%.2f %% %s", 100 * wrong.probability(), wrong.id()),
                        List.of(wrong.thumbnail())))
                .toList();
        return new ContactSheet(thumbnail().shape(), 1)
                .png(model.toString(), "surest mistakes on " + config.input(), rows, "");
    }

    private UncheckedIOException failed(String what, IOException e) {
        return new UncheckedIOException("[" + config.output() + "] Cannot " + what + ": " + e.getMessage(), e);
    }
}
