package org.convoy.retrain;

import java.util.List;
import org.convoy.retrain.RetrainReport.TakenInput;

/**
 * A run's line in {@code METRICS.jsonl}, for dashboards and alarms.
 *
 * @param cycle its name
 * @param at when it was decided, ISO-8601
 * @param outcome published, kept-back or nothing-new
 * @param current the version that was current before; 0 if there was none
 * @param version the candidate's; 0 if there is none
 * @param written new pictures in the dataset
 * @param rejected new pictures that could not be used
 * @param metric by what the two are compared; null without candidate
 * @param currentValue the current version's; null if there is none
 * @param candidateValue the candidate's; null if there is none
 * @param failedGates names
 */
record MetricsLine(
        String cycle,
        String at,
        String model,
        String outcome,
        int current,
        int version,
        long written,
        long rejected,
        String metric,
        Double currentValue,
        Double candidateValue,
        List<String> failedGates) {

    static MetricsLine of(RetrainReport report, String at) {
        Gate metric = report.gates().isEmpty() ? null : report.gates().get(0);
        return new MetricsLine(
                report.cycle(),
                at,
                report.model(),
                report.outcome().label(),
                report.current(),
                report.version(),
                report.inputs().stream().mapToLong(TakenInput::written).sum(),
                report.inputs().stream().mapToLong(TakenInput::rejected).sum(),
                metric == null ? null : metric.name(),
                metric == null ? null : metric.current(),
                metric == null ? null : metric.candidate(),
                RetrainReport.failed(report.gates()));
    }
}
