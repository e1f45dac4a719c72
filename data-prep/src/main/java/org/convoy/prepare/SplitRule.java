package org.convoy.prepare;

import java.io.Serializable;
import java.nio.ByteBuffer;
import java.util.Locale;
import org.convoy.data.Split;

/**
 * Which split a picture goes to: a pure function of its bytes, so that it never moves when data is added and the same bytes never
 * lie in two splits. A picture that the source gives to validation or test stays there.
 *
 * @param validationShare of the pictures that are not given to a split; 0 if validation is given
 * @param testShare likewise; 0 if test is given
 */
record SplitRule(double validationShare, double testShare) implements Serializable {
    private static final double TWO_TO_53 = 0x1p53;

    /**
     * The split of a picture.
     *
     * @param given the source's own split; TRAIN also if it has none
     * @param sha256 of the picture's encoded bytes
     */
    Split of(Split given, byte[] sha256) {
        if (given != Split.TRAIN) {
            return given;
        }
        double position = position(sha256);
        if (position < testShare) {
            return Split.TEST;
        }
        return position < testShare + validationShare ? Split.VALIDATION : Split.TRAIN;
    }

    /** In [0, 1), from the last 53 bits of the hash: rows are sorted by the first bits, which must say nothing here. */
    private static double position(byte[] sha256) {
        long last = ByteBuffer.wrap(sha256).getLong(sha256.length - Long.BYTES);
        return (last & ((1L << 53) - 1)) / TWO_TO_53;
    }

    /** The rule in words, for the manifest. */
    String inWords() {
        return String.format(
                Locale.ROOT,
                "p = (last 53 bits of the SHA-256 of the encoded bytes) / 2^53; test if p < %s, validation if p < %s, else"
                        + " train; a split given by the source is kept",
                testShare,
                testShare + validationShare);
    }
}
