package org.convoy.runtime;

/** How a Convoy process ends; the same in every job. */
public enum ExitCode {
    DONE(0),
    FAILED(1),
    USAGE(2),
    BAD_INPUT(3),
    GATE_HELD(4),
    LOCKED(5);

    private final int code;

    ExitCode(int code) {
        this.code = code;
    }

    public int code() {
        return code;
    }
}
