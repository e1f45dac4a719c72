package org.convoy.prepare;

/** A JPEG that {@link SequentialJpeg} does not decode: damaged, or of a rare kind. */
final class UnusualJpegException extends Exception {
    private static final long serialVersionUID = 1L;

    UnusualJpegException(String detail) {
        super(detail);
    }
}
