package org.convoy.train;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.convoy.cli.TaskGpu;
import org.convoy.cli.TaskSlots;
import org.convoy.data.ImageShape;
import org.convoy.data.Manifest;
import org.convoy.data.PictureSums;
import org.convoy.data.PreparedDataset;
import org.convoy.data.Sha256;
import org.convoy.data.Split;
import org.convoy.data.Statistics;
import org.convoy.evaluate.Evaluator;
import org.convoy.evaluate.Metrics;
import org.convoy.model.InputShape;
import org.convoy.model.ModelArchive;
import org.convoy.model.ModelCard;
import org.convoy.model.NetworkMemory;
import org.convoy.model.NetworkSpec;
import org.convoy.model.Normalisation;
import org.convoy.model.NormalisationCard;
import org.convoy.model.Optimiser;
import org.convoy.model.PixelStatistics;
import org.convoy.model.Schedule;
import org.convoy.model.StockDl4j;
import org.convoy.model.Topology;
import org.convoy.model.augment.Augmentation;
import org.convoy.model.augment.TestTimeAugmentation;
import org.convoy.report.JsonReport;
import org.convoy.repository.ModelRepository;
import org.convoy.runtime.ConvoyVersion;
import org.convoy.runtime.Phases;
import org.convoy.runtime.RunLock;
import org.convoy.runtime.UserError;

/** The training job: dataset in, model version out. */
public final class Training {
    /** What suits Spark for rounds, whose vectors are all that travels. */
    public static final Map<String, String> SPARK_DEFAULTS = Map.of(
            // Float32 parameters hardly compress.
            "spark.shuffle.compress", "false",
            "spark.broadcast.compress", "false",
            // A checksum of each slice would be read only to say what broke a file that cannot be read.
            "spark.shuffle.checksum.enabled", "false",
            // What is larger than half a region G1 keeps apart, and marks the whole heap for it: slices should be
            // smaller.
            "spark.executor.defaultJavaOptions", "-XX:G1HeapRegionSize=32m",
            // Slices go into one file at once, instead of one file each that are then copied together.
            "spark.shuffle.sort.bypassMergeThreshold", "1",
            // A worker whose blocks lie with another one, since an executor was lost, computes elsewhere rather than
            // after it.
            "spark.locality.wait", "0");

    /**
     * Keys of sections train, model and architecture that may change when an unfinished training is taken up. Not among them is what has
     * decided numbers that the checkpoint holds: class-weights, parameter-average-decay, and early-stopping.metric, which has
     * chosen the best epoch so far.
     */
    private static final Set<String> MAY_CHANGE = Set.of(
            "train.dataset", // its digest counts
            "train.workers", // K counts
            "train.epochs", // more of them go on where fewer ended, unless a schedule depends on them
            "train.optimiser.learning-rate", // a smaller one is the way out of a divergence
            "train.divergence-retries", // says what follows a divergence; the rate after those so far is in the
            // checkpoint
            "train.divergence-rate-factor", // likewise
            "train.early-stopping.patience-epochs", // says only when training ends, as train.epochs does
            "train.early-stopping.minimum-change", // likewise
            "architecture.file", // its content counts
            "gpu.when-unusable", // another machine computes the same, but for rounding
            "cluster.executor-wait-seconds",
            "train.checkpoint-every-rounds");

    private final JavaSparkContext spark;
    private final TrainConfig config;
    private final Phases phases;
    private final Configuration hadoop;
    private final PreparedDataset dataset;
    private final ModelRepository repository;
    private final Optional<Parent> parent;
    private final NetworkSpec spec;
    private final Augmentation augmentation;
    private final EpochPlan plan;
    private final Checkpoints checkpoints;
    private final Map<String, String> identity;
    /** What the rounds read: the dataset and the whole network, or features and the head. */
    private Reading read;

    /**
     * What is trained from what.
     *
     * @param dataset of pictures, or of features
     * @param spec of the network that reads them; its trained parameters are the same
     */
    private record Reading(PreparedDataset dataset, NetworkSpec spec) {}

    /** Opens and checks everything that can be wrong before the first example is read. */
    private Training(SparkSession session, TrainConfig config, Phases phases) {
        this.spark = JavaSparkContext.fromSparkContext(session.sparkContext());
        this.config = config;
        this.phases = phases;
        this.hadoop = spark.hadoopConfiguration();
        this.dataset = PreparedDataset.open(hadoop, config.dataset());
        this.repository = ModelRepository.at(hadoop, config.modelsDirectory());
        this.parent = Parent.of(config.transfer(), config.modelName(), repository, hadoop);
        this.spec = spec();
        requireLayersOfRates();
        requireChainForDl4jSpark();
        this.augmentation = augmentation();
        requireValidationForEarlyStopping();
        this.plan = plan();
        this.checkpoints = Checkpoints.at(hadoop, repository.checkpoints(config.modelName()));
        this.identity = identity();
        this.read = new Reading(dataset, spec);
    }

    /**
     * Trains, validates after each epoch, and writes the best epoch's parameters as a new version. The first version of a
     * model is published at once, later ones wait for {@code models publish}. A training that was stopped before goes on
     * from its newest checkpoint; so does one that diverges, with a smaller learning rate, as often as the configuration
     * allows.
     *
     * @throws org.convoy.runtime.UserError if the dataset, the network and the cluster do not fit together, or if the training
     *     that was stopped differs from this one; (locked) if another run makes a version of the model
     */
    public static TrainReport run(SparkSession session, TrainConfig config, Phases phases) {
        Training training = new Training(session, config, phases);
        training.repository.prepareFor(config.modelName());
        try (RunLock lock = training.repository.lock(config.modelName(), "training")) {
            boolean first = training.repository.current(config.modelName()).isEmpty();
            TrainReport report = training.run(first);
            if (first) {
                lock.requireHeld();
                training.repository.publish(config.modelName(), report.version(), "first version");
            }
            return report;
        }
    }

    /**
     * What this training would take, computed and not tried.
     *
     * @throws org.convoy.runtime.UserError as {@link #run}
     */
    public static TrainingNeeds needs(SparkSession session, TrainConfig config, Phases phases) {
        return new Training(session, config, phases).needs();
    }

    /**
     * Trains a few of this training's rounds, to measure what they take; keeps nothing of them.
     *
     * @param time about how long to train
     * @throws org.convoy.runtime.UserError as {@link #run}, or if there is less than a batch for each worker
     */
    public static Rehearsal rehearse(
            SparkSession session, TrainConfig config, Duration time, Phases phases, Phases.Progress progress) {
        return new Training(session, config, phases).rehearse(time, progress);
    }

    private TrainingNeeds needs() {
        ExampleOrder order = ExampleOrder.of(plan, spec.input().size());
        long shard = (long) plan.rows(0) * spec.input().size();
        long batch = (long) plan.batchSize() * spec.input().size();
        NetworkMemory memory = spec.memory(plan.batchSize());
        long frozen = (long) Float.BYTES * spec.frozenParameters();
        boolean stateTravels = config.averaging().optimiserState() == OptimiserStatePolicy.AVERAGE;
        return new TrainingNeeds(
                spec.topology().name(),
                memory.parameters() / Float.BYTES,
                plan.workers(),
                plan.batchSize(),
                memory,
                Math.min(shard, order.windowRows() * (long) spec.input().size()) + TrainingNeeds.BATCHES_AHEAD * batch,
                memory.parameters() - frozen + (stateTravels ? memory.optimiserState() : 0));
    }

    private Rehearsal rehearse(Duration time, Phases.Progress progress) {
        if (plan.rows() < (long) plan.workers() * plan.batchSize()) {
            throw UserError.usage("train.batch-size must be at most " + plan.rows() / plan.workers()
                    + ", the training pictures of a worker, for rounds to be tried, but was " + plan.batchSize());
        }
        if (!resumable()) {
            throw UserError.usage("train.master must be convoy for rounds to be tried but was dl4j-spark");
        }
        return Rehearsal.run(spark, dataset, spec, plan, augmentation, config.averaging(), time, progress);
    }

    /**
     * Trains a version that somebody else decides about, who holds the model's lock: as {@link #run}, but nothing is published. A
     * training that has written its version already, and was stopped before anybody heard of it, is not done again.
     *
     * @param after the newest version that is none of this training's
     * @return the version's number
     */
    public static int candidate(SparkSession session, TrainConfig config, int after, Phases phases) {
        Training training = new Training(session, config, phases);
        training.repository.prepareFor(config.modelName());
        Optional<Integer> written = training.repository.versions(config.modelName()).stream()
                .filter(number -> number > after && training.isOf(number))
                .findFirst();
        if (written.isPresent()) {
            training.checkpoints.clear();
            return written.get();
        }
        return training.run(false).version();
    }

    /** Whether a version came out of the same configuration and data, and so is what this training would write. */
    private boolean isOf(int version) {
        ModelCard card = repository.card(config.modelName(), version);
        return card.configuration().equals(config.configuration())
                && card.datasetDigest().equals(dataset.manifestDigest());
    }

    private TrainReport run(boolean published) {
        noteMirroredCharacters();
        parent.ifPresent(from -> phases.note(from.inWords(spec)));
        readFeatures();
        Outcome outcome = trainThroughDivergence();
        stoppedEarly(outcome).ifPresent(reason -> phases.note("Stopped early " + reason));
        TrainReport report = phases.run("Writing the model", progress -> write(outcome, published));
        if (resumable()) {
            checkpoints.clear();
        }
        return report;
    }

    /** Where only the head is trained, from what the layers below it make of the pictures, which is always the same. */
    private void readFeatures() {
        Optional<NetworkSpec> head =
                config.transfer().features().equals(Transfer.NOWHERE) ? Optional.empty() : spec.head();
        if (head.isEmpty()) {
            return;
        }
        if (!augmentation.isEmpty()) {
            phases.note("Features are not cached: train.augmentation makes others in each epoch");
            return;
        }
        String in = config.transfer().features();
        FeatureCache cache = new FeatureCache(
                spark,
                in.equals(Transfer.BESIDE_THE_MODEL) ? repository.features(config.modelName()) : new Path(in),
                dataset,
                spec,
                head.get(),
                parent.orElseThrow().model().asParent().sha256() + " "
                        + spec.normalisation().label() + " " + config.whiteningEpsilon());
        read = new Reading(cache.open(phases), head.get());
    }

    /** A mirrored cat is a cat, a mirrored letter mostly none. */
    private void noteMirroredCharacters() {
        List<String> classes = dataset.manifest().classes();
        if (config.augmentation().mirrors() && classes.stream().allMatch(name -> name.length() == 1)) {
            phases.note("Pictures are mirrored: if classes " + String.join(", ", classes)
                    + " are characters, take mirror out of train.augmentation");
        }
    }

    private NetworkSpec spec() {
        Manifest manifest = dataset.manifest();
        ImageShape shape = manifest.shape();
        InputShape input = new InputShape(shape.channels(), shape.height(), shape.width());
        Topology topology = parent.<Topology>map(from -> from.topology(config.transfer(), input, manifest.classes()))
                .orElseGet(() -> new Topology.Drawn(config.architecture()));
        try {
            return new NetworkSpec(
                    topology,
                    input,
                    manifest.classes().size(),
                    parent.flatMap(from -> from.model().normalisation())
                            .orElseGet(() ->
                                    Normalisation.of(config.normalisation(), statistics(), config.whiteningEpsilon())),
                    config.optimiser(),
                    classWeights(),
                    config.seed());
        } catch (IllegalArgumentException e) {
            if (!config.architectureFile().isEmpty()) {
                throw UserError.usage("[" + config.architectureFile() + "] " + e.getMessage());
            }
            throw UserError.badInput("[" + config.dataset() + "] does not fit the network: " + e.getMessage(), e);
        }
    }

    private void requireLayersOfRates() {
        try {
            spec.requireLayersOfRates();
        } catch (IllegalArgumentException e) {
            throw UserError.usage(e.getMessage());
        }
    }

    private void requireChainForDl4jSpark() {
        if (config.master() == TrainConfig.Master.DL4J_SPARK && !StockDl4j.isChain(spec)) {
            throw UserError.usage("train.master must be convoy for "
                    + spec.topology().name() + ", whose layers form a graph, but was dl4j-spark");
        }
    }

    /** Where examples have weights of their own, classes have some too, be it ones: the loss asks for them. */
    private List<Double> classWeights() {
        Manifest manifest = dataset.manifest();
        List<Double> given =
                config.classWeights().of(manifest.split(Split.TRAIN).rowsPerClass());
        return given.isEmpty() && manifest.weighted()
                ? Collections.nCopies(manifest.classes().size(), 1.0)
                : given;
    }

    /** Reads what the normalisation is made of, and no more. */
    private PixelStatistics statistics() {
        Manifest manifest = dataset.manifest();
        boolean whole = !Normalisation.ofChannels(config.normalisation());
        Statistics known = whole ? manifest.statistics() : Statistics.CHANNELS;
        Optional<PictureSums> sums =
                known == Statistics.CHANNELS ? Optional.empty() : Optional.of(PictureSums.read(hadoop, dataset));
        long pictures = manifest.split(Split.TRAIN).rows();
        return new PixelStatistics(
                manifest.mean(),
                manifest.standardDeviation(),
                sums.map(all -> all.mean(pictures)),
                sums.filter(all -> known == Statistics.COVARIANCE).map(all -> all.covariance(pictures)));
    }

    private Augmentation augmentation() {
        try {
            config.augmentation().requireFits(spec.input());
            return config.augmentation()
                    .knowing(dataset.manifest().trainPixels().covariance());
        } catch (IllegalArgumentException e) {
            throw UserError.usage(e.getMessage());
        }
    }

    private void requireValidationForEarlyStopping() {
        int patience = config.earlyStopping().patienceEpochs();
        if (patience > 0 && !validates()) {
            throw UserError.usage(
                    "train.early-stopping.patience-epochs must be 0 for a dataset without validation split but was "
                            + patience);
        }
    }

    private boolean validates() {
        return dataset.manifest().split(Split.VALIDATION).rows() > 0;
    }

    private EpochPlan plan() {
        Manifest.SplitContent train = dataset.manifest().split(Split.TRAIN);
        int workers = TaskSlots.await(spark.sc(), config.workers(), config.executorWait());
        TaskGpu.announce(spark, workers, phases);
        if (workers > train.rows()) {
            throw UserError.usage(
                    "train.workers must be at most the training pictures (" + train.rows() + ") but was " + workers);
        }
        return new EpochPlan(
                train.rows(),
                config.oversampled() ? Oversampling.balanced(train.rowsPerClass()) : Oversampling.none(train.rows()),
                config.epochs(),
                workers,
                config.batchSize(),
                config.averagingPeriod(),
                config.seed());
    }

    private Outcome trainThroughDivergence() {
        Optional<Checkpoint> from = newestCheckpoint();
        Outcome outcome = from.map(Checkpoint::outcome).orElse(Outcome.none());
        from.ifPresent(checkpoint -> phases.note(String.format(
                "Resuming an unfinished training after epoch %d, round %d",
                checkpoint.epoch(), checkpoint.rounds().size())));
        while (true) {
            try {
                return trainEpochs(from, outcome);
            } catch (Diverged diverged) {
                double rate = config.optimiser().learningRate() * outcome.rateFactor();
                List<Rollback> rollbacks = new ArrayList<>(outcome.figures().rollbacks());
                if (rollbacks.size() >= config.divergence().retries()) {
                    throw diverged.asUserError(rate);
                }
                from = checkpointToGoBackTo(rollbacks);
                rollbacks.add(rollback(diverged, from, outcome.rateFactor()));
                outcome = from.map(Checkpoint::outcome).orElse(Outcome.none()).with(rollbacks);
                phases.note("Training " + rollbacks.get(rollbacks.size() - 1).sentence());
            }
        }
    }

    /**
     * The newest one. If training has gone back to it before and got no further, it may hold the harm already, because a round's
     * loss is measured before its steps: then the one before it.
     */
    private Optional<Checkpoint> checkpointToGoBackTo(List<Rollback> rollbacks) {
        Optional<Checkpoint> newest = newestCheckpoint();
        boolean triedBefore = !rollbacks.isEmpty()
                && newest.filter(rollbacks.get(rollbacks.size() - 1)::wentTo).isPresent();
        if (triedBefore) {
            checkpoints.discardNewestOfSeveral();
            return newestCheckpoint();
        }
        return newest;
    }

    private Optional<Checkpoint> newestCheckpoint() {
        return resumable() ? checkpoints.newest(identity) : Optional.empty();
    }

    private Rollback rollback(Diverged diverged, Optional<Checkpoint> to, double factorBefore) {
        double base = config.optimiser().learningRate();
        double factor = factorBefore * config.divergence().rateFactor();
        return new Rollback(
                diverged.epoch(),
                diverged.round(),
                to.map(Rollback::toEpoch).orElse(1),
                to.map(Rollback::toRound).orElse(1),
                base * factorBefore,
                base * factor,
                factor);
    }

    /**
     * Trains from a checkpoint, or from the start, to the end.
     *
     * @param before of the epochs before the checkpoint, with all rollbacks so far
     */
    private Outcome trainEpochs(Optional<Checkpoint> from, Outcome before) {
        ShardRdd shards = ShardLoader.shards(
                spark, read.dataset(), plan, dataset.manifest().shape().pixels());
        phases.run("Loading shards", shards::load);

        Outcome outcome = before;
        List<RoundReport> done = from.map(Checkpoint::rounds).orElse(List.of());
        try (EpochTrainer trainer =
                trainer(shards.toJavaRDD(), slowed(read.spec(), before), from.map(Checkpoint::state))) {
            for (int epoch = before.figures().epochs().size(); epoch < config.epochs() && !ended(outcome); epoch++) {
                outcome = trainEpoch(epoch, done, trainer, outcome);
                done = List.of();
                if (resumable()) {
                    checkpoints.write(new Checkpoint(identity, epoch + 1, done, trainer.state(), outcome));
                }
            }
            if (config.recomputeBatchNorm()) {
                outcome = withRecomputedBatchNorm(shards.toJavaRDD(), outcome);
            }
        }
        return outcome;
    }

    private Outcome withRecomputedBatchNorm(JavaRDD<Shard> shards, Outcome outcome) {
        Optional<State> recomputed = phases.run(
                "Recomputing batch norm statistics",
                progress -> StatisticsPass.over(shards, read.spec(), plan, outcome.bestState()));
        return recomputed
                .map(state -> outcome.withBest(state, validates() ? validate("Validating with them", state) : null))
                .orElse(outcome);
    }

    private boolean ended(Outcome outcome) {
        return config.earlyStopping().endsAfter(outcome.figures().epochs());
    }

    /** With the learning rate that the rollbacks have left. */
    private NetworkSpec slowed(NetworkSpec network, Outcome outcome) {
        Optimiser optimiser = config.optimiser();
        return network.with(optimiser.withLearningRate(optimiser.learningRate() * outcome.rateFactor()));
    }

    /** DL4J Spark's master has no place between its averagings at which it could be stopped. */
    private boolean resumable() {
        return config.master() == TrainConfig.Master.CONVOY;
    }

    /** What a run must share with the one it takes up. */
    private Map<String, String> identity() {
        Map<String, String> values = new TreeMap<>();
        config.configuration().lines().map(line -> line.split(" = ", 2)).forEach(pair -> {
            if (!MAY_CHANGE.contains(pair[0]) && !pair[0].startsWith("models.")) {
                values.put(pair[0], pair[1]);
            }
        });
        if (!(config.optimiser().schedule() instanceof Schedule.Constant)
                || !(config.averagingPeriod() instanceof AveragingPeriod.Fixed)) {
            values.put("train.epochs", Integer.toString(config.epochs()));
        }
        if (!config.architecture().description().isEmpty()) {
            byte[] description = config.architecture().description().getBytes(StandardCharsets.UTF_8);
            values.put("the digest of the network's description", Sha256.hex(Sha256.of(description)));
        }
        values.put("the dataset's digest", dataset.manifestDigest());
        parent.ifPresent(from ->
                values.put("the parent's digest", from.model().asParent().sha256()));
        values.put("K", Integer.toString(plan.workers()));
        return values;
    }

    private EpochTrainer trainer(JavaRDD<Shard> shards, NetworkSpec slowed, Optional<State> start) {
        return switch (config.master()) {
            case CONVOY -> new AveragingLoop(spark, shards, slowed, plan, augmentation, config.averaging(), start);
            case DL4J_SPARK ->
                new Dl4jSparkTraining(
                        spark, shards, slowed, plan, config.averaging().optimiserState());
        };
    }

    private Outcome trainEpoch(int epoch, List<RoundReport> done, EpochTrainer trainer, Outcome before) {
        String ofAll = (epoch + 1) + " of " + config.epochs();
        EpochTrainer.AfterRound checkpointing = (rounds, reached) -> {
            if (rounds.size() % config.checkpointEveryRounds() == 0) {
                checkpoints.write(new Checkpoint(identity, epoch, rounds, reached, before));
            }
        };
        long start = System.nanoTime();
        EpochTrainer.Epoch trained =
                phases.run("Training epoch " + ofAll, progress -> trainer.train(epoch, done, checkpointing, progress));
        double seconds = done.stream().mapToDouble(RoundReport::seconds).sum() + (System.nanoTime() - start) / 1e9;
        if (!Double.isFinite(trained.loss())) {
            throw UserError.failed("the loss is " + trained.loss() + " in epoch " + (epoch + 1)
                    + ": training diverged; lower train.optimiser.learning-rate (it was "
                    + config.optimiser().learningRate() + ")");
        }

        State reached = trainer.state().averaged();
        ValidationMetric metric = config.earlyStopping().metric();
        Metrics validation = null;
        if (validates()) {
            validation = validate("Validating epoch " + ofAll, reached);
        }
        return before.with(trained, seconds, reached, validation, metric);
    }

    private Metrics validate(String phase, State state) {
        return phases.run(phase, progress -> {
            ModelArchive archive = archive(read.spec(), state, Map.of());
            Metrics metrics =
                    Evaluator.evaluate(spark, read.dataset(), Split.VALIDATION, archive, TestTimeAugmentation.NONE);
            progress.result(String.format(
                    Locale.ROOT, "accuracy %.2f %%, loss %.4f", 100 * metrics.accuracy(), metrics.loss()));
            return metrics;
        });
    }

    private TrainReport write(Outcome outcome, boolean published) {
        Map<String, Double> metrics = new LinkedHashMap<>();
        metrics.put("training-loss", outcome.best().loss());
        if (outcome.figures().bestValidation() != null) {
            metrics.put(
                    "validation-accuracy", outcome.figures().bestValidation().accuracy());
            metrics.put("validation-loss", outcome.figures().bestValidation().loss());
        }
        ModelArchive archive = archive(slowed(spec, outcome), outcome.bestState(), metrics);
        String name = config.modelName();
        AtomicReference<TrainReport> report = new AtomicReference<>();
        repository.add(name, number -> {
            report.set(report(repository.version(name, number), number, published, outcome));
            return Map.of(
                    ModelRepository.ARCHIVE,
                    archive.zip(),
                    ModelArchive.CARD_ENTRY,
                    archive.cardJson(),
                    "report.json",
                    JsonReport.of(report.get()),
                    "report.html",
                    TrainPage.html(report.get()),
                    ModelRepository.DATASET_MANIFEST,
                    dataset.manifest().toJson());
        });
        return report.get();
    }

    private ModelArchive archive(NetworkSpec network, State state, Map<String, Double> metrics) {
        ModelCard card = new ModelCard(
                ModelCard.FORMAT_VERSION,
                spec.topology().name(),
                spec.topology().choices(),
                network.input(),
                dataset.manifest().classes(),
                NormalisationCard.of(network.normalisation()),
                dataset.manifest().preparation(),
                network.frozenParameters() + state.parameterCount(),
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
                parent.map(Parent::version).orElse(0),
                parent.map(from -> List.of(from.model().asParent())).orElse(List.of()));
        return ModelArchive.of(network, state.parameters(), state.optimiserState(), card);
    }

    private TrainReport report(Path directory, int version, boolean published, Outcome outcome) {
        long planned = outcome.figures().epochs().stream()
                .mapToLong(EpochReport::planned)
                .sum();
        long trained = outcome.figures().epochs().stream()
                .mapToLong(EpochReport::trained)
                .sum();
        double seconds = outcome.figures().epochs().stream()
                .mapToDouble(EpochReport::seconds)
                .sum();
        return new TrainReport(
                spark.sc().applicationId(),
                config.modelName(),
                version,
                published,
                new Path(directory, ModelRepository.ARCHIVE).toString(),
                spec.topology().name(),
                spec.frozenParameters() + outcome.bestState().parameterCount(),
                outcome.bestState().parameterCount(),
                plan.workers(),
                planned,
                trained,
                planned - trained,
                outcome.best().epoch(),
                trained / seconds,
                outcome.figures().epochs(),
                outcome.figures().rounds(),
                outcome.figures().bestValidation(),
                course(outcome),
                phases.seconds(),
                config.configuration());
    }

    private TrainReport.Course course(Outcome outcome) {
        return new TrainReport.Course(
                TrainConfig.label(config.earlyStopping().metric()),
                stoppedEarly(outcome).orElse(null),
                outcome.figures().rollbacks());
    }

    private Optional<String> stoppedEarly(Outcome outcome) {
        EarlyStopping rule = config.earlyStopping();
        int epochs = outcome.figures().epochs().size();
        if (epochs == config.epochs() || !ended(outcome)) {
            return Optional.empty();
        }
        return Optional.of(String.format(
                Locale.ROOT,
                "after epoch %d of %d: validation %s has not improved by more than %s for %d epochs",
                epochs,
                config.epochs(),
                TrainConfig.label(rule.metric()),
                rule.minimumChange(),
                rule.patienceEpochs()));
    }
}
