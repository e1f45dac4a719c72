package org.convoy.doctor;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.convoy.runtime.Phases;
import org.convoy.runtime.UserError;
import org.convoy.train.Rehearsal;
import org.convoy.train.TrainConfig;
import org.convoy.train.Training;
import org.convoy.train.TrainingNeeds;

/** The checks one after another. What a check throws, and that it does not end in time, are findings too. */
final class Examination {
    private final SparkSession session;
    private final DoctorConfig config;
    private final Phases phases;
    private final List<Finding> findings = new ArrayList<>();
    private Optional<Census> census = Optional.empty();
    private Optional<Forecast> forecast = Optional.empty();

    Examination(SparkSession session, DoctorConfig config, Phases phases) {
        this.session = session;
        this.config = config;
        this.phases = phases;
    }

    /** What concerns every training. */
    void cluster(JavaSparkContext spark, int tasks, String models) {
        census = fact("executors", "Asking every process", config.checkLimit(), progress -> Census.take(spark, tasks));
        census.ifPresent(all -> {
            add(Finding.ok(
                    "executors",
                    all.executors().isEmpty()
                            ? "the driver computes itself, " + tasks + " tasks at once"
                            : ProcessChecks.executors(all.executors()) + ", " + tasks + " tasks at once"));
            findings.addAll(ProcessChecks.versions(all));
            findings.addAll(ProcessChecks.natives(all));
            findings.addAll(ProcessChecks.gpus(all));
            findings.addAll(ProcessChecks.clocks(all));
        });
        many("storage", "Writing and reading models", progress -> StorageChecks.models(spark, tasks, models));
        many("bandwidth", "Measuring bandwidth", progress -> NetworkChecks.bandwidth(spark, tasks));
    }

    /** What can be said without an executor. */
    void driverAlone(JavaSparkContext spark, String models) {
        many("storage", "Writing and reading models", progress -> StorageChecks.models(spark, 0, models));
    }

    /** What concerns this one. */
    void training(JavaSparkContext spark, int tasks, TrainConfig training) {
        Optional<TrainingNeeds> needs = fact(
                "training",
                "Opening dataset and network",
                config.checkLimit(),
                progress -> Training.needs(session, training, phases));
        needs.ifPresent(known -> {
            many("storage", "Reading the dataset", progress -> StorageChecks.dataset(spark, tasks, training.dataset()));
            one(
                    "free space",
                    "Looking for free space",
                    progress -> StorageChecks.space(
                            spark.hadoopConfiguration(), training.modelsDirectory(), known.storageBytes()));
            census.ifPresent(all -> findings.addAll(MemoryChecks.memory(all, known, tasks)));
        });
        if (needs.isEmpty() || config.rehearsal().isZero()) {
            return;
        }
        if (findings.stream().anyMatch(finding -> finding.severity() == Severity.ERROR)) {
            add(Finding.warning(
                    "rounds",
                    "not tried",
                    "with the errors above they would fail, or take something down with them",
                    "put the errors right and ask again"));
            return;
        }
        Optional<Rehearsal> rehearsal = fact(
                "rounds",
                "Trying rounds",
                config.rehearsal().multipliedBy(2).plus(config.checkLimit()),
                progress -> Training.rehearse(session, training, config.rehearsal(), phases, progress));
        forecast = rehearsal.map(tried -> Forecast.of(tried, training.epochs(), tasks));
        forecast.ifPresent(known -> add(known.finding()));
    }

    void add(Finding finding) {
        findings.add(finding);
    }

    void one(String check, String phase, Function<Phases.Progress, Finding> body) {
        fact(check, phase, config.checkLimit(), body).ifPresent(findings::add);
    }

    private void many(String check, String phase, Function<Phases.Progress, List<Finding>> body) {
        fact(check, phase, config.checkLimit(), body).ifPresent(findings::addAll);
    }

    /** What a check finds out; empty if it fails, which is a finding. */
    <T> Optional<T> fact(String check, String phase, Duration limit, Function<Phases.Progress, T> body) {
        try {
            return Optional.of(phases.run(phase, progress -> {
                try {
                    return TimeLimit.within(session.sparkContext(), limit, () -> body.apply(progress));
                } catch (TimeoutException e) {
                    throw new GaveUp(e);
                }
            }));
        } catch (GaveUp e) {
            add(Finding.error(
                    check,
                    phase.toLowerCase(Locale.ROOT) + " did not end within " + limit.toSeconds() + " s",
                    "a training would wait just as long, again and again",
                    "see what hangs (the executors' logs, the NameNode's page), or raise doctor.check-seconds"));
            return Optional.empty();
        } catch (RuntimeException e) {
            add(failure(check, phase, e));
            return Optional.empty();
        }
    }

    private static Finding failure(String check, String phase, RuntimeException e) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof UserError known) {
                return Finding.error(
                        check,
                        known.getMessage(),
                        "a training with this configuration would stop there",
                        "change what the line names");
            }
        }
        Throwable root = e;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return Finding.error(
                check,
                phase + " failed: "
                        + String.valueOf(root.getMessage()).lines().findFirst().orElse("") + " ["
                        + root.getClass().getSimpleName() + "]",
                "a training would probably fail there too",
                "see the executors' logs");
    }

    DoctorReport report() {
        return new DoctorReport(
                List.copyOf(findings),
                census.map(Census::all).orElse(List.of()),
                forecast.orElse(null),
                phases.seconds());
    }

    private static final class GaveUp extends RuntimeException {
        private static final long serialVersionUID = 1L;

        GaveUp(TimeoutException cause) {
            super(cause);
        }
    }
}
