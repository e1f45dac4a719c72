package org.convoy.model.architecture;

import java.util.List;

/** A description that names what there is not. */
public final class UnknownNameException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    private final String given;
    private final transient List<String> known;

    UnknownNameException(String message, String given, List<String> known) {
        super(message);
        this.given = given;
        this.known = List.copyOf(known);
    }

    /** The name that is unknown. */
    public String given() {
        return given;
    }

    /** The names that would have been understood in its place. */
    public List<String> known() {
        return known;
    }
}
