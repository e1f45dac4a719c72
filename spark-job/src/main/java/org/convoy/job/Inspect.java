package org.convoy.job;

import com.typesafe.config.Config;
import java.io.PrintStream;
import java.util.List;
import java.util.Locale;
import org.apache.spark.deploy.SparkHadoopUtil;
import org.convoy.cli.JobCommand;
import org.convoy.inspect.InspectDataset;
import org.convoy.model.ModelArchive;
import org.convoy.model.engine.NativeSettings;
import org.convoy.model.engine.SpeedProbe;
import org.convoy.model.layer.LayerPlan;
import org.convoy.repository.ModelRepository;
import org.convoy.repository.ModelVersion;
import org.convoy.runtime.ExitCode;
import org.convoy.runtime.UserError;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/**
 * Shows a model's layers, and which of them Convoy's native layers compute on this machine; needs no Spark session.
 *
 * <pre>
 * bin/convoy inspect mnist@CURRENT
 * </pre>
 */
@Command(
        name = "inspect",
        description =
                "A model's layers and parameters, which layers run natively, and the native settings of this machine;"
                        + " or, with the word dataset, what a dataset holds.",
        subcommands = InspectDataset.class)
public final class Inspect extends JobCommand {
    /** Not required of the parser, which would ask for it before {@code dataset} too. */
    @Parameters(arity = "0..1", paramLabel = "MODEL", description = "NAME (the newest), NAME@CURRENT or NAME@NUMBER")
    private String reference;

    public static void main(String[] args) {
        execute(new CommandLine(new Inspect()), args);
    }

    @Override
    public List<String> sections() {
        return List.of("models");
    }

    @Override
    protected ExitCode run(Config settings, PrintStream out) {
        if (reference == null) {
            throw UserError.usage("inspect needs a MODEL, or the word dataset and its DIR");
        }
        ModelRepository repository =
                ModelRepository.at(SparkHadoopUtil.get().conf(), settings.getString("models.directory"));
        ModelVersion version = ModelVersion.find(repository, reference);
        ModelArchive model = repository.archive(version.name(), version.number());
        NativeSettings natives = NativeSettings.ensureApplied();
        SpeedProbe probe = SpeedProbe.run(natives);

        out.println(version + ": " + model.card().architecture() + ", input "
                + model.card().input() + " (C x H x W)");
        out.println(natives.describe());
        out.printf(
                Locale.ROOT,
                "matrix product %.0f GFLOP/s, convolution %.0f GFLOP/s in this process%n",
                probe.productGigaflops(),
                probe.convolutionGigaflops());
        probe.warning().ifPresent(warning -> out.println("warning: " + warning));
        out.println();
        out.printf("%-24s %-20s %12s  %s%n", "layer", "type", "parameters", "computed by");
        for (LayerPlan.Placement layer : model.classifier().plan().placements()) {
            out.printf(
                    Locale.ROOT,
                    "%-24s %-20s %,12d  %s%n",
                    layer.layer(),
                    layer.type(),
                    layer.parameters(),
                    layer.stockBecause().map(reason -> "stock DL4J: " + reason).orElse("Convoy"));
        }
        return ExitCode.DONE;
    }
}
