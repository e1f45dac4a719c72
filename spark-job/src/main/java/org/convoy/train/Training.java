package org.convoy.train;

import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.convoy.cli.TaskSlots;
import org.convoy.data.ImageShape;
import org.convoy.data.Manifest;
import org.convoy.data.PreparedDataset;
import org.convoy.data.Split;
import org.convoy.evaluate.Evaluator;
import org.convoy.evaluate.Metrics;
import org.convoy.model.InputShape;
import org.convoy.model.ModelArchive;
import org.convoy.model.ModelCard;
import org.convoy.model.NetworkSpec;
import org.convoy.model.Normalisation;
import org.convoy.model.StockDl4j;
import org.convoy.report.JsonReport;
import org.convoy.repository.ModelRepository;
import org.convoy.runtime.ConvoyVersion;
import org.convoy.runtime.Phases;
import org.convoy.runtime.UserError;

/** The training job: dataset in, model version out. */
public final class Training {
    private final JavaSparkContext spark;
    private final TrainConfig config;
    private final Phases phases;
    private final Configuration hadoop;

    private Training(SparkSession session, TrainConfig config, Phases phases) {
        this.spark = JavaSparkContext.fromSparkContext(session.sparkContext());
        this.config = config;
        this.phases = phases;
        this.hadoop = spark.hadoopConfiguration();
    }

    /**
     * Trains, validates after each epoch, and writes the best epoch's parameters as a new version. The first version of a
     * model is published at once, later ones wait for {@code models publish}.
     *
     * @throws org.convoy.runtime.UserError if the dataset, the network and the cluster do not fit together
     */
    public static TrainReport run(SparkSession session, TrainConfig config, Phases phases) {
        return new Training(session, config, phases).run();
    }

    private TrainReport run() {
        PreparedDataset dataset = PreparedDataset.open(hadoop, config.dataset());
        NetworkSpec spec = spec(dataset);
        ModelRepository repository = ModelRepository.at(hadoop, config.modelsDirectory());
        repository.prepareFor(config.modelName());
        EpochPlan plan = plan(dataset);

        Outcome outcome = trainEpochs(dataset, spec, plan);
        return phases.run("Writing the model", progress -> write(repository, dataset, spec, outcome));
    }

    private NetworkSpec spec(PreparedDataset dataset) {
        Manifest manifest = dataset.manifest();
        ImageShape shape = manifest.shape();
        try {
            return new NetworkSpec(
                    config.architecture(),
                    new InputShape(shape.channels(), shape.height(), shape.width()),
                    manifest.classes().size(),
                    Normalisation.of(config.normalisation(), manifest.mean(), manifest.standardDeviation()),
                    config.optimiser(),
                    config.seed());
        } catch (IllegalArgumentException e) {
            throw UserError.badInput("[" + config.dataset() + "] does not fit the network: " + e.getMessage(), e);
        }
    }

    private EpochPlan plan(PreparedDataset dataset) {
        long examples = dataset.manifest().split(Split.TRAIN).rows();
        int workers = TaskSlots.await(spark.sc(), config.workers(), config.executorWait());
        if (workers > examples) {
            throw UserError.usage(
                    "train.workers must be at most the training pictures (" + examples + ") but was " + workers);
        }
        return new EpochPlan(
                examples, config.epochs(), workers, config.batchSize(), config.averagingPeriodBatches(), config.seed());
    }

    private Outcome trainEpochs(PreparedDataset dataset, NetworkSpec spec, EpochPlan plan) {
        JavaRDD<Shard> shards = ShardLoader.shards(spark, dataset, plan);
        phases.run("Loading shards", progress -> {
            long loaded = shards.map(Shard::size).reduce(Integer::sum);
            progress.result(plan.workers() + " workers, " + loaded + " examples");
            return loaded;
        });

        Outcome outcome = new Outcome(plan);
        try (EpochTrainer trainer = trainer(shards, spec, plan)) {
            for (int epoch = 0; epoch < config.epochs(); epoch++) {
                trainEpoch(epoch, trainer, dataset, spec, outcome);
            }
        }
        return outcome;
    }

    private EpochTrainer trainer(JavaRDD<Shard> shards, NetworkSpec spec, EpochPlan plan) {
        return switch (config.master()) {
            case CONVOY -> new AveragingLoop(spark, shards, spec, plan, config.optimiserState());
            case DL4J_SPARK -> new Dl4jSparkTraining(spark, shards, spec, plan, config.optimiserState());
        };
    }

    private void trainEpoch(
            int epoch, EpochTrainer trainer, PreparedDataset dataset, NetworkSpec spec, Outcome outcome) {
        String ofAll = (epoch + 1) + " of " + config.epochs();
        long start = System.nanoTime();
        EpochTrainer.Epoch trained = phases.run("Training epoch " + ofAll, progress -> trainer.train(epoch, progress));
        double seconds = (System.nanoTime() - start) / 1e9;
        if (!Double.isFinite(trained.loss())) {
            throw UserError.failed("the loss is " + trained.loss() + " in epoch " + (epoch + 1)
                    + ": training diverged; lower train.optimiser.learning-rate (it was "
                    + config.optimiser().learningRate() + ")");
        }

        State reached = trainer.state();
        Metrics validation = null;
        if (dataset.manifest().split(Split.VALIDATION).rows() > 0) {
            validation = phases.run("Validating epoch " + ofAll, progress -> {
                ModelArchive archive = archive(spec, dataset, reached, Map.of());
                Metrics metrics = Evaluator.evaluate(spark, dataset, Split.VALIDATION, archive);
                progress.result(String.format(
                        Locale.ROOT, "accuracy %.2f %%, loss %.4f", 100 * metrics.accuracy(), metrics.loss()));
                return metrics;
            });
        }
        outcome.add(trained, seconds, reached, validation);
    }

    private TrainReport write(ModelRepository repository, PreparedDataset dataset, NetworkSpec spec, Outcome outcome) {
        Map<String, Double> metrics = new LinkedHashMap<>();
        metrics.put("training-loss", outcome.best().loss());
        if (outcome.bestValidation != null) {
            metrics.put("validation-accuracy", outcome.bestValidation.accuracy());
            metrics.put("validation-loss", outcome.bestValidation.loss());
        }
        ModelArchive archive = archive(spec, dataset, outcome.bestState, metrics);
        String name = config.modelName();
        boolean first = repository.current(name).isEmpty();
        AtomicReference<TrainReport> report = new AtomicReference<>();
        int version = repository.add(name, number -> {
            report.set(report(repository.version(name, number), number, first, spec, outcome));
            return Map.of(
                    ModelRepository.ARCHIVE,
                    archive.zip(),
                    ModelArchive.CARD_ENTRY,
                    archive.cardJson(),
                    "report.json",
                    JsonReport.of(report.get()),
                    "report.html",
                    TrainPage.html(report.get()));
        });
        if (first) {
            repository.publish(name, version, "first version");
        }
        return report.get();
    }

    private ModelArchive archive(NetworkSpec spec, PreparedDataset dataset, State state, Map<String, Double> metrics) {
        ModelCard card = new ModelCard(
                ModelCard.FORMAT_VERSION,
                spec.architecture().label(),
                spec.input(),
                dataset.manifest().classes(),
                spec.normalisation(),
                state.parameterCount(),
                dataset.manifestDigest(),
                config.configuration(),
                metrics,
                spec.seed(),
                Instant.now().toString(),
                Map.of(
                        "convoy", ConvoyVersion.current(),
                        "java", Runtime.version().toString(),
                        "spark", spark.version(),
                        "dl4j", StockDl4j.version()),
                ConvoyVersion.revision(),
                0);
        return ModelArchive.of(spec, state.parameters(), state.optimiserState(), card);
    }

    private TrainReport report(Path directory, int version, boolean published, NetworkSpec spec, Outcome outcome) {
        long planned = outcome.epochs.stream().mapToLong(EpochReport::planned).sum();
        long trained = outcome.epochs.stream().mapToLong(EpochReport::trained).sum();
        double seconds =
                outcome.epochs.stream().mapToDouble(EpochReport::seconds).sum();
        return new TrainReport(
                config.modelName(),
                version,
                published,
                new Path(directory, ModelRepository.ARCHIVE).toString(),
                spec.architecture().label(),
                outcome.bestState.parameterCount(),
                outcome.plan.workers(),
                planned,
                trained,
                planned - trained,
                outcome.best().epoch(),
                trained / seconds,
                outcome.epochs,
                outcome.rounds,
                outcome.bestValidation,
                phases.seconds(),
                config.configuration());
    }

    /** What the epochs gave so far, and the best of them. */
    private static final class Outcome {
        private final EpochPlan plan;
        private final List<EpochReport> epochs = new ArrayList<>();
        private final List<RoundReport> rounds = new ArrayList<>();
        private int bestEpoch;
        private State bestState;
        private Metrics bestValidation;

        Outcome(EpochPlan plan) {
            this.plan = plan;
        }

        /** Without validation the last epoch counts as the best. */
        void add(EpochTrainer.Epoch trained, double seconds, State reached, Metrics validation) {
            double computing = trained.rounds().stream()
                    .mapToDouble(RoundReport::computeSeconds)
                    .sum();
            epochs.add(new EpochReport(
                    epochs.size() + 1,
                    trained.planned(),
                    trained.trained(),
                    trained.loss(),
                    seconds,
                    trained.rounds().isEmpty() ? Double.NaN : 1 - computing / seconds,
                    validation == null ? Double.NaN : validation.accuracy(),
                    validation == null ? Double.NaN : validation.loss()));
            rounds.addAll(trained.rounds());
            if (bestState == null || validation == null || better(validation, bestValidation)) {
                bestEpoch = epochs.size();
                bestState = reached;
                bestValidation = validation;
            }
        }

        private static boolean better(Metrics a, Metrics b) {
            return a.accuracy() > b.accuracy() || (a.accuracy() == b.accuracy() && a.loss() < b.loss());
        }

        EpochReport best() {
            return epochs.get(bestEpoch - 1);
        }
    }
}
