package org.convoy.train;

import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.util.List;
import org.apache.spark.util.KnownSizeEstimation;

/**
 * A {@link WorkerSlice} before it is written: still in the replica's own memory, from where it goes straight into the
 * shuffle's file. A copy on the heap would cost as much as the writing.
 *
 * @param work what the worker did
 * @param reached θ_k and the optimiser state behind it, as far as it travels, in pieces; empty if the worker had no examples
 * @param start what it started from, in one piece
 * @param from first value of the slice
 * @param length values of the slice
 */
record OutgoingSlice(
        WorkerSlice.Work work, WireFormat wire, List<FloatBuffer> reached, FloatBuffer start, int from, int length)
        implements KnownSizeEstimation {
    /** Larger writes go through memory that the JDK allocates for each. */
    private static final int CHUNK = 2048;

    /** Next to nothing: Spark would otherwise follow the references into native memory. */
    @Override
    public long estimatedSize() {
        return 64;
    }

    void write(DataOutputStream out) throws IOException {
        work.write(out);
        out.writeInt(Math.multiplyExact(length, wire.bytes()));
        float[] values = new float[CHUNK];
        float[] before = new float[CHUNK];
        byte[] bytes = new byte[CHUNK * wire.bytes()];
        for (int at = from; at < from + length; at += CHUNK) {
            int count = Math.min(CHUNK, from + length - at);
            read(at, values, count);
            if (wire.carriesChanges()) {
                start.get(at, before, 0, count);
            }
            wire.encode(values, before, count, bytes);
            out.write(bytes, 0, count * wire.bytes());
        }
    }

    /** Reads values that may lie in several pieces. */
    private void read(int first, float[] into, int count) {
        int pieceStart = 0;
        int done = 0;
        for (FloatBuffer piece : reached) {
            int here = Math.min(count - done, pieceStart + piece.limit() - first - done);
            if (here > 0) {
                piece.get(first + done - pieceStart, into, done, here);
                done += here;
            }
            pieceStart += piece.limit();
        }
    }
}
