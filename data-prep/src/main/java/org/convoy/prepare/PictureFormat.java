package org.convoy.prepare;

import java.util.Optional;

/** The encodings that are read, told by the first bytes of a file. */
enum PictureFormat {
    JPEG,
    PNG,
    WEBP,
    GIF,
    BMP,
    TIFF;

    private static final PictureFormat[] FORMATS = values();

    /** The format whose magic bytes {@code encoded} begins with. */
    static Optional<PictureFormat> of(byte[] encoded) {
        for (PictureFormat format : FORMATS) {
            if (format.beginsAs(encoded)) {
                return Optional.of(format);
            }
        }
        return Optional.empty();
    }

    private boolean beginsAs(byte[] bytes) {
        return switch (this) {
            case JPEG -> has(bytes, 0, "\u00FF\u00D8\u00FF");
            case PNG -> has(bytes, 0, "\u0089PNG\r\n\u001A\n");
            case WEBP -> has(bytes, 0, "RIFF") && has(bytes, 8, "WEBP");
            case GIF -> has(bytes, 0, "GIF87a") || has(bytes, 0, "GIF89a");
            case BMP -> has(bytes, 0, "BM");
            case TIFF ->
                has(bytes, 0, "II*\0") || has(bytes, 0, "MM\0*") || has(bytes, 0, "II+\0") || has(bytes, 0, "MM\0+");
        };
    }

    /** Whether the characters of {@code text}, one byte each, stand at {@code offset}. */
    static boolean has(byte[] bytes, int offset, String text) {
        if (offset < 0 || offset > bytes.length - text.length()) {
            return false;
        }
        for (int i = 0; i < text.length(); i++) {
            if ((bytes[offset + i] & 0xFF) != text.charAt(i)) {
                return false;
            }
        }
        return true;
    }
}
