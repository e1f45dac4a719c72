package org.convoy.prepare;

import org.convoy.runtime.UserError;

/** Finds the user's error as the command line does: Spark wraps what a task threw. */
final class UserErrors {
    private UserErrors() {}

    static UserError in(Throwable thrown) {
        for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
            if (cause instanceof UserError error) {
                return error;
            }
        }
        throw new AssertionError("no UserError among the causes", thrown);
    }
}
