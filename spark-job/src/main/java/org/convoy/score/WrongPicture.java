package org.convoy.score;

import java.io.Serializable;
import java.util.Comparator;

/**
 * A picture that the model is wrong about.
 *
 * @param label of the true class
 * @param predicted label of the most probable class
 * @param probability of that
 * @param thumbnail unsigned bytes, C·H·W
 */
@SuppressWarnings("ArrayRecordComponent") // carried, never compared
record WrongPicture(String id, int label, int predicted, float probability, byte[] thumbnail) implements Serializable {

    /** The surest first; an order that does not depend on which task has seen them. */
    static final Comparator<WrongPicture> SUREST_FIRST =
            Comparator.comparing(WrongPicture::probability).reversed().thenComparing(WrongPicture::id);
}
