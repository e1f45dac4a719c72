package org.convoy.train;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * All that a training run needs to go on as if it had never stopped.
 *
 * <p>As a file: a format number, the length of a JSON header and the header, the vectors as raw little-endian float32 each
 * after its length, and the SHA-256 of everything before it. A file that ends early or was changed is no checkpoint.
 *
 * @param identity what must be the same for the run to go on, by the name that a user knows it by
 * @param epoch in which it goes on, from 0
 * @param rounds of that epoch that are done
 * @param state θ, optimiser state and what stays on the driver, after them
 * @param outcome of the epochs before
 */
record Checkpoint(Map<String, String> identity, int epoch, List<RoundReport> rounds, State state, Outcome outcome) {
    private static final int FORMAT = 2;
    private static final int DIGEST_BYTES = 32;
    private static final JsonMapper JSON = new JsonMapper();

    /** A file that is not a whole checkpoint. */
    static final class Damaged extends IOException {
        private static final long serialVersionUID = 1L;

        Damaged(String reason) {
            super(reason);
        }
    }

    /** The part without vectors. */
    private record Header(
            Map<String, String> identity,
            int epoch,
            List<RoundReport> rounds,
            int parameterCount,
            long averagedRounds,
            Outcome.Figures figures) {}

    Checkpoint {
        identity = Map.copyOf(identity);
        rounds = List.copyOf(rounds);
    }

    byte[] encode() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        try {
            byte[] header = JSON.writeValueAsBytes(new Header(
                    identity,
                    epoch,
                    rounds,
                    state.parameterCount(),
                    state.average().rounds(),
                    outcome.figures()));
            out.writeInt(FORMAT);
            out.writeInt(header.length);
            out.write(header);
            writeVector(out, state.vector());
            writeVector(out, FloatBytes.encode(state.velocity()));
            writeVector(out, FloatBytes.encode(state.average().values()));
            writeVector(out, outcome.hasBest() ? outcome.bestState().vector() : new byte[0]);
            out.write(sha256(bytes.toByteArray()));
            return bytes.toByteArray();
        } catch (IOException e) {
            throw new IllegalStateException("Cannot encode a checkpoint", e);
        }
    }

    /**
     * Reads what {@link #encode} wrote.
     *
     * @throws Damaged if {@code bytes} are not that, whole and unchanged
     */
    static Checkpoint decode(byte[] bytes) throws Damaged {
        if (bytes.length < DIGEST_BYTES) {
            throw new Damaged("it has only " + bytes.length + " bytes");
        }
        int end = bytes.length - DIGEST_BYTES;
        if (!Arrays.equals(sha256(Arrays.copyOf(bytes, end)), Arrays.copyOfRange(bytes, end, bytes.length))) {
            throw new Damaged("its content does not match its digest");
        }
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes, 0, end))) {
            int format = in.readInt();
            if (format != FORMAT) {
                throw new Damaged("its format is " + format + ", and this version reads " + FORMAT);
            }
            Header header = JSON.readValue(in.readNBytes(in.readInt()), Header.class);
            State state = new State(
                    readVector(in),
                    header.parameterCount(),
                    FloatBytes.decode(readVector(in)),
                    new ParameterAverage(FloatBytes.decode(readVector(in)), header.averagedRounds()));
            State best = new State(readVector(in), header.parameterCount(), new float[0]);
            return new Checkpoint(
                    header.identity(), header.epoch(), header.rounds(), state, Outcome.of(header.figures(), best));
        } catch (JsonProcessingException e) {
            throw new Damaged("its header cannot be read: " + e.getOriginalMessage());
        } catch (IOException e) {
            throw new Damaged(e.getMessage());
        }
    }

    private static void writeVector(DataOutputStream out, byte[] vector) throws IOException {
        out.writeInt(vector.length / Float.BYTES);
        out.write(vector);
    }

    private static byte[] readVector(DataInputStream in) throws IOException {
        return in.readNBytes(Math.multiplyExact(in.readInt(), Float.BYTES));
    }

    private static byte[] sha256(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(bytes);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
