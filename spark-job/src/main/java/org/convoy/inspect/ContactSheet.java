package org.convoy.inspect;

import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import javax.imageio.ImageIO;
import org.convoy.data.ImageShape;

/** Draws pictures in rows with a name before each row. */
public final class ContactSheet {
    private static final Color PAPER = Color.WHITE;
    private static final Color INK = new Color(0x202124);
    private static final Color PALE_INK = new Color(0x80868B);
    private static final Color RULE = new Color(0xE8EAED);
    private static final Font TITLE_FONT = new Font(Font.SANS_SERIF, Font.BOLD, 18);
    private static final Font NAME_FONT = new Font(Font.SANS_SERIF, Font.BOLD, 14);
    private static final Font NOTE_FONT = new Font(Font.SANS_SERIF, Font.PLAIN, 12);

    private static final int MARGIN = 24;
    private static final int HEADER = 52;
    private static final int NAMES = 168;
    private static final int GAP = 6;
    private static final int ROW_GAP = 14;
    private static final int FOOTER = 24;

    /** Pixels; smaller pictures are shown larger, by a whole number. */
    private static final int SHORTEST_SIDE = 64;

    /**
     * One row.
     *
     * @param name in bold
     * @param note in small type below it
     * @param pictures unsigned bytes, C·H·W
     */
    public record Row(String name, String note, List<byte[]> pictures) {}

    private final ImageShape shape;
    private final int scale;
    private final int columns;

    /**
     * A sheet.
     *
     * @param shape of each picture
     * @param columns pictures in a full row
     */
    public ContactSheet(ImageShape shape, int columns) {
        this.shape = shape;
        this.scale = Math.max(1, SHORTEST_SIDE / Math.max(shape.height(), shape.width()));
        this.columns = columns;
    }

    /** The sheet as PNG, R-G-B. */
    public byte[] png(String title, String subtitle, List<Row> rows, String footer) {
        int width = 2 * MARGIN + NAMES + columns * (shape.width() * scale + GAP) - GAP;
        int height = 2 * MARGIN + HEADER + rows.size() * rowHeight() + (footer.isEmpty() ? 0 : FOOTER);
        BufferedImage sheet = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        Graphics2D pen = sheet.createGraphics();
        pen.setRenderingHint(RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
        pen.setColor(PAPER);
        pen.fillRect(0, 0, width, height);
        write(pen, title, TITLE_FONT, INK, MARGIN, MARGIN + 16, width - 2 * MARGIN);
        write(pen, subtitle, NOTE_FONT, PALE_INK, MARGIN, MARGIN + 36, width - 2 * MARGIN);
        for (int row = 0; row < rows.size(); row++) {
            draw(sheet, pen, rows.get(row), MARGIN + HEADER + row * rowHeight());
        }
        write(pen, footer, NOTE_FONT, PALE_INK, MARGIN, height - MARGIN, width - 2 * MARGIN);
        pen.dispose();
        return encode(sheet);
    }

    private int rowHeight() {
        return Math.max(shape.height() * scale, SHORTEST_SIDE / 2) + ROW_GAP;
    }

    private void draw(BufferedImage sheet, Graphics2D pen, Row row, int top) {
        pen.setColor(RULE);
        pen.fillRect(MARGIN, top, sheet.getWidth() - 2 * MARGIN, 1);
        int first = top + ROW_GAP / 2 + 1;
        write(pen, row.name(), NAME_FONT, INK, MARGIN, first + 14, NAMES - 2 * GAP);
        write(pen, row.note(), NOTE_FONT, PALE_INK, MARGIN, first + 30, NAMES - 2 * GAP);
        for (int column = 0; column < row.pictures().size(); column++) {
            int left = MARGIN + NAMES + column * (shape.width() * scale + GAP);
            paint(sheet, row.pictures().get(column), left, first);
        }
    }

    /** Writes one line, cut off with an ellipsis where it would be too long. */
    private static void write(Graphics2D pen, String text, Font font, Color colour, int left, int base, int width) {
        pen.setFont(font);
        pen.setColor(colour);
        String shown = text;
        for (int length = text.length(); pen.getFontMetrics().stringWidth(shown) > width; ) {
            shown = text.substring(0, --length) + "\u2026";
        }
        pen.drawString(shown, left, base);
    }

    private void paint(BufferedImage sheet, byte[] pixels, int left, int top) {
        int plane = shape.height() * shape.width();
        int green = shape.channels() == 1 ? 0 : plane;
        for (int y = 0; y < shape.height() * scale; y++) {
            for (int x = 0; x < shape.width() * scale; x++) {
                int i = y / scale * shape.width() + x / scale;
                int rgb =
                        ((pixels[i] & 0xFF) << 16) | ((pixels[i + green] & 0xFF) << 8) | (pixels[i + 2 * green] & 0xFF);
                sheet.setRGB(left + x, top + y, rgb);
            }
        }
    }

    private static byte[] encode(BufferedImage sheet) {
        ByteArrayOutputStream png = new ByteArrayOutputStream();
        try {
            ImageIO.write(sheet, "png", png);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot encode the contact sheet: " + e.getMessage(), e);
        }
        return png.toByteArray();
    }
}
