package org.convoy.report;

import java.util.List;
import java.util.Locale;
import java.util.stream.DoubleStream;
import org.convoy.report.ReportPage.Chart;
import org.convoy.report.ReportPage.Curve;

/** Curves over epochs as inline SVG. Lengths are in user units, one per CSS pixel. */
final class CurveChart {
    private static final int WIDTH = 440;
    private static final int HEIGHT = 260;
    private static final int LEFT = 56;
    private static final int RIGHT = 12;
    private static final int TOP = 12;
    private static final int BOTTOM = 44;
    private static final int TICKS = 5;
    private static final int LEGEND_STEP = 130;

    /** Told apart by readers with any kind of colour vision (Okabe and Ito 2008). */
    private static final List<String> COLOURS =
            List.of("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9");

    private final Chart chart;
    private final int epochs;
    private final double low;
    private final double high;
    private final double step;
    private final StringBuilder svg = new StringBuilder();

    private CurveChart(Chart chart) {
        this.chart = chart;
        this.epochs = chart.curves().stream()
                .mapToInt(curve -> curve.values().size())
                .max()
                .orElse(0);
        double least = values(chart).min().orElse(0);
        double most = values(chart).max().orElse(1);
        this.step = roundStep((most - least) / (TICKS - 1));
        this.low = step * Math.floor(least / step);
        this.high = Math.max(low + step, step * Math.ceil(most / step));
    }

    static String svg(Chart chart) {
        return new CurveChart(chart).draw();
    }

    private String draw() {
        add("<svg viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\" role=\"img\">\n", WIDTH, HEIGHT, WIDTH, HEIGHT);
        axes();
        for (int i = 0; i < chart.curves().size(); i++) {
            curve(chart.curves().get(i), i);
        }
        svg.append("</svg>\n");
        return svg.toString();
    }

    private void axes() {
        int decimals = (int) Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
        for (int tick = 0; low + tick * step <= high + step / 2; tick++) {
            double value = low + tick * step;
            add(
                    "<line x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\" stroke=\"#dde4ea\"/>\n",
                    LEFT, WIDTH - RIGHT, y(value), y(value));
            String label = String.format(Locale.ROOT, "%." + decimals + "f", value);
            add("<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%s</text>\n", LEFT - 6, y(value) + 4, label);
        }
        int every = Math.max(1, (int) Math.ceil(epochs / 10.0));
        for (int epoch = 1; epoch <= epochs; epoch += every) {
            add("<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%d</text>\n", x(epoch), HEIGHT - BOTTOM + 16, epoch);
        }
    }

    private void curve(Curve curve, int index) {
        String colour = COLOURS.get(index % COLOURS.size());
        StringBuilder path = new StringBuilder();
        boolean connected = false;
        for (int epoch = 1; epoch <= curve.values().size(); epoch++) {
            double value = curve.values().get(epoch - 1);
            if (Double.isFinite(value)) {
                path.append(String.format(Locale.ROOT, "%s%.1f %.1f ", connected ? "L" : "M", x(epoch), y(value)));
                add(
                        "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"2.5\" fill=\"%s\"><title>%s, epoch %d: %.4f</title></circle>\n",
                        x(epoch), y(value), colour, ReportPage.escape(curve.name()), epoch, value);
            }
            connected = Double.isFinite(value);
        }
        add(
                "<path d=\"%s\" fill=\"none\" stroke=\"%s\" stroke-width=\"1.6\"/>\n",
                path.toString().strip(), colour);
        int x = LEFT + index * LEGEND_STEP;
        add("<rect x=\"%d\" y=\"%d\" width=\"10\" height=\"10\" fill=\"%s\"/>\n", x, HEIGHT - 16, colour);
        add("<text x=\"%d\" y=\"%d\">%s</text>\n", x + 15, HEIGHT - 7, ReportPage.escape(curve.name()));
    }

    private double x(int epoch) {
        double share = epochs <= 1 ? 0.5 : (epoch - 1.0) / (epochs - 1);
        return LEFT + 8 + share * (WIDTH - RIGHT - LEFT - 16);
    }

    private double y(double value) {
        return HEIGHT - BOTTOM - (value - low) / (high - low) * (HEIGHT - TOP - BOTTOM);
    }

    private static DoubleStream values(Chart chart) {
        return chart.curves().stream()
                .flatMapToDouble(curve -> curve.values().stream().mapToDouble(Double::doubleValue))
                .filter(Double::isFinite);
    }

    /** The least of 1, 2, 5 times a power of ten that is not below {@code step}. */
    private static double roundStep(double step) {
        if (step <= 0) {
            return 0.1;
        }
        double power = Math.pow(10, Math.floor(Math.log10(step)));
        for (int factor : new int[] {1, 2, 5}) {
            if (factor * power >= step * (1 - 1e-9)) {
                return factor * power;
            }
        }
        return 10 * power;
    }

    @SuppressWarnings("AnnotateFormatMethod")
    private void add(String format, Object... values) {
        svg.append(String.format(Locale.ROOT, format, values));
    }
}
