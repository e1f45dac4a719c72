package org.convoy.repository;

import com.typesafe.config.Config;
import java.io.PrintStream;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.deploy.SparkHadoopUtil;
import org.convoy.cli.JobCommand;
import org.convoy.model.BadModelException;
import org.convoy.model.Ensemble;
import org.convoy.model.ModelArchive;
import org.convoy.model.ModelCard;
import org.convoy.model.ParentModel;
import org.convoy.model.StockDl4j;
import org.convoy.runtime.ConvoyVersion;
import org.convoy.runtime.ExitCode;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * Shows, compares, joins, publishes and prunes the versions of a model repository; needs no Spark session.
 *
 * <pre>
 * spark-submit --class org.convoy.repository.Models convoy.jar list --set models.directory=hdfs:///models
 * </pre>
 */
@Command(
        name = "models",
        description = "Lists, shows, compares, joins, publishes and prunes the versions in a model repository.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "(list | show | diff | ensemble | publish | rollback | prune)",
        subcommands = {
            Models.ListModels.class,
            Models.Show.class,
            Models.Diff.class,
            Models.Join.class,
            Models.Publish.class,
            Models.Rollback.class,
            Models.Prune.class
        })
public final class Models {
    public static void main(String[] args) {
        JobCommand.execute(new CommandLine(new Models()), args);
    }

    /** What they have in common. */
    abstract static class RepositoryCommand extends JobCommand {
        @Override
        public List<String> sections() {
            return List.of("models");
        }

        static ModelRepository repository(Config settings) {
            Configuration hadoop = SparkHadoopUtil.get().conf();
            return ModelRepository.at(hadoop, settings.getString("models.directory"));
        }
    }

    /** What the commands have in common that move CURRENT or delete versions. */
    abstract static class ChangingCommand extends RepositoryCommand {
        @Option(names = "--why", paramLabel = "TEXT", description = "the reason, for the model's history")
        private String why = "by hand";

        final String why() {
            return why;
        }
    }

    @Command(
            name = "list",
            description =
                    "One line per version: accuracy, size, age, which is published and which a rollback would go to.")
    static final class ListModels extends RepositoryCommand {
        @Override
        protected ExitCode run(Config settings, PrintStream out) {
            ModelRepository repository = repository(settings);
            List<String> names = repository.names();
            if (names.isEmpty()) {
                out.println("no models in " + settings.getString("models.directory"));
                return ExitCode.DONE;
            }
            out.printf(
                    "%-24s %-12s %12s %20s  %s%n", "model", "network", "parameters", "validation accuracy", "created");
            ExitCode end = ExitCode.DONE;
            for (String name : names) {
                Optional<Integer> current = repository.current(name);
                Optional<Integer> predecessor = repository.predecessor(name);
                for (int number : repository.versions(name)) {
                    String mark = current.equals(Optional.of(number)) ? "  CURRENT" : "";
                    mark = predecessor.equals(Optional.of(number)) ? "  (before it)" : mark;
                    try {
                        print(name + "@" + number, repository.card(name, number), mark, out);
                    } catch (BadModelException e) {
                        out.printf("%-24s %s%s%n", name + "@" + number, e.getMessage(), mark);
                        end = ExitCode.BAD_INPUT;
                    }
                }
            }
            return end;
        }

        private static void print(String version, ModelCard card, String mark, PrintStream out) {
            out.printf(
                    Locale.ROOT,
                    "%-24s %-12s %,12d %20s  %s%s%n",
                    version,
                    card.architecture(),
                    card.parameters(),
                    percent(card.metrics().get("validation-accuracy")),
                    card.created(),
                    mark);
        }

        private static String percent(Double share) {
            return share == null ? "-" : String.format(Locale.ROOT, "%.2f %%", 100 * share);
        }
    }

    @Command(name = "show", description = "The model card of a version and the history of the model.")
    static final class Show extends RepositoryCommand {
        @Parameters(paramLabel = "MODEL", description = "NAME (the newest), NAME@CURRENT or NAME@NUMBER")
        private String reference;

        @Override
        protected ExitCode run(Config settings, PrintStream out) {
            ModelRepository repository = repository(settings);
            ModelVersion version = ModelVersion.find(repository, reference);
            ModelCard card = repository.card(version.name(), version.number());
            out.println(version + " in " + repository.version(version.name(), version.number()));
            line(out, "network", card.architecture() + ", " + card.parameters() + " parameters");
            line(
                    out,
                    "input",
                    card.input() + " (C x H x W), normalisation "
                            + card.normalisation().name());
            line(out, "classes", String.join(", ", card.classes()));
            card.metrics().forEach((name, value) -> line(out, name, String.format(Locale.ROOT, "%.4f", value)));
            card.parents().forEach(parent -> line(out, "comes from", parent.from() + ", SHA-256 " + parent.sha256()));
            line(out, "created", card.created() + ", seed " + card.seed());
            line(out, "built with", card.versions() + ", revision " + card.gitRevision());
            line(out, "dataset", "manifest " + card.datasetDigest());
            line(out, "configuration", "");
            card.configuration().lines().forEach(key -> out.println("  " + key));
            line(out, "history", "");
            repository
                    .history(version.name())
                    .forEach(entry -> out.printf(
                            "  %s  %-8s @%d by %s%s: %s%n",
                            entry.at(),
                            entry.action().name().toLowerCase(Locale.ROOT),
                            entry.version(),
                            entry.by(),
                            entry.host() == null ? "" : " on " + entry.host(),
                            entry.why()));
            return ExitCode.DONE;
        }

        private static void line(PrintStream out, String name, String value) {
            out.printf("%-20s %s%n", name, value);
        }
    }

    @Command(name = "diff", description = "In what two versions differ: network, metrics, dataset, configuration.")
    static final class Diff extends RepositoryCommand {
        @Parameters(
                arity = "2",
                paramLabel = "MODEL",
                description = "two of NAME (the newest), NAME@CURRENT or NAME@NUMBER")
        private List<String> references;

        @Override
        protected ExitCode run(Config settings, PrintStream out) {
            ModelRepository repository = repository(settings);
            ModelVersion first = ModelVersion.find(repository, references.get(0));
            ModelVersion second = ModelVersion.find(repository, references.get(1));
            List<CardDifference.Line> lines = CardDifference.between(
                    repository.card(first.name(), first.number()), repository.card(second.name(), second.number()));
            if (lines.isEmpty()) {
                out.println(first + " and " + second + " have the same card");
                return ExitCode.DONE;
            }
            out.printf("%-40s %-32s %s%n", "", first, second);
            lines.forEach(line -> out.printf("%-40s %-32s %s%n", line.name(), line.first(), line.second()));
            return ExitCode.DONE;
        }
    }

    @Command(
            name = "ensemble",
            description = "Makes a version that answers with the mean of other versions' probabilities.")
    static final class Join extends RepositoryCommand {
        @Parameters(index = "0", paramLabel = "NAME", description = "of the model that gets the new version")
        private String name;

        @Parameters(
                index = "1..*",
                arity = "2..*",
                paramLabel = "MEMBER",
                description = "NAME (the newest), NAME@CURRENT or NAME@NUMBER")
        private List<String> members;

        @Override
        protected ExitCode run(Config settings, PrintStream out) {
            ModelRepository repository = repository(settings);
            repository.prepareFor(name);
            List<ParentModel> parents = members.stream()
                    .map(reference -> ModelVersion.find(repository, reference))
                    .map(version -> ParentModel.read(
                            repository.file(version.name(), version.number(), ModelRepository.ARCHIVE),
                            version.toString()))
                    .toList();
            ModelArchive ensemble = Ensemble.of(
                    parents,
                    Instant.now().toString(),
                    Map.of(
                            "convoy", ConvoyVersion.current(),
                            "java", Runtime.version().toString(),
                            "dl4j", StockDl4j.version()),
                    ConvoyVersion.revision());
            boolean first = repository.current(name).isEmpty();
            int number = repository.add(
                    name,
                    version -> Map.of(
                            ModelRepository.ARCHIVE, ensemble.zip(), ModelArchive.CARD_ENTRY, ensemble.cardJson()));
            if (first) {
                repository.publish(name, number, "first version");
            }
            out.println(name + "@" + number + " is the mean of "
                    + parents.stream().map(parent -> parent.asParent().from()).collect(Collectors.joining(", "))
                    + (first ? "; it is published" : "; it is not published"));
            return ExitCode.DONE;
        }
    }

    @Command(name = "publish", description = "Makes a version the current one.")
    static final class Publish extends ChangingCommand {
        @Parameters(paramLabel = "MODEL", description = "NAME@NUMBER, or NAME for the newest")
        private String reference;

        @Override
        protected ExitCode run(Config settings, PrintStream out) {
            ModelRepository repository = repository(settings);
            ModelVersion version = ModelVersion.find(repository, reference);
            repository.publish(version.name(), version.number(), why());
            out.println(version + " is published");
            return ExitCode.DONE;
        }
    }

    @Command(
            name = "rollback",
            description =
                    "Makes the version current again that was so before the present one; no rollback comes back to that.")
    static final class Rollback extends ChangingCommand {
        @Parameters(paramLabel = "NAME", description = "of the model")
        private String name;

        @Override
        protected ExitCode run(Config settings, PrintStream out) {
            int number = repository(settings).rollback(name, why());
            out.println(new ModelVersion(name, number) + " is published again");
            return ExitCode.DONE;
        }
    }

    @Command(
            name = "prune",
            description =
                    "Deletes old versions of a model: all but the newest (models.keep-versions), the current one and the"
                            + " one that a rollback would go to.")
    static final class Prune extends ChangingCommand {
        @Parameters(paramLabel = "NAME", description = "of the model")
        private String name;

        @Override
        protected ExitCode run(Config settings, PrintStream out) {
            Retention retention = read(settings, Retention::from);
            ModelRepository repository = repository(settings);
            List<Integer> gone = repository.prune(name, retention.keepVersions(), why());
            out.println(name + ": "
                    + (gone.isEmpty() ? "nothing to delete" : "deleted versions " + gone)
                    + "; there are " + repository.versions(name));
            return ExitCode.DONE;
        }
    }
}
