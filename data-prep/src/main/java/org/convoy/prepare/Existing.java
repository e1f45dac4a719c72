package org.convoy.prepare;

/** What to do if the output is there already. */
public enum Existing {
    /** Stop before anything is read. */
    REFUSE,
    /** Replace it, once the new dataset is whole. Only a dataset is ever replaced. */
    REPLACE,
    /** Add to it. Its files stay as they are; the new manifest lists old and new ones. */
    APPEND
}
