package org.convoy.train;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.Serializable;

/**
 * One slice of what one worker reached in a round, as it comes out of the shuffle.
 *
 * @param work what the worker did
 * @param values the slice of its vector θ_k (and optimiser state) in the run's {@link WireFormat}; empty if it had no
 *     examples
 */
@SuppressWarnings("ArrayRecordComponent") // carried, never compared
record WorkerSlice(Work work, byte[] values) {

    /**
     * What one worker did in one round.
     *
     * @param worker 0 to K - 1
     * @param host where it did it, with the executor's number
     * @param examples n_k
     * @param lossSum sum over its examples of the loss before the step that used them
     * @param loadSeconds taken to receive θ and load it
     * @param computeSeconds taken by the local steps
     */
    record Work(int worker, String host, int examples, double lossSum, double loadSeconds, double computeSeconds)
            implements Serializable {

        void write(DataOutputStream out) throws IOException {
            out.writeInt(worker);
            out.writeUTF(host);
            out.writeInt(examples);
            out.writeDouble(lossSum);
            out.writeDouble(loadSeconds);
            out.writeDouble(computeSeconds);
        }

        static Work read(DataInputStream in) throws IOException {
            return new Work(
                    in.readInt(), in.readUTF(), in.readInt(), in.readDouble(), in.readDouble(), in.readDouble());
        }
    }
}
