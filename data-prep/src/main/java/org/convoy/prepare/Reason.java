package org.convoy.prepare;

/** Why a picture is set aside. The codes stand in {@code _rejected}, the manifest and the report. */
public enum Reason {
    EMPTY_FILE("empty-file"),
    /** More bytes than prepare.max-picture-bytes; not read. */
    TOO_LARGE("too-large"),
    /** More pixels declared than prepare.max-picture-pixels; not decoded. */
    TOO_MANY_PIXELS("too-many-pixels"),
    /** None of {@link PictureFormat} by its first bytes. */
    UNKNOWN_FORMAT("unknown-format"),
    TRUNCATED("truncated"),
    UNDECODABLE("undecodable"),
    /** Not decoded within prepare.max-picture-seconds. */
    TOO_SLOW("too-slow"),
    /** Its task's process died while it decoded it. */
    KILLED_ITS_PROCESS("killed-its-process"),
    /** The same bytes stand under two labels, so neither can be trusted. */
    CONFLICTING_LABELS("conflicting-labels");

    private final String code;

    Reason(String code) {
        this.code = code;
    }

    public String code() {
        return code;
    }
}
