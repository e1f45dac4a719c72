package org.convoy.model.engine;

/** The heap of the process takes what its container has, or nearly: nothing is left for ND4J, which computes off the heap. */
public final class ContainerTooSmallException extends IllegalStateException {
    private static final long serialVersionUID = 1L;

    ContainerTooSmallException(String message) {
        super(message);
    }
}
