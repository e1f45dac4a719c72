package org.convoy.train;

import java.io.Serializable;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import org.apache.spark.SparkEnv;
import org.apache.spark.storage.BlockId;
import org.apache.spark.storage.BlockManager;
import org.apache.spark.storage.BlockManagerId;
import org.apache.spark.storage.BroadcastBlockId;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import scala.collection.JavaConverters;

/**
 * A vector on its way from the driver to all workers of a round. The driver sends each slice to one worker, and the workers
 * take the others from each other, so that what it sends does not grow with them. (Of Spark's own broadcast, a driver that
 * all executors ask at once sends several copies.)
 *
 * <p>Slices lie in Spark's block storage. A worker that does not find one with another worker in time, because that one is
 * lost or has not begun, takes it from the driver. On the wire: the numbers below.
 */
final class SlicedBroadcast implements Serializable {
    private static final long serialVersionUID = 1L;
    private static final Logger LOG = LoggerFactory.getLogger(SlicedBroadcast.class);

    private static final int SMALLEST_SLICE_BYTES = 256 << 10;

    /** How long a worker waits for another one to have its slices. */
    private static final long PATIENCE_NANOS = 500_000_000L;

    private static final long BETWEEN_QUESTIONS_MILLIS = 2;

    /** Whole vectors by broadcast, for all workers of this process; the driver's own process has it from the start. */
    private static final Map<Long, byte[]> WHOLE = new ConcurrentHashMap<>();

    private final long id;
    private final int length;
    private final int slices;
    private final int workers;

    private SlicedBroadcast(long id, int length, int slices, int workers) {
        this.id = id;
        this.length = length;
        this.slices = slices;
        this.workers = workers;
    }

    /**
     * Lays a vector out for {@code workers} workers; it must not be changed any more.
     *
     * @param vector bytes, shared and not copied
     */
    static SlicedBroadcast of(byte[] vector, int workers) {
        int fewest = Math.floorDiv(vector.length, SliceBlocks.LARGEST_BYTES) + 1;
        int most = Math.floorDiv(vector.length, SMALLEST_SLICE_BYTES) + 1;
        int slices = Math.min(Math.max(workers, fewest), most);
        SlicedBroadcast broadcast = new SlicedBroadcast(SliceBlocks.newId(), vector.length, slices, workers);
        WHOLE.put(broadcast.id, vector);
        for (int slice = 0; slice < slices; slice++) {
            SliceBlocks.store(
                    broadcast.block(slice), ByteBuffer.wrap(vector, broadcast.from(slice), broadcast.length(slice)));
        }
        return broadcast;
    }

    /** Takes the slices that this worker passes on to the others from the driver. The first thing a worker's task does. */
    void passOn(int worker) {
        BlockManager blocks = SparkEnv.get().blockManager();
        if (blocks.blockManagerId().isDriver()) {
            // Embedded Spark: all is here already.
            return;
        }
        for (int slice = worker; slice < slices; slice += workers) {
            if (SliceBlocks.here(block(slice)).isEmpty()) {
                SliceBlocks.store(block(slice), fromAnywhere(slice));
            }
        }
    }

    /** The whole vector, on a worker; to be read only. */
    byte[] value() {
        byte[] known = WHOLE.get(id);
        if (known != null) {
            return known;
        }
        synchronized (WHOLE) {
            // A round's vector is of no use in the next one.
            WHOLE.keySet().removeIf(other -> other != id);
            return WHOLE.computeIfAbsent(id, missing -> assembled());
        }
    }

    /** Forgets the vector, here and on all executors. */
    void destroy() {
        WHOLE.remove(id);
        SliceBlocks.forget(id);
    }

    private byte[] assembled() {
        BlockManager blocks = SparkEnv.get().blockManager();
        byte[] vector = new byte[length];
        List<Integer> missing =
                new ArrayList<>(IntStream.range(0, slices).boxed().toList());
        long deadline = System.nanoTime() + PATIENCE_NANOS;
        while (!missing.isEmpty()) {
            int before = missing.size();
            missing.removeIf(slice -> {
                Optional<ByteBuffer> found = SliceBlocks.here(block(slice));
                found.ifPresent(bytes -> bytes.get(vector, from(slice), length(slice)));
                return found.isPresent();
            });
            List<List<BlockManagerId>> locations = locations(blocks, missing);
            for (int i = missing.size() - 1; i >= 0; i--) {
                int slice = missing.get(i);
                Optional<ByteBuffer> found = fromWorker(blocks, slice, locations.get(i));
                if (found.isEmpty() && System.nanoTime() > deadline) {
                    LOG.debug("No worker has slice {} of broadcast {}; the driver sends it again", slice, id);
                    found = Optional.of(fromAnywhere(slice));
                }
                if (found.isPresent()) {
                    found.get().get(vector, from(slice), length(slice));
                    missing.remove(i);
                }
            }
            if (missing.size() == before) {
                pause();
            }
        }
        return vector;
    }

    private List<List<BlockManagerId>> locations(BlockManager blocks, List<Integer> asked) {
        BlockId[] ids = asked.stream().map(this::block).toArray(BlockId[]::new);
        return JavaConverters.seqAsJavaList(blocks.master().getLocations(ids)).stream()
                .map(JavaConverters::seqAsJavaList)
                .toList();
    }

    private Optional<ByteBuffer> fromWorker(BlockManager blocks, int slice, List<BlockManagerId> locations) {
        for (BlockManagerId location : locations) {
            if (!location.isDriver()) {
                try {
                    return Optional.of(blocks.blockTransferService()
                            .fetchBlockSync(
                                    location.host(),
                                    location.port(),
                                    location.executorId(),
                                    block(slice).name(),
                                    null)
                            .nioByteBuffer());
                } catch (Exception e) {
                    LOG.warn("Cannot take slice {} from {}: {}; another has it", slice, location, e.getMessage());
                }
            }
        }
        return Optional.empty();
    }

    private ByteBuffer fromAnywhere(int slice) {
        return SliceBlocks.elsewhere(block(slice))
                .orElseThrow(() -> new IllegalStateException("Cannot receive slice " + slice + " of broadcast " + id));
    }

    private BlockId block(int slice) {
        return new BroadcastBlockId(id, "slice" + slice);
    }

    private int from(int slice) {
        return SliceReduction.firstValue(slice, slices, length);
    }

    private int length(int slice) {
        return from(slice + 1) - from(slice);
    }

    private static void pause() {
        try {
            Thread.sleep(BETWEEN_QUESTIONS_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting for other workers", e);
        }
    }
}
