package org.convoy.train;

import org.convoy.model.ParentModel;

/**
 * What training starts from.
 *
 * @param from the parent: NAME, NAME@CURRENT or NAME@NUMBER in the model repository, or a path; blank to start anew
 * @param head what becomes of the parent's head
 * @param freeze what of the parent is not trained, as {@link ParentModel#topology} takes it
 * @param features where the head's features are kept: {@value #BESIDE_THE_MODEL}, {@value #NOWHERE} or a directory
 */
record Transfer(String from, ParentModel.Head head, String freeze, String features) {
    static final String BESIDE_THE_MODEL = "auto";
    static final String NOWHERE = "none";

    Transfer {
        if (from.isBlank() && !freeze.equals("none")) {
            throw new IllegalArgumentException(
                    "transfer.freeze must be none without transfer.from but was '" + freeze + "'");
        }
    }

    boolean startsAnew() {
        return from.isBlank();
    }

    /** Whether the parent is a file; a model's name has no slash. */
    boolean isPath() {
        return from.contains("/") || from.endsWith(".zip") || from.endsWith(".h5");
    }
}
