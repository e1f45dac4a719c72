package org.convoy.prepare;

import org.convoy.data.Colour;

/** Rows of a bitmap without alpha: grey if the picture or the target is, else colours. */
final class SampleRows {
    /** Pixels that {@link #planes} reads at a time. */
    private static final int PIXELS_AT_A_TIME = 1 << 14;

    private final Bitmap bitmap;
    private final int background;
    private final boolean grey;
    private final boolean toLuma;
    /** The bitmap, if these are its samples as it has them; else null. */
    private final OpenCvBitmap stored;

    SampleRows(Bitmap bitmap, Colour colour, int background) {
        this.bitmap = bitmap;
        this.background = background;
        this.grey = bitmap.grey() || colour == Colour.GREY;
        this.toLuma = grey && !bitmap.grey();
        this.stored = bitmap instanceof OpenCvBitmap opaque && !opaque.transparent() && !toLuma ? opaque : null;
    }

    /** Planes that a picture of these rows has: 1 grey, or 3 R-G-B. */
    int channels() {
        return grey ? 1 : 3;
    }

    int width() {
        return bitmap.width();
    }

    int height() {
        return bitmap.height();
    }

    /**
     * Reads {@code count} pixels, row after row, from pixel {@code first} on into the beginning of {@code pixels}: 0xRRGGBB, or grey
     * in the lowest byte; what stands above says nothing.
     */
    void read(int first, int count, int[] pixels) {
        bitmap.read(first, count, pixels);
        if (bitmap.transparent()) {
            composite(pixels, count);
        }
        if (toLuma) {
            for (int i = 0; i < count; i++) {
                pixels[i] = luma((pixels[i] >> 16) & 0xFF, (pixels[i] >> 8) & 0xFF, pixels[i] & 0xFF);
            }
        }
    }

    /** From a sample to the one of the next pixel, as {@link #readSamples} gives them. */
    int samplesPerPixel() {
        return stored == null ? Integer.BYTES : stored.channels();
    }

    /**
     * Reads {@code count} pixels, row after row, from pixel {@code first} on into the beginning of {@code samples}, four samples in an
     * int, the first one lowest: B-G-R or grey; what else there is between them says nothing.
     */
    void readSamples(int first, int count, int[] samples) {
        if (stored == null) {
            read(first, count, samples);
        } else {
            stored.readSamples(first, count, samples);
        }
    }

    /**
     * All samples, plane after plane.
     *
     * @return unsigned bytes [channels, height, width]
     */
    byte[] planes() {
        if (stored != null) {
            return stored.planes();
        }
        int plane = width() * height();
        byte[] planes = new byte[channels() * plane];
        int[] pixels = new int[Math.min(plane, PIXELS_AT_A_TIME)];
        for (int first = 0; first < plane; first += pixels.length) {
            int count = Math.min(pixels.length, plane - first);
            read(first, count, pixels);
            for (int c = 0; c < channels(); c++) {
                int shift = 8 * (channels() - 1 - c);
                for (int i = 0; i < count; i++) {
                    planes[c * plane + first + i] = (byte) (pixels[i] >> shift);
                }
            }
        }
        return planes;
    }

    /** Puts the background behind the pixels' colours (T. Porter and T. Duff, "Compositing digital images", over). */
    private void composite(int[] pixels, int count) {
        for (int i = 0; i < count; i++) {
            int alpha = pixels[i] >>> 24;
            if (alpha < 255) {
                int weight = bitmap.premultiplied() ? 255 : alpha;
                int composed = 0;
                for (int shift = 0; shift < 24; shift += 8) {
                    int own = ((pixels[i] >> shift) & 0xFF) * weight;
                    int behind = ((background >> shift) & 0xFF) * (255 - alpha);
                    composed |= Math.min(255, (own + behind + 127) / 255) << shift;
                }
                pixels[i] = composed;
            }
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
