package org.convoy.train;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import org.convoy.evaluate.Metrics;
import org.convoy.report.ReportPage;

/** A training report as the page {@code report.html}. */
final class TrainPage {
    private TrainPage() {}

    /** The page in UTF-8. */
    static byte[] html(TrainReport report) {
        return ReportPage.html(new ReportPage.Summary(
                        "Training of " + report.model(),
                        report.model(),
                        Integer.toString(report.version()),
                        rows(report),
                        charts(report),
                        Optional.ofNullable(report.validation()).map(TrainPage::confusion),
                        report.configuration()))
                .getBytes(StandardCharsets.UTF_8);
    }

    private static List<ReportPage.Row> rows(TrainReport report) {
        List<ReportPage.Row> rows = new ArrayList<>();
        if (report.validation() != null) {
            rows.add(row(
                    "validation accuracy",
                    "%.2f %% (epoch %d)",
                    100 * report.validation().accuracy(),
                    report.bestEpoch()));
            rows.add(row("validation loss", "%.4f", report.validation().loss()));
            rows.add(
                    row("best epoch chosen by", "validation %s", report.course().metric()));
        }
        if (report.course().stoppedEarly() != null) {
            rows.add(row("stopped early", "%s", report.course().stoppedEarly()));
        }
        report.course().rollbacks().forEach(rollback -> rows.add(row("rollback", "%s", rollback.sentence())));
        rows.add(row("network", "%s, %,d parameters", report.architecture(), report.parameters()));
        if (report.trainedParameters() < report.parameters()) {
            rows.add(row("trained parameters", "%,d", report.trainedParameters()));
        }
        rows.add(row("workers", "%d", report.workers()));
        rows.add(row("examples planned", "%,d", report.planned()));
        rows.add(row("examples trained", "%,d", report.trained()));
        rows.add(row("examples dropped", "%,d", report.dropped()));
        rows.add(row("speed", "%,.0f images/s", report.imagesPerSecond()));
        double seconds =
                report.epochs().stream().mapToDouble(EpochReport::seconds).sum();
        double syncSeconds = report.epochs().stream()
                .mapToDouble(epoch -> epoch.syncShare() * epoch.seconds())
                .sum();
        rows.add(row("time in training", "%,.1f s", seconds));
        if (!Double.isNaN(syncSeconds)) {
            rows.add(row("share of it in sync", "%.2f %%", 100 * syncSeconds / seconds));
        }
        return rows;
    }

    private static ReportPage.Row row(String label, String format, Object... values) {
        return new ReportPage.Row(label, String.format(Locale.ROOT, format, values));
    }

    private static List<ReportPage.Chart> charts(TrainReport report) {
        List<EpochReport> epochs = report.epochs();
        List<ReportPage.Chart> charts = new ArrayList<>(List.of(
                new ReportPage.Chart(
                        "Loss",
                        List.of(
                                curve("training", epochs, EpochReport::loss),
                                curve("validation", epochs, EpochReport::validationLoss))),
                new ReportPage.Chart(
                        "Validation accuracy", List.of(curve("validation", epochs, EpochReport::validationAccuracy)))));
        if (report.showsMetric()) {
            charts.add(new ReportPage.Chart(
                    "Validation " + report.course().metric(),
                    List.of(curve("validation", epochs, EpochReport::validationMetric))));
        }
        return charts;
    }

    private static ReportPage.Curve curve(String name, List<EpochReport> epochs, ToDoubleFunction<EpochReport> value) {
        return new ReportPage.Curve(
                name, epochs.stream().mapToDouble(value).boxed().toList());
    }

    private static ReportPage.Confusion confusion(Metrics metrics) {
        List<String> classes =
                metrics.perClass().stream().map(Metrics.ClassMetrics::name).toList();
        return new ReportPage.Confusion(classes, metrics.confusion());
    }
}
