package org.convoy.prepare;

import java.io.Serializable;
import java.util.List;

/**
 * What is read to be scored.
 *
 * @param input a directory or file
 * @param kind what it is
 * @param classes of the model, in label order
 * @param labels whether pictures' true classes are read
 * @param columns of a Parquet table
 * @param split of a dataset; {@code all} for every one
 * @param maxBytes larger encoded pictures are not read
 * @param mostPictures of a unit
 */
public record UnitsConfig(
        String input,
        UnitsKind kind,
        List<String> classes,
        Labels labels,
        Columns columns,
        String split,
        long maxBytes,
        long mostPictures)
        implements Serializable {

    /** Units that small inputs are cut into, so that many tasks find work. */
    private static final long WANTED_UNITS = 64;

    private static final long SMALLEST_UNIT = 256;

    /** Units of rows hold multiples of {@code score.batch-size}'s default: a small batch at a unit's end takes longer a picture. */
    private static final long WHOLE_BATCHES = 64;

    /** Whether true classes are read, from directories, a column or a dataset. */
    public enum Labels {
        /** Where every class that the input names is the model's. */
        AUTO("auto"),
        REQUIRED("required"),
        NONE("none");

        private final String label;

        Labels(String label) {
            this.label = label;
        }

        public String label() {
            return label;
        }
    }

    /** Names of the columns of a Parquet table; {@code id} and {@code label} may be missing there. */
    public record Columns(String id, String bytes, String label) implements Serializable {}

    /** How many pictures go into one unit: a function of the input alone, so that the same input gives the same units anywhere. */
    long picturesPerUnit(long pictures) {
        long wanted = Math.max(SMALLEST_UNIT, quotient(pictures, WANTED_UNITS));
        return Math.min(mostPictures, WHOLE_BATCHES * quotient(wanted, WHOLE_BATCHES));
    }

    /** Rounded up. */
    private static long quotient(long dividend, long divisor) {
        return (dividend + divisor - 1) / divisor;
    }
}
