package org.convoy.data;

/** The part of a dataset that a picture belongs to. */
public enum Split {
    TRAIN("train"),
    VALIDATION("validation"),
    TEST("test");

    private final String label;

    Split(String label) {
        this.label = label;
    }

    /** The name in the manifest and in reports: {@code train}. */
    public String label() {
        return label;
    }

    /** The directory inside the dataset: {@code split=train}. */
    public String directory() {
        return "split=" + label;
    }
}
