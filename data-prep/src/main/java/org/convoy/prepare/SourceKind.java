package org.convoy.prepare;

/** What lies in the input directory. */
public enum SourceKind {
    IMAGE_FOLDER("image-folder"),
    IDX("idx");

    private final String label;

    SourceKind(String label) {
        this.label = label;
    }

    public String label() {
        return label;
    }
}
