package org.convoy.prepare;

import org.convoy.data.Colour;

/** Rows of a bitmap without alpha: grey if the picture or the target is, else B-G-R. */
final class SampleRows implements Resampling.Rows {
    private final Bitmap bitmap;
    private final int bitmapChannels;
    private final int channels;
    private final int width;
    private final int background;
    private final byte[] row;

    SampleRows(Bitmap bitmap, Colour colour, int background) {
        this.bitmap = bitmap;
        this.bitmapChannels = bitmap.channels();
        this.channels = Math.min(bitmapChannels, colour.channels());
        this.width = bitmap.width();
        this.background = background;
        this.row = new byte[width * bitmapChannels];
    }

    /** 1 grey or 3 B-G-R. */
    int channels() {
        return channels;
    }

    @Override
    public void read(int y, int[] samples) {
        bitmap.row(y, row);
        if (bitmapChannels == 4) {
            composite();
        }
        if (channels == bitmapChannels) {
            for (int i = 0; i < row.length; i++) {
                samples[i] = row[i] & 0xFF;
            }
        } else if (channels == 1) {
            readLuma(samples);
        } else {
            readColours(samples);
        }
    }

    /** Puts the background behind the row's colours (B. Porter and T. Duff, "Compositing digital images", over). */
    private void composite() {
        boolean premultiplied = bitmap.premultiplied();
        for (int at = 0; at < row.length; at += 4) {
            int alpha = row[at + 3] & 0xFF;
            if (alpha < 255) {
                for (int c = 0; c < 3; c++) {
                    int own = (row[at + c] & 0xFF) * (premultiplied ? 255 : alpha);
                    int behind = ((background >> (8 * c)) & 0xFF) * (255 - alpha);
                    row[at + c] = (byte) Math.min(255, (own + behind + 127) / 255);
                }
            }
        }
    }

    private void readColours(int[] samples) {
        for (int x = 0; x < width; x++) {
            for (int c = 0; c < 3; c++) {
                samples[3 * x + c] = row[bitmapChannels * x + c] & 0xFF;
            }
        }
    }

    private void readLuma(int[] samples) {
        for (int x = 0; x < width; x++) {
            int at = bitmapChannels * x;
            samples[x] = luma(row[at + 2] & 0xFF, row[at + 1] & 0xFF, row[at] & 0xFF);
        }
    }

    /** Channel {@code c} of the colour 0xRRGGBB. */
    static int sample(int rgb, Colour colour, int c) {
        return colour == Colour.GREY
                ? luma((rgb >> 16) & 0xFF, (rgb >> 8) & 0xFF, rgb & 0xFF)
                : (rgb >> (8 * (2 - c))) & 0xFF;
    }

    /** ITU-R BT.601 luma in 16-bit fixed point, as Pillow's convert("L") has it; exact for grey. */
    private static int luma(int red, int green, int blue) {
        return (red * 19595 + green * 38470 + blue * 7471 + 0x8000) >> 16;
    }
}
