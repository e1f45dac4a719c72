package org.convoy.retrain;

import java.util.Locale;

/** What a candidate's training starts from. */
enum CandidateKind {
    /** The current version. */
    WARM_START,
    /** Fresh weights. */
    FROM_SCRATCH;

    /** Its name in configuration. */
    String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
