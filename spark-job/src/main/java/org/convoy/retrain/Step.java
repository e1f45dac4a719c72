package org.convoy.retrain;

import java.util.Locale;

/** The steps of a cycle between taking the lock and giving it back, in their order. A finished one is never done again. */
enum Step {
    /** Which inputs are new, and what the current version is. */
    FIND,
    /** New pictures into the dataset. */
    PREPARE,
    /** The candidates, each a version of the model that is not published. */
    TRAIN,
    /** Candidates and current version on the same pictures. */
    EVALUATE,
    /** The gates. */
    JUDGE,
    /** The report, beside the candidate. */
    REPORT,
    /** The candidate is published, or kept back and its new pictures set aside. */
    DECIDE,
    /** The run's line of figures. */
    METRICS,
    /** The user's command. */
    HOOK,
    /** What was taken in, for the next run. */
    REMEMBER;

    String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
