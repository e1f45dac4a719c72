package org.convoy.train;

import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.spark.SparkEnv;
import org.apache.spark.storage.BlockData;
import org.apache.spark.storage.BlockId;
import org.apache.spark.storage.BlockManager;
import org.apache.spark.storage.StorageLevel;
import org.apache.spark.util.io.ChunkedByteBuffer;
import scala.reflect.ClassTag;

/**
 * Slices of vectors in Spark's block storage, on driver and executors: raw bytes, in memory or on disk if that is full. Their
 * names are those of broadcasts, whose blocks Spark forgets everywhere by their number.
 */
final class SliceBlocks {
    /** What is sent at once. */
    static final int LARGEST_BYTES = 16 << 20;

    /** Spark counts its own broadcasts from 0. */
    private static final AtomicLong NEXT_ID = new AtomicLong(1L << 40);

    private SliceBlocks() {}

    /** A number that no other broadcast has; on the driver. */
    static long newId() {
        return NEXT_ID.getAndIncrement();
    }

    /**
     * Lays a slice out for others.
     *
     * @param bytes shared and not copied; must not be changed any more
     */
    static void store(BlockId block, ByteBuffer bytes) {
        storage()
                .putBytes(
                        block,
                        new ChunkedByteBuffer(bytes.slice()),
                        StorageLevel.MEMORY_AND_DISK_SER(),
                        true,
                        ClassTag.apply(byte[].class));
    }

    /** A slice that lies in this process; to be read only. */
    static Optional<ByteBuffer> here(BlockId block) {
        BlockManager blocks = storage();
        scala.Option<BlockData> stored = blocks.getLocalBytes(block);
        if (stored.isEmpty()) {
            return Optional.empty();
        }
        ByteBuffer bytes = stored.get().toByteBuffer();
        blocks.releaseLock(block, scala.Option.empty());
        return Optional.of(bytes);
    }

    /** A slice that lies in another process; empty if none has it any more. */
    static Optional<ByteBuffer> elsewhere(BlockId block) {
        scala.Option<ChunkedByteBuffer> bytes = storage().getRemoteBytes(block);
        return bytes.isEmpty() ? Optional.empty() : Optional.of(bytes.get().toByteBuffer());
    }

    /** Forgets all slices of that number, here and on all executors. */
    static void forget(long id) {
        storage().master().removeBroadcast(id, true, false);
    }

    private static BlockManager storage() {
        return SparkEnv.get().blockManager();
    }
}
