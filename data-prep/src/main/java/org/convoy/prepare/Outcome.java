package org.convoy.prepare;

import java.io.Serializable;
import java.util.Arrays;
import org.convoy.data.Split;

/** What became of one record of the source. Exactly one outcome per record: that is what the counts are checked by. */
sealed interface Outcome extends Serializable {
    Origin origin();

    /**
     * Where a picture comes from.
     *
     * @param id unique in the source
     * @param split as {@link SplitRule} decided
     * @param bytes size of the encoded picture
     * @param sha256 of the encoded bytes
     * @param weight how much it counts in training, above 0
     */
    @SuppressWarnings("ArrayRecordComponent") // compared by Arrays.equals alone
    record Origin(String id, int label, Split split, long bytes, byte[] sha256, float weight) implements Serializable {
        /** Of a source without weights. */
        Origin(String id, int label, Split split, long bytes, byte[] sha256) {
            this(id, label, split, bytes, sha256, 1);
        }

        boolean hasBytesOf(Origin other) {
            return Arrays.equals(sha256, other.sha256);
        }
    }

    /**
     * A row of the dataset.
     *
     * @param pixels unsigned bytes, C·H·W
     */
    @SuppressWarnings("ArrayRecordComponent")
    record Picture(Origin origin, int sourceWidth, int sourceHeight, byte[] pixels) implements Outcome {}

    /** Set aside. */
    record Rejected(Origin origin, Reason reason, String detail) implements Outcome {}

    /**
     * Has the bytes and the label of a picture that is kept.
     *
     * @param keptIn the split of that one
     */
    record Duplicate(Origin origin, Split keptIn) implements Outcome {}

    /** Not of the source but of the dataset that is appended to: what {@link Deduplication} compares with, never what it gives. */
    record Known(Origin origin) implements Outcome {}
}
