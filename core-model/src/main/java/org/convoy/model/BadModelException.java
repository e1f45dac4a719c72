package org.convoy.model;

/** A model archive that cannot be used; the message says what is wrong with it in one line. */
public final class BadModelException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    BadModelException(String message, Throwable cause) {
        super(message, cause);
    }
}
