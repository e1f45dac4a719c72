package org.convoy.repository;

import com.typesafe.config.Config;

/**
 * Which versions of a model stay.
 *
 * @param keepVersions how many of the newest ones, beside the current one and the one that a rollback would go to
 */
public record Retention(int keepVersions) {
    public Retention {
        if (keepVersions < 1) {
            throw new IllegalArgumentException("models.keep-versions must be 1 or more but was " + keepVersions);
        }
    }

    /** Reads section {@code models}. */
    public static Retention from(Config settings) {
        return new Retention(settings.getInt("models.keep-versions"));
    }
}
