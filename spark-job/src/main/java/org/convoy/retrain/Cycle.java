package org.convoy.retrain;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.convoy.data.Manifest;
import org.convoy.data.PreparedDataset;
import org.convoy.evaluate.Comparison;
import org.convoy.evaluate.Evaluator;
import org.convoy.evaluate.Metrics;
import org.convoy.model.ModelArchive;
import org.convoy.prepare.EarlierDataset;
import org.convoy.prepare.Existing;
import org.convoy.prepare.Prepare;
import org.convoy.report.JsonReport;
import org.convoy.repository.ModelRepository;
import org.convoy.retrain.Retrain.SetAside;
import org.convoy.retrain.RetrainReport.Candidate;
import org.convoy.retrain.RetrainReport.Outcome;
import org.convoy.retrain.RetrainReport.TakenInput;
import org.convoy.runtime.AtomicFiles;
import org.convoy.runtime.ExitCode;
import org.convoy.runtime.Phases;
import org.convoy.runtime.RunLock;
import org.convoy.runtime.UserError;
import org.convoy.train.Training;

/**
 * One cycle of retraining, from step to step. Each step that is finished is in the {@link Journal}; a step that was cut off finds out
 * what it has done already, so that none is done twice. The hook alone runs again if it was cut off.
 */
final class Cycle {
    private final SparkSession session;
    private final JavaSparkContext spark;
    private final Configuration hadoop;
    private final RetrainConfig config;
    private final Phases phases;
    private final String model;
    private final ModelRepository repository;
    private final Workplace workplace;
    private final Journal journal;

    /**
     * What {@link Step#PREPARE} gives.
     *
     * @param digest of the dataset
     * @param added rows
     */
    private record Prepared(String digest, long added, List<TakenInput> inputs) {}

    /** What {@link Step#TRAIN} gives: candidates. */
    private record Trained(List<Made> made) {}

    /** A candidate's version. */
    private record Made(CandidateKind kind, int version) {}

    /** What {@link Step#EVALUATE} gives. */
    private record Evaluated(List<Figures> candidates) {}

    /**
     * What a candidate does.
     *
     * @param all on every held-out picture
     * @param bytes of its archive
     * @param comparison with the current version; null if there is none
     */
    private record Figures(Made made, Metrics all, long bytes, Comparison comparison) {
        /** On the pictures that it is compared on. */
        Metrics compared() {
            return comparison == null ? all : comparison.candidate();
        }
    }

    /** What {@link Step#JUDGE} gives. */
    private record Judgement(int version, List<Candidate> candidates, List<Gate> gates) {}

    /**
     * What {@link Step#DECIDE} gives.
     *
     * @param at when, ISO-8601
     * @param restored whether the new inputs left the dataset
     */
    private record Decided(String at, boolean restored, List<String> notes) {}

    /** What steps give that only do something. */
    private record Done(List<String> notes) {
        static final Done QUIETLY = new Done(List.of());
    }

    private Cycle(
            SparkSession session, RetrainConfig config, Phases phases, Workplace workplace, Runnable requireHeld) {
        this.session = session;
        this.spark = JavaSparkContext.fromSparkContext(session.sparkContext());
        this.hadoop = spark.hadoopConfiguration();
        this.config = config;
        this.phases = phases;
        this.model = config.modelName();
        this.repository = ModelRepository.at(hadoop, config.modelsDirectory());
        this.workplace = workplace;
        this.journal = Journal.open(hadoop, workplace.journal(), requireHeld);
    }

    /** A cycle for real, under the model's lock. */
    static RetrainReport run(SparkSession session, RetrainConfig config, SetAside setAside, Phases phases) {
        ModelRepository repository =
                ModelRepository.at(session.sparkContext().hadoopConfiguration(), config.modelsDirectory());
        repository.prepareFor(config.modelName());
        try (RunLock lock = repository.lock(config.modelName(), "retraining")) {
            return new Cycle(session, config, phases, Workplace.real(config, repository), lock::requireHeld)
                    .run(setAside);
        }
    }

    /** A cycle up to the decision, aside. It reads alone what others use, so it needs no lock. */
    static RetrainReport rehearse(SparkSession session, RetrainConfig config, SetAside setAside, Phases phases) {
        Configuration hadoop = session.sparkContext().hadoopConfiguration();
        ModelRepository repository = ModelRepository.at(hadoop, config.modelsDirectory());
        Workplace workplace = Workplace.aside(config, repository);
        try {
            FileSystem files = workplace.aside().getFileSystem(hadoop);
            files.mkdirs(workplace.aside());
            files.deleteOnExit(workplace.aside());
            try {
                EarlierDataset.read(hadoop, new Path(config.dataset()))
                        .ifPresent(dataset -> dataset.share(config.dataset(), new Path(workplace.dataset())));
                return new Cycle(session, config, phases, workplace, () -> {}).rehearse(setAside);
            } finally {
                files.delete(workplace.aside(), true);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("[" + workplace.aside() + "] Cannot work there: " + e.getMessage(), e);
        }
    }

    private RetrainReport run(SetAside setAside) {
        if (journal.resumed()) {
            phases.note("Going on with the retraining of " + journal.cycle() + ", which was cut off");
        }
        Found found = find(setAside);
        Prepared prepared = prepare(found);
        if (isNothingNew(found, prepared)) {
            return endWithNothingNew(found, prepared);
        }
        Trained trained = journal.once(Step.TRAIN, Trained.class, () -> train(found));
        Evaluated evaluated = journal.once(Step.EVALUATE, Evaluated.class, () -> evaluate(found, trained));
        Judgement judgement = journal.once(Step.JUDGE, Judgement.class, () -> judge(found, evaluated));
        RetrainReport report = report(found, prepared, judgement);
        journal.once(Step.REPORT, Done.class, () -> writeReport(report));
        Decided decided = journal.once(Step.DECIDE, Decided.class, () -> decide(found, report));
        journal.once(Step.METRICS, Done.class, () -> addMetrics(report, decided.at()));
        Done hooked = journal.once(Step.HOOK, Done.class, () -> hook(report));
        journal.once(Step.REMEMBER, Done.class, () -> remember(found, prepared, decided));
        journal.end();
        return report.with(decided.notes()).with(hooked.notes());
    }

    private RetrainReport rehearse(SetAside setAside) {
        Found found = find(setAside);
        Prepared prepared = prepare(found);
        RetrainReport report = isNothingNew(found, prepared)
                ? nothingNew(found, prepared)
                : report(found, prepared, judge(found, evaluate(found, train(found))));
        return report.with(List.of("This was a dry run: nothing has changed"));
    }

    private Found find(SetAside setAside) {
        try {
            return journal.once(
                    Step.FIND,
                    Found.class,
                    () -> phases.run("Looking for new data", progress -> {
                        Found found = new Found.Search(hadoop, config, repository, workplace).now(setAside);
                        EarlierDataset.read(hadoop, new Path(config.dataset()))
                                .ifPresent(dataset -> dataset.save(before()));
                        progress.result(found.fresh().size() + " new inputs");
                        return found;
                    }));
        } catch (UserError e) {
            journal.end();
            throw e;
        }
    }

    /** The dataset as it was. */
    private Path before() {
        return new Path(journal.attachments(), "before");
    }

    /** The dataset with the new inputs. */
    private Path after() {
        return new Path(journal.attachments(), "after");
    }

    /** Inputs that cannot be used end the cycle, for they will be others when they can. */
    private Prepared prepare(Found found) {
        try {
            return journal.once(Step.PREPARE, Prepared.class, () -> takeIn(found));
        } catch (Throwable e) { // Spark throws checked exceptions that it does not declare
            if (isUsersMistake(e)) {
                EarlierDataset.read(hadoop, before())
                        .ifPresent(dataset -> dataset.restore(
                                workplace.dataset(),
                                PreparedDataset.open(hadoop, workplace.dataset())
                                        .manifest()));
                journal.end();
            }
            throw e;
        }
    }

    private static boolean isUsersMistake(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof UserError error
                    && (error.exitCode() == ExitCode.BAD_INPUT || error.exitCode() == ExitCode.USAGE)) {
                return true;
            }
        }
        return false;
    }

    private Prepared takeIn(Found found) {
        List<TakenInput> inputs = new ArrayList<>();
        for (Input input : found.fresh()) {
            inputs.add(taken(found, input).orElseGet(() -> {
                phases.note("Taking in " + input.path());
                boolean first = EarlierDataset.read(hadoop, new Path(workplace.dataset()))
                        .isEmpty();
                Prepare.run(
                        session,
                        config.prepare(input.path(), workplace.dataset()),
                        first ? Existing.REFUSE : Existing.APPEND,
                        phases);
                return taken(found, input).orElseThrow();
            }));
        }
        PreparedDataset dataset = PreparedDataset.open(hadoop, workplace.dataset());
        requireClassesOfCurrent(found, dataset.manifest());
        EarlierDataset.read(hadoop, new Path(workplace.dataset())).orElseThrow().save(after());
        return new Prepared(
                dataset.manifestDigest(), dataset.manifest().counts().written() - found.rows(), inputs);
    }

    /** What became of an input, if the dataset was given it since the cycle began. */
    private Optional<TakenInput> taken(Found found, Input input) {
        return EarlierDataset.read(hadoop, new Path(workplace.dataset()))
                .flatMap(dataset -> DatasetRuns.of(hadoop, dataset.manifest()).stream()
                        .skip(found.runs())
                        .filter(run -> run.path().equals(input.path()))
                        .findFirst());
    }

    /** A dataset that is another one than before may have other classes, too. */
    private void requireClassesOfCurrent(Found found, Manifest manifest) {
        if (found.current() == 0 || config.anyClasses()) {
            return;
        }
        List<String> known = repository.card(model, found.current()).classes();
        if (!known.equals(manifest.classes())) {
            throw UserError.badInput("[" + config.dataset() + "] has classes " + manifest.classes() + " but " + model
                    + "@" + found.current() + " knows " + known
                    + "; let classes come and go with retrain.appended-classes = any");
        }
    }

    /** Also where all that came was there already. */
    private static boolean isNothingNew(Found found, Prepared prepared) {
        return found.isJudged() && prepared.added() == 0;
    }

    private RetrainReport endWithNothingNew(Found found, Prepared prepared) {
        Ledger ledger = Ledger.read(hadoop, workplace.ledger());
        ledger.taking(found.inDataset(), prepared.digest()).write(hadoop, workplace.ledger());
        RetrainReport report = nothingNew(found, prepared);
        addMetrics(report, journal.cycle());
        journal.end();
        return report;
    }

    private RetrainReport nothingNew(Found found, Prepared prepared) {
        String stays =
                found.current() == 0 ? "no version is current" : model + "@" + found.current() + " stays current";
        return new RetrainReport(
                journal.cycle(),
                model,
                Outcome.NOTHING_NEW,
                found.current(),
                0,
                "Nothing new in " + config.input() + ": " + stays,
                config.dataset(),
                prepared.digest(),
                prepared.inputs(),
                List.of(),
                List.of(),
                found.notes(),
                phases.seconds(),
                config.configuration());
    }

    private Trained train(Found found) {
        List<Made> made = new ArrayList<>();
        List<CandidateKind> kinds = found.current() == 0 ? List.of(CandidateKind.FROM_SCRATCH) : config.candidates();
        for (CandidateKind kind : kinds) {
            phases.note("Training a candidate, " + kind.label());
            made.add(new Made(
                    kind,
                    Training.candidate(
                            session,
                            config.train(
                                    kind,
                                    workplace.dataset(),
                                    workplace.models(),
                                    workplace.parent(repository, model, found.current())),
                            found.newest(),
                            phases)));
        }
        return new Trained(made);
    }

    private Evaluated evaluate(Found found, Trained trained) {
        PreparedDataset dataset = PreparedDataset.open(hadoop, workplace.dataset());
        if (dataset.manifest().split(config.heldOut()).rows() == 0) {
            throw UserError.badInput("[" + config.dataset() + "] has no pictures in its "
                    + config.heldOut().label() + " split to compare models on; choose another with evaluate.split");
        }
        return new Evaluated(trained.made().stream()
                .map(made -> figures(found, made, dataset))
                .toList());
    }

    private Figures figures(Found found, Made made, PreparedDataset dataset) {
        ModelArchive candidate = workplace.candidates(hadoop).archive(model, made.version());
        long bytes = candidate.zip().length;
        String on = " on " + config.heldOut().label();
        if (found.current() == 0) {
            Metrics metrics = phases.run("Judging the candidate" + on, progress -> {
                Metrics figures = Evaluator.evaluate(spark, dataset, config.heldOut(), candidate, config.views());
                progress.result(String.format(Locale.ROOT, "accuracy %.2f %%", 100 * figures.accuracy()));
                return figures;
            });
            return new Figures(made, metrics, bytes, null);
        }
        ModelArchive current = repository.archive(model, found.current());
        long knownRows = learned(found)
                .map(manifest -> knownRows(manifest, dataset.manifest()))
                .orElse(0L);
        Comparison comparison = phases.run("Comparing both models" + on, progress -> {
            Comparison both =
                    Evaluator.compare(spark, dataset, config.heldOut(), knownRows, current, candidate, config.views());
            progress.result(String.format(
                    Locale.ROOT,
                    "accuracy %.2f %%, current %.2f %%",
                    100 * both.candidate().accuracy(),
                    100 * both.current().accuracy()));
            return both;
        });
        return new Figures(made, comparison.candidateOnAll(), bytes, comparison);
    }

    /** Held-out rows that were there before: the first ones, unless the dataset does not go back to what it was. */
    private long knownRows(Manifest before, Manifest now) {
        List<Manifest.DataFile> old = before.split(config.heldOut()).files();
        List<Manifest.DataFile> files = now.split(config.heldOut()).files();
        boolean goesBack = old.size() <= files.size();
        for (int i = 0; goesBack && i < old.size(); i++) {
            goesBack = old.get(i).digest().equals(files.get(i).digest());
        }
        return goesBack ? before.split(config.heldOut()).rows() : 0;
    }

    /** What the current version was trained on: its own record, or the dataset as it was if that is the one that its card names. */
    private Optional<Manifest> learned(Found found) {
        if (found.current() == 0) {
            return Optional.empty();
        }
        Path record = new Path(repository.version(model, found.current()), ModelRepository.DATASET_MANIFEST);
        String digest = repository.card(model, found.current()).datasetDigest();
        try {
            return AtomicFiles.at(hadoop, record)
                    .read(record)
                    .map(Manifest::fromJson)
                    .or(() -> EarlierDataset.read(hadoop, before())
                            .filter(dataset -> dataset.digest().equals(digest))
                            .map(EarlierDataset::manifest));
        } catch (IOException e) {
            throw new UncheckedIOException("[" + record + "] Cannot read: " + e.getMessage(), e);
        }
    }

    private Judgement judge(Found found, Evaluated evaluated) {
        GateMetric metric = config.gates().metric();
        Figures best = evaluated.candidates().stream()
                .max(Comparator.comparingDouble((Figures figures) -> metric.of(figures.compared()))
                        .thenComparingDouble(figures -> -figures.compared().loss()))
                .orElseThrow();
        Gates.Case of = new Gates.Case(
                best.all(),
                best.bytes(),
                Optional.ofNullable(best.comparison()),
                found.current() == 0
                        ? 0
                        : repository.archive(model, found.current()).zip().length,
                learned(found),
                PreparedDataset.open(hadoop, workplace.dataset()).manifest());
        return new Judgement(
                best.made().version(),
                evaluated.candidates().stream()
                        .map(figures -> new Candidate(
                                figures.made().kind().label(), figures.made().version(), metric.of(figures.compared())))
                        .toList(),
                Gates.judge(config.gates(), config.seed(), of));
    }

    private RetrainReport report(Found found, Prepared prepared, Judgement judgement) {
        List<String> failed = RetrainReport.failed(judgement.gates());
        Outcome outcome = failed.isEmpty() ? Outcome.PUBLISHED : Outcome.KEPT_BACK;
        return new RetrainReport(
                journal.cycle(),
                model,
                outcome,
                found.current(),
                judgement.version(),
                why(found, judgement, failed),
                config.dataset(),
                prepared.digest(),
                prepared.inputs(),
                judgement.candidates(),
                judgement.gates(),
                found.notes(),
                phases.seconds(),
                config.configuration());
    }

    private String why(Found found, Judgement judgement, List<String> failed) {
        String candidate = workplace.isReal() ? model + "@" + judgement.version() + " is " : "The candidate would be ";
        Gate metric = judgement.gates().get(0);
        if (!failed.isEmpty()) {
            return candidate + "kept back, for it fails " + String.join(", ", failed)
                    + (found.current() == 0 ? "" : "; " + model + "@" + found.current() + " stays current");
        }
        return candidate + "published: "
                + (metric.current() == null
                        ? "there was no current version"
                        : String.format(
                                Locale.ROOT,
                                "%s %.4f after %.4f of %s@%d",
                                metric.name(),
                                metric.candidate(),
                                metric.current(),
                                model,
                                found.current()));
    }

    private Done writeReport(RetrainReport report) {
        repository.addFile(model, report.version(), RetrainReport.FILE_NAME, JsonReport.of(report));
        return Done.QUIETLY;
    }

    /** What spoilt a candidate must not spoil the next ones: new inputs leave the dataset with the one that is kept back. */
    private Decided decide(Found found, RetrainReport report) {
        if (report.outcome() == Outcome.PUBLISHED) {
            repository.publish(model, report.version(), report.why());
            return new Decided(Instant.now().toString(), false, List.of());
        }
        if (found.current() == 0 || found.dataset().isEmpty() || found.fresh().isEmpty()) {
            return new Decided(Instant.now().toString(), false, List.of());
        }
        EarlierDataset before = EarlierDataset.read(hadoop, before()).orElseThrow();
        Manifest after = EarlierDataset.read(hadoop, after()).orElseThrow().manifest();
        boolean restored = before.restore(workplace.dataset(), after);
        String inputs =
                String.join(", ", found.fresh().stream().map(Input::path).toList());
        return new Decided(
                Instant.now().toString(),
                restored,
                List.of(
                        restored
                                ? "Set aside, so that the next candidate is trained without: " + inputs
                                        + " (corrected files are taken in by themselves, unchanged ones with --retry-set-aside)"
                                : "The dataset was changed by another run meanwhile, so it keeps " + inputs));
    }

    private Done addMetrics(RetrainReport report, String at) {
        repository.addMetrics(model, MetricsLine.of(report, at));
        return Done.QUIETLY;
    }

    private Done hook(RetrainReport report) {
        if (config.hook().isBlank()) {
            return Done.QUIETLY;
        }
        Map<String, String> facts = Map.of(
                "CONVOY_OUTCOME",
                report.outcome().label(),
                "CONVOY_MODEL",
                model,
                "CONVOY_VERSION",
                Integer.toString(report.version()),
                "CONVOY_REPORT",
                new Path(repository.version(model, report.version()), RetrainReport.FILE_NAME).toString(),
                "CONVOY_WHY",
                report.why());
        return phases.run(
                "Running the hook",
                progress -> new Done(Hook.run(config.hook(), facts).stream().toList()));
    }

    private Done remember(Found found, Prepared prepared, Decided decided) {
        Ledger ledger = Ledger.read(hadoop, workplace.ledger());
        Ledger next = decided.restored()
                ? ledger.taking(found.known(), found.dataset()).settingAside(found.fresh(), found.dataset())
                : ledger.taking(found.inDataset(), prepared.digest());
        next.write(hadoop, workplace.ledger());
        return Done.QUIETLY;
    }
}
