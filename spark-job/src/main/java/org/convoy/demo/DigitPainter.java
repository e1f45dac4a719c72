package org.convoy.demo;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import javax.imageio.ImageIO;
import org.convoy.demo.Glyphs.Glyph;
import org.convoy.demo.Glyphs.Point;
import org.convoy.demo.Glyphs.Stroke;

/**
 * Draws digits as if by hand: light ink on a dark ground, 28 x 28 grey pixels. Every picture has its own way of writing,
 * slant, rotation, size, place, wobble, pen width, contrast, noise and specks of dirt. A picture is a pure function of
 * (seed, digit, index).
 */
public final class DigitPainter {
    /** Pixels on each side of a picture. */
    public static final int SIDE = 28;

    public static final int DIGITS = 10;

    private static final double MAX_ROTATION_RADIANS = 0.22;
    private static final double MAX_SLANT = 0.35;
    private static final double MAX_SHIFT_PIXELS = 2.5;
    private static final double MIN_SIZE_PIXELS = 16;
    private static final double MAX_SIZE_PIXELS = 22;
    /** Of the height. */
    private static final double MIN_WIDTH = 0.7;

    private static final double MAX_WIDTH = 1.15;
    /** Of the glyph's size. */
    private static final double MAX_WOBBLE = 0.06;

    private static final double MIN_PEN_PIXELS = 1.2;
    private static final double MAX_PEN_PIXELS = 3.4;
    private static final double MIN_CONTRAST = 0.55;
    private static final double MAX_GROUND = 0.20;
    private static final double MAX_NOISE = 0.08;
    private static final int MAX_SPECKS = 2;
    private static final double MAX_SPECK_PIXELS = 3.5;

    private final long seed;

    public DigitPainter(long seed) {
        this.seed = seed;
    }

    /**
     * Writes a labelled image folder: {@code root/<digit>/<digit>-0001.png} and so on.
     *
     * @throws IOException if a picture cannot be written
     */
    public static void writeFolder(Path root, int picturesPerDigit, long seed) throws IOException {
        DigitPainter painter = new DigitPainter(seed);
        for (int digit = 0; digit < DIGITS; digit++) {
            Path folder = Files.createDirectories(root.resolve(Integer.toString(digit)));
            for (int index = 1; index <= picturesPerDigit; index++) {
                String name = String.format(Locale.ROOT, "%d-%04d.png", digit, index);
                Files.write(folder.resolve(name), painter.png(digit, index));
            }
        }
    }

    /**
     * One picture as an encoded PNG, 8-bit grey.
     *
     * @param digit 0 to 9
     * @param index which picture of this digit; any number
     */
    public byte[] png(int digit, int index) {
        if (digit < 0 || digit >= DIGITS) {
            throw new IllegalArgumentException("digit must be from 0 to 9 but was " + digit);
        }
        SplittableRandom random = new SplittableRandom((seed * 1_000_003 + digit) * 1_000_003 + index);
        List<Glyph> variants = Glyphs.variants(digit);
        List<Stroke> strokes = byHand(variants.get(random.nextInt(variants.size())), random);
        double[] ink = new double[SIDE * SIDE];
        draw(strokes, between(random, MIN_PEN_PIXELS, MAX_PEN_PIXELS), ink);
        draw(specks(random), between(random, 1, 2), ink);
        return encode(expose(ink, random));
    }

    /** The glyph in pixel coordinates, distorted smoothly so that strokes which touch still do. */
    private static List<Stroke> byHand(Glyph glyph, SplittableRandom random) {
        double height = between(random, MIN_SIZE_PIXELS, MAX_SIZE_PIXELS);
        double width = height * between(random, MIN_WIDTH, MAX_WIDTH);
        double slant = around(random, MAX_SLANT);
        double angle = around(random, MAX_ROTATION_RADIANS);
        double cos = StrictMath.cos(angle);
        double sin = StrictMath.sin(angle);
        double centreX = SIDE / 2.0 + around(random, MAX_SHIFT_PIXELS);
        double centreY = SIDE / 2.0 + around(random, MAX_SHIFT_PIXELS);
        double wobbleX = around(random, MAX_WOBBLE);
        double wobbleY = around(random, MAX_WOBBLE);
        double waveX = between(random, 3, 9);
        double waveY = between(random, 3, 9);
        double phase = between(random, 0, 2 * Math.PI);

        List<Stroke> strokes = new ArrayList<>();
        for (Stroke stroke : glyph.strokes()) {
            List<Point> drawn = new ArrayList<>();
            for (Point point : stroke.path()) {
                double x = point.x() - 0.5 + wobbleX * StrictMath.sin(waveX * point.y() + phase);
                double y = point.y() - 0.5 + wobbleY * StrictMath.sin(waveY * point.x() + phase);
                x = width * (x - slant * y);
                y = height * y;
                drawn.add(new Point(centreX + cos * x - sin * y, centreY + sin * x + cos * y));
            }
            strokes.add(new Stroke(drawn));
        }
        return strokes;
    }

    /** Short scratches anywhere in the picture. */
    private static List<Stroke> specks(SplittableRandom random) {
        List<Stroke> specks = new ArrayList<>();
        for (int i = random.nextInt(MAX_SPECKS + 1); i > 0; i--) {
            Point start = new Point(between(random, 0, SIDE), between(random, 0, SIDE));
            specks.add(new Stroke(List.of(
                    start,
                    new Point(
                            start.x() + around(random, MAX_SPECK_PIXELS),
                            start.y() + around(random, MAX_SPECK_PIXELS)))));
        }
        return specks;
    }

    /** Adds ink (0 to 1) within half a pen's width of the strokes; one pixel of antialiasing at the edge. */
    private static void draw(List<Stroke> strokes, double penPixels, double[] ink) {
        for (Stroke stroke : strokes) {
            List<Point> path = stroke.path();
            for (int i = 1; i < path.size(); i++) {
                for (int p = 0; p < ink.length; p++) {
                    int row = p / SIDE;
                    int column = p % SIDE;
                    double distance = distance(column + 0.5, row + 0.5, path.get(i - 1), path.get(i));
                    ink[p] = Math.max(ink[p], Math.min(1, penPixels / 2 + 0.5 - distance));
                }
            }
        }
    }

    /** Distance in pixels of (x, y) from the segment a-b. */
    private static double distance(double x, double y, Point a, Point b) {
        double dx = b.x() - a.x();
        double dy = b.y() - a.y();
        double lengthSquared = dx * dx + dy * dy;
        double along = lengthSquared == 0 ? 0 : ((x - a.x()) * dx + (y - a.y()) * dy) / lengthSquared;
        double t = Math.max(0, Math.min(1, along));
        double ex = a.x() + t * dx - x;
        double ey = a.y() + t * dy - y;
        return Math.sqrt(ex * ex + ey * ey);
    }

    /** Ink to grey levels, row by row: ground and contrast of this picture, and noise in every pixel. */
    private static byte[] expose(double[] ink, SplittableRandom random) {
        double ground = between(random, 0, MAX_GROUND);
        double contrast = between(random, MIN_CONTRAST, 1 - ground);
        double noise = between(random, 0, MAX_NOISE);
        byte[] grey = new byte[ink.length];
        for (int p = 0; p < grey.length; p++) {
            double level = ground + contrast * ink[p] + noise * random.nextGaussian();
            grey[p] = (byte) Math.round(255 * Math.max(0, Math.min(1, level)));
        }
        return grey;
    }

    private static byte[] encode(byte[] grey) {
        BufferedImage image = new BufferedImage(SIDE, SIDE, BufferedImage.TYPE_BYTE_GRAY);
        image.getRaster().setDataElements(0, 0, SIDE, SIDE, grey);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try {
            ImageIO.write(image, "png", bytes);
        } catch (IOException e) {
            throw new IllegalStateException("Cannot encode a picture in memory: " + e.getMessage(), e);
        }
        return bytes.toByteArray();
    }

    private static double between(SplittableRandom random, double low, double high) {
        return low + (high - low) * random.nextDouble();
    }

    private static double around(SplittableRandom random, double most) {
        return between(random, -most, most);
    }
}
