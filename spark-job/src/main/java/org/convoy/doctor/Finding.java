package org.convoy.doctor;

import java.io.Serializable;

/**
 * One thing that the doctor found.
 *
 * @param check what was looked at, in a word or two
 * @param what was found
 * @param why it matters; empty if all is well
 * @param remedy what to do; empty if all is well
 */
public record Finding(Severity severity, String check, String what, String why, String remedy) implements Serializable {
    static Finding ok(String check, String what) {
        return new Finding(Severity.OK, check, what, "", "");
    }

    static Finding warning(String check, String what, String why, String remedy) {
        return new Finding(Severity.WARNING, check, what, why, remedy);
    }

    static Finding error(String check, String what, String why, String remedy) {
        return new Finding(Severity.ERROR, check, what, why, remedy);
    }
}
