package org.convoy.prepare;

import java.util.Locale;

/** Which classes pictures may have that are appended to a dataset. */
public enum AppendedClasses {
    /** Some of the dataset's. */
    KNOWN,
    /** All of the dataset's, and no other. */
    SAME,
    /** Others too, which get the labels behind the dataset's. */
    ANY;

    /** Its name in configuration. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
