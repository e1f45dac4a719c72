package org.convoy.runtime;

/**
 * Something the user can put right: one line that says what, where, which value, and what to do. The command line prints
 * the message alone and ends with {@link #exitCode()}. Serializable, so an executor can throw it and the driver still
 * finds it in the cause chain of Spark's exception.
 */
public final class UserError extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final ExitCode exitCode;

    private UserError(ExitCode exitCode, String message, Throwable cause) {
        super(message, cause);
        this.exitCode = exitCode;
    }

    /** Wrong usage or configuration: exit code 2. */
    public static UserError usage(String message) {
        return new UserError(ExitCode.USAGE, message, null);
    }

    /** Bad or missing input data: exit code 3. */
    public static UserError badInput(String message) {
        return new UserError(ExitCode.BAD_INPUT, message, null);
    }

    /** Bad or missing input data, as found by a library: exit code 3. */
    public static UserError badInput(String message, Throwable cause) {
        return new UserError(ExitCode.BAD_INPUT, message, cause);
    }

    /** The job could not reach its aim and the user can do something about it: exit code 1. */
    public static UserError failed(String message) {
        return new UserError(ExitCode.FAILED, message, null);
    }

    /** Another run holds the lock: exit code 5. */
    public static UserError locked(String message) {
        return new UserError(ExitCode.LOCKED, message, null);
    }

    public ExitCode exitCode() {
        return exitCode;
    }
}
