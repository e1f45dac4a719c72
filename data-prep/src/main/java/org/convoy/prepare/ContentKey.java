package org.convoy.prepare;

import java.io.Serializable;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.apache.spark.Partitioner;
import org.convoy.data.Split;

/**
 * The order of pictures in the shuffle: by content hash, so that equal bytes are neighbours and the rows lie shuffled; among equal
 * bytes test before validation before train, so that a test picture is never also trained on; then by id.
 */
@SuppressWarnings("ArrayRecordComponent") // compared by compareTo alone
record ContentKey(byte[] sha256, Split split, String id) implements Comparable<ContentKey>, Serializable {

    static ContentKey of(Outcome.Origin origin) {
        return new ContentKey(origin.sha256(), origin.split(), origin.id());
    }

    @Override
    public int compareTo(ContentKey other) {
        int byContent = Arrays.compareUnsigned(sha256, other.sha256);
        if (byContent != 0) {
            return byContent;
        }
        int bySplit = other.split.compareTo(split);
        return bySplit != 0 ? bySplit : id.compareTo(other.id);
    }

    /** Equal ranges of the hash's first 32 bits: uniform without a sampling pass. */
    static final class Ranges extends Partitioner {
        private static final long serialVersionUID = 1L;

        private final int partitions;

        Ranges(int partitions) {
            this.partitions = partitions;
        }

        @Override
        public int numPartitions() {
            return partitions;
        }

        @Override
        public int getPartition(Object key) {
            long first = Integer.toUnsignedLong(
                    ByteBuffer.wrap(((ContentKey) key).sha256).getInt());
            return (int) ((first * partitions) >>> Integer.SIZE);
        }
    }
}
