package org.convoy.doctor;

import java.util.Locale;

/** What a finding means for a training. */
public enum Severity {
    /** As it should be. */
    OK,
    /** It will work, but slowly, or not always. */
    WARNING,
    /** It will not work. */
    ERROR;

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
