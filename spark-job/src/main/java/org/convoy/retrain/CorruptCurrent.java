package org.convoy.retrain;

import java.util.Locale;

/** What is done where the current version cannot be read. */
enum CorruptCurrent {
    /** Nothing: somebody must look at it. */
    REFUSE,
    /** The version before it becomes current, and is what candidates are compared with. */
    PREDECESSOR;

    /** Its name in configuration. */
    String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
