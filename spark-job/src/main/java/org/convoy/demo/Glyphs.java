package org.convoy.demo;

import java.util.ArrayList;
import java.util.List;

/**
 * The ways to write each digit, as strokes of a pen. Coordinates are pairs x, y in the unit square, x to the right and y
 * down. A corner is where one stroke ends and the next begins.
 */
final class Glyphs {
    /** Points per span between two control points: finer than a pixel at 28 x 28. */
    private static final int STEPS = 8;

    private static final List<List<Glyph>> BY_DIGIT = List.of(
            List.of(
                    glyph(stroke(
                            .50, .05, .24, .20, .17, .55, .30, .88, .53, .95, .77, .78, .82, .42, .70, .14, .50, .05)),
                    glyph(stroke(.55, .05, .34, .22, .28, .58, .40, .92, .58, .92, .70, .62, .68, .25, .55, .05)),
                    glyph(stroke(
                            .62, .10, .36, .08, .18, .40, .22, .78, .48, .95, .76, .76, .80, .36, .62, .10, .48, .12))),
            List.of(
                    glyph(stroke(.50, .05, .50, .95)),
                    glyph(stroke(.30, .26, .54, .05), stroke(.54, .05, .52, .95)),
                    glyph(stroke(.32, .24, .52, .05), stroke(.52, .05, .52, .94), stroke(.28, .94, .76, .94))),
            List.of(
                    glyph(
                            stroke(.20, .26, .34, .08, .62, .06, .76, .28, .60, .56, .20, .93),
                            stroke(.20, .93, .82, .93)),
                    glyph(stroke(
                            .22, .20, .45, .05, .74, .16, .70, .45, .42, .74, .22, .90, .24, .76, .42, .78, .62, .92,
                            .84, .86)),
                    glyph(
                            stroke(.24, .14, .60, .06, .78, .26, .64, .50, .34, .72, .20, .93),
                            stroke(.20, .93, .50, .89, .80, .94))),
            List.of(
                    glyph(
                            stroke(.20, .16, .48, .05, .74, .20, .62, .42, .40, .48),
                            stroke(.40, .48, .70, .55, .80, .76, .54, .95, .18, .86)),
                    glyph(
                            stroke(.20, .07, .76, .07),
                            stroke(.76, .07, .44, .42),
                            stroke(.44, .42, .76, .54, .74, .86, .45, .96, .18, .85)),
                    glyph(
                            stroke(.26, .10, .60, .06, .74, .26, .54, .45),
                            stroke(.54, .45, .80, .62, .66, .92, .36, .95, .22, .82))),
            List.of(
                    glyph(stroke(.60, .05, .15, .66), stroke(.15, .66, .86, .66), stroke(.66, .36, .63, .95)),
                    glyph(stroke(.26, .07, .20, .30, .22, .52), stroke(.22, .52, .80, .48), stroke(.74, .07, .68, .95)),
                    glyph(stroke(.66, .05, .18, .62), stroke(.18, .62, .84, .60), stroke(.66, .05, .64, .95))),
            List.of(
                    glyph(
                            stroke(.76, .07, .28, .07),
                            stroke(.28, .07, .24, .45),
                            stroke(.24, .45, .55, .37, .80, .60, .62, .92, .20, .90)),
                    glyph(stroke(.78, .08, .42, .08, .28, .26, .44, .44, .72, .58, .70, .84, .42, .96, .20, .86)),
                    glyph(
                            stroke(.32, .10, .28, .46),
                            stroke(.28, .46, .62, .42, .76, .70, .54, .94, .22, .88),
                            stroke(.32, .10, .80, .05))),
            List.of(
                    glyph(stroke(.70, .06, .40, .25, .20, .60, .34, .93, .66, .90, .76, .66, .54, .50, .23, .68)),
                    glyph(stroke(.58, .05, .32, .38, .24, .70, .45, .95, .72, .78, .54, .56, .27, .72)),
                    glyph(stroke(
                            .74, .12, .52, .08, .28, .34, .22, .70, .44, .95, .74, .84, .70, .58, .42, .54, .24, .74))),
            List.of(
                    glyph(stroke(.18, .08, .80, .08), stroke(.80, .08, .40, .95)),
                    glyph(stroke(.18, .10, .80, .07), stroke(.80, .07, .54, .45, .42, .95), stroke(.30, .50, .72, .47)),
                    glyph(
                            stroke(.20, .22, .22, .08),
                            stroke(.22, .08, .78, .10),
                            stroke(.78, .10, .60, .40, .50, .95))),
            List.of(
                    glyph(stroke(
                            .72, .20, .50, .05, .27, .20, .42, .43, .66, .56, .76, .76, .50, .95, .22, .76, .34, .55,
                            .60, .42, .72, .20)),
                    glyph(
                            stroke(.50, .05, .30, .14, .30, .36, .50, .47, .70, .36, .70, .14, .50, .05),
                            stroke(.50, .47, .24, .60, .24, .86, .50, .95, .76, .86, .76, .60, .50, .47)),
                    glyph(stroke(
                            .76, .12, .46, .05, .28, .24, .52, .48, .74, .74, .52, .95, .28, .78, .46, .50, .76, .12))),
            List.of(
                    glyph(
                            stroke(.74, .28, .54, .06, .27, .22, .34, .48, .60, .48, .74, .28),
                            stroke(.74, .28, .72, .62, .66, .95)),
                    glyph(
                            stroke(.72, .20, .46, .06, .24, .28, .42, .50, .66, .42, .74, .18),
                            stroke(.74, .18, .77, .55, .62, .90, .30, .92)),
                    glyph(
                            stroke(.66, .12, .36, .10, .28, .38, .52, .50, .70, .34, .66, .12),
                            stroke(.66, .12, .68, .95))));

    private Glyphs() {}

    /** A point of the pen's path. */
    record Point(double x, double y) {}

    /** The pen's path without lifting it, dense enough to be drawn as straight segments. */
    record Stroke(List<Point> path) {}

    /** One way to write a digit. */
    record Glyph(List<Stroke> strokes) {}

    static List<Glyph> variants(int digit) {
        return BY_DIGIT.get(digit);
    }

    private static Glyph glyph(Stroke... strokes) {
        return new Glyph(List.of(strokes));
    }

    /** A smooth path through the given points (uniform Catmull-Rom spline, its end points doubled). */
    private static Stroke stroke(double... xy) {
        int last = xy.length / 2 - 1;
        List<Point> path = new ArrayList<>();
        for (int span = 0; span < last; span++) {
            for (int step = 0; step < STEPS; step++) {
                double t = (double) step / STEPS;
                path.add(new Point(spline(xy, 0, span, last, t), spline(xy, 1, span, last, t)));
            }
        }
        path.add(new Point(xy[2 * last], xy[2 * last + 1]));
        return new Stroke(List.copyOf(path));
    }

    private static double spline(double[] xy, int axis, int span, int last, double t) {
        double a = xy[2 * Math.max(0, span - 1) + axis];
        double b = xy[2 * span + axis];
        double c = xy[2 * (span + 1) + axis];
        double d = xy[2 * Math.min(last, span + 2) + axis];
        return b + 0.5 * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)));
    }
}
