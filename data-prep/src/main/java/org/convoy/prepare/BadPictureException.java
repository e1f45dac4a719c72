package org.convoy.prepare;

/** A picture that is set aside, and why. */
final class BadPictureException extends Exception {
    private static final long serialVersionUID = 1L;

    private final Reason reason;

    BadPictureException(Reason reason, String detail) {
        super(detail);
        this.reason = reason;
    }

    Reason reason() {
        return reason;
    }
}
