package org.convoy.prepare;

/** What the input is. */
public enum SourceKind {
    IMAGE_FOLDER("image-folder"),
    IDX("idx"),
    TAR("tar"),
    TABLE("table"),
    PARQUET("parquet"),
    SEQUENCE_FILE("sequence-file"),
    CIFAR("cifar");

    private final String label;

    SourceKind(String label) {
        this.label = label;
    }

    public String label() {
        return label;
    }
}
