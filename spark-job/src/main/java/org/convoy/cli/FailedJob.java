package org.convoy.cli;

/**
 * How a driver in YARN's cluster mode ends that has not reached its aim. YARN wants an exception there, shows its message to whoever
 * submitted the job, and takes {@code System.exit}, whatever its code, for a crash.
 */
final class FailedJob extends RuntimeException {
    private static final long serialVersionUID = 1L;

    FailedJob(String line, int exitCode) {
        // Without a stack trace, which says nothing here, and which YARN would print.
        super(line + " (exit code " + exitCode + ")", null, false, false);
    }
}
