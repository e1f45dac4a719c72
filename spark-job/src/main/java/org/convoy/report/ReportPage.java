package org.convoy.report;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * One self-contained HTML page (no scripts, nothing fetched) that is also well-formed XML: summary, curves per epoch,
 * scores per class, confusion matrix, effective configuration.
 */
public final class ReportPage {
    /** Beyond this many classes the matrix is unreadable; the page lists the commonest confusions alone. */
    private static final int MAX_MATRIX_CLASSES = 40;

    private static final int MAX_CONFUSIONS = 10;

    private static final String STYLE =
            """
            body { font: 15px/1.5 system-ui, sans-serif; color: #1c2733; max-width: 62em; margin: 2em auto; padding: 0 1em; }
            h1 { font-size: 1.6em; margin-bottom: 0; }
            h2 { font-size: 1.15em; margin-top: 2em; }
            p.model { color: #5b6b7a; margin-top: 0; }
            table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
            td, th { padding: .25em .8em; border-bottom: 1px solid #dde4ea; text-align: right; }
            td:first-child, th:first-child { text-align: left; }
            th { font-weight: 600; }
            table.summary th { font-weight: 400; color: #5b6b7a; }
            table.matrix { font-size: .85em; }
            table.matrix td, table.matrix th { padding: .3em .55em; border: 1px solid #fff; }
            figure { display: inline-block; margin: 0 1.5em 1em 0; vertical-align: top; }
            figcaption { font-weight: 600; }
            svg text { font: 11px system-ui, sans-serif; fill: #5b6b7a; }
            pre { background: #f4f6f8; padding: 1em; overflow-x: auto; font-size: .85em; }
            """;

    private ReportPage() {}

    /**
     * What the page shows, from top to bottom.
     *
     * @param rows the table under the headline
     * @param charts curves over the epochs
     * @param confusion of the split that the headline's accuracy refers to, if there is one
     * @param configuration the effective configuration as HOCON
     */
    public record Summary(
            String title,
            String model,
            String version,
            List<Row> rows,
            List<Chart> charts,
            Optional<Confusion> confusion,
            String configuration) {}

    /** A label and its value, the unit in either of them. */
    public record Row(String label, String value) {}

    /** Curves with a common vertical axis. */
    public record Chart(String title, List<Curve> curves) {}

    /** One value per epoch, from epoch 1; an epoch without a finite value leaves a gap. */
    public record Curve(String name, List<Double> values) {}

    /**
     * Examples by class.
     *
     * @param classes names in label order
     * @param counts {@code counts.get(actual).get(predicted)}
     */
    public record Confusion(List<String> classes, List<List<Long>> counts) {
        public Confusion {
            int n = classes.size();
            if (counts.size() != n || counts.stream().anyMatch(row -> row.size() != n)) {
                throw new IllegalArgumentException("counts must be " + n + " rows of " + n + " for " + n + " classes");
            }
        }

        private long count(int actual, int predicted) {
            return counts.get(actual).get(predicted);
        }

        private long actual(int label) {
            return counts.get(label).stream().mapToLong(Long::longValue).sum();
        }

        private long predicted(int label) {
            return counts.stream().mapToLong(row -> row.get(label)).sum();
        }
    }

    /** The whole page. */
    public static String html(Summary summary) {
        StringBuilder page = new StringBuilder();
        page.append("<!DOCTYPE html>\n<html xmlns=\"http://www.w3.org/1999/xhtml\" lang=\"en\">\n<head>\n")
                .append("<meta charset=\"UTF-8\"/>\n")
                .append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n<title>")
                .append(escape(summary.title()))
                .append("</title>\n<style>\n")
                .append(STYLE)
                .append("</style>\n</head>\n<body>\n<h1>")
                .append(escape(summary.title()))
                .append("</h1>\n<p class=\"model\">")
                .append(escape(summary.model() + ", version " + summary.version()))
                .append("</p>\n");
        rows(summary.rows(), page);
        charts(summary.charts(), page);
        summary.confusion().ifPresent(confusion -> {
            classes(confusion, page);
            if (confusion.classes().size() <= MAX_MATRIX_CLASSES) {
                matrix(confusion, page);
            }
            commonest(confusion, page);
        });
        page.append("<h2>Configuration</h2>\n<details>\n<summary>Every setting of this run</summary>\n<pre>")
                .append(escape(summary.configuration()))
                .append("</pre>\n</details>\n</body>\n</html>\n");
        return page.toString();
    }

    private static void rows(List<Row> rows, StringBuilder page) {
        page.append("<table class=\"summary\">\n");
        for (Row row : rows) {
            page.append("<tr><th>")
                    .append(escape(row.label()))
                    .append("</th><td>")
                    .append(escape(row.value()))
                    .append("</td></tr>\n");
        }
        page.append("</table>\n");
    }

    private static void charts(List<Chart> charts, StringBuilder page) {
        if (charts.isEmpty()) {
            return;
        }
        page.append("<h2>By epoch</h2>\n");
        for (Chart chart : charts) {
            page.append("<figure>\n<figcaption>")
                    .append(escape(chart.title()))
                    .append("</figcaption>\n")
                    .append(CurveChart.svg(chart))
                    .append("</figure>\n");
        }
    }

    private static void classes(Confusion confusion, StringBuilder page) {
        page.append("<h2>By class</h2>\n<table>\n<tr><th>Class</th><th>Examples</th>")
                .append("<th>Precision</th><th>Recall</th><th>F1</th></tr>\n");
        for (int label = 0; label < confusion.classes().size(); label++) {
            double right = confusion.count(label, label);
            double precision = right / confusion.predicted(label);
            double recall = right / confusion.actual(label);
            double f1 = 2 * right / (confusion.predicted(label) + confusion.actual(label));
            page.append("<tr><td>")
                    .append(escape(confusion.classes().get(label)))
                    .append("</td><td>")
                    .append(confusion.actual(label))
                    .append("</td><td>")
                    .append(percent(precision))
                    .append("</td><td>")
                    .append(percent(recall))
                    .append("</td><td>")
                    .append(percent(f1))
                    .append("</td></tr>\n");
        }
        page.append("</table>\n");
    }

    private static void matrix(Confusion confusion, StringBuilder page) {
        page.append("<h2>Confusion matrix</h2>\n<p>Rows: actual class. Columns: predicted class.</p>\n")
                .append("<table class=\"matrix\">\n<tr><th></th>");
        for (String name : confusion.classes()) {
            page.append("<th>").append(escape(name)).append("</th>");
        }
        page.append("</tr>\n");
        for (int actual = 0; actual < confusion.classes().size(); actual++) {
            page.append("<tr><th>")
                    .append(escape(confusion.classes().get(actual)))
                    .append("</th>");
            for (int predicted = 0; predicted < confusion.classes().size(); predicted++) {
                cell(confusion, actual, predicted, page);
            }
            page.append("</tr>\n");
        }
        page.append("</table>\n");
    }

    /** Shaded by the share of the actual class: blue where right, red where wrong, the root so that rare errors show. */
    private static void cell(Confusion confusion, int actual, int predicted, StringBuilder page) {
        long count = confusion.count(actual, predicted);
        double share = count == 0 ? 0 : (double) count / confusion.actual(actual);
        String colour = actual == predicted ? "44, 111, 187" : "200, 60, 50";
        double opacity = actual == predicted ? 0.6 * share : 0.85 * Math.sqrt(share);
        page.append(String.format(
                Locale.ROOT,
                "<td style=\"background: rgba(%s, %.3f)\">%s</td>",
                colour,
                opacity,
                count == 0 ? "" : Long.toString(count)));
    }

    private static void commonest(Confusion confusion, StringBuilder page) {
        int n = confusion.classes().size();
        record Mistake(int actual, int predicted, long count) {}
        List<Mistake> mistakes = new ArrayList<>();
        for (int actual = 0; actual < n; actual++) {
            for (int predicted = 0; predicted < n; predicted++) {
                long count = confusion.count(actual, predicted);
                if (actual != predicted && count > 0) {
                    mistakes.add(new Mistake(actual, predicted, count));
                }
            }
        }
        if (mistakes.isEmpty()) {
            return;
        }
        page.append(
                "<h2>Commonest mistakes</h2>\n<table>\n<tr><th>Actual</th><th>Taken for</th><th>Examples</th></tr>\n");
        mistakes.stream()
                .sorted(Comparator.comparingLong(Mistake::count).reversed())
                .limit(MAX_CONFUSIONS)
                .forEach(mistake -> page.append("<tr><td>")
                        .append(escape(confusion.classes().get(mistake.actual())))
                        .append("</td><td>")
                        .append(escape(confusion.classes().get(mistake.predicted())))
                        .append("</td><td>")
                        .append(mistake.count())
                        .append("</td></tr>\n"));
        page.append("</table>\n");
    }

    /** A class that was never met, or never predicted, has no such share. */
    private static String percent(double share) {
        return Double.isNaN(share) ? "–" : String.format(Locale.ROOT, "%.2f %%", 100 * share);
    }

    /** Text for element content and attribute values; characters that XML does not allow become U+FFFD. */
    static String escape(String text) {
        StringBuilder escaped = new StringBuilder(text.length());
        text.codePoints().forEach(c -> {
            switch (c) {
                case '&' -> escaped.append("&amp;");
                case '<' -> escaped.append("&lt;");
                case '>' -> escaped.append("&gt;");
                case '"' -> escaped.append("&quot;");
                case '\'' -> escaped.append("&#39;");
                default -> escaped.appendCodePoint(isXml(c) ? c : 0xFFFD);
            }
        });
        return escaped.toString();
    }

    private static boolean isXml(int c) {
        return c == '\t'
                || c == '\n'
                || c == '\r'
                || (c >= 0x20 && c <= 0xD7FF)
                || (c >= 0xE000 && c != 0xFFFE && c != 0xFFFF);
    }
}
