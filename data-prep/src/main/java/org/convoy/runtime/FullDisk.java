package org.convoy.runtime;

import java.io.IOException;
import java.util.Optional;
import org.apache.hadoop.fs.ClusterStorageCapacityExceededException;

/** Tells a full disk from other failures: it is the user's to put right. */
public final class FullDisk {
    private FullDisk() {}

    /**
     * The user's error, if a full disk lies under {@code failure}.
     *
     * @param output what was written
     */
    public static Optional<UserError> under(Throwable failure, String output) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (is(cause)) {
                return Optional.of(UserError.badInput(
                        "[" + output + "] Cannot write: "
                                + String.valueOf(cause.getMessage())
                                        .lines()
                                        .findFirst()
                                        .orElse("")
                                + "; free space there and in Spark's local directories, then run again",
                        failure));
            }
        }
        return Optional.empty();
    }

    /** Whether this very exception says that a disk, a quota or all DataNodes are full. */
    public static boolean is(Throwable cause) {
        String message = String.valueOf(cause.getMessage());
        return cause instanceof ClusterStorageCapacityExceededException
                || message.endsWith("No space left on device")
                || (cause instanceof IOException && message.contains("could only be written to 0 of"));
    }
}
