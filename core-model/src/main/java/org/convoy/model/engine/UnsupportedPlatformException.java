package org.convoy.model.engine;

/** This machine has no native library; the message is one line for the user. */
public final class UnsupportedPlatformException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    UnsupportedPlatformException(String message) {
        super(message);
    }
}
