package org.convoy.model;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.Set;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The entry {@code coefficients.bin}: θ as ND4J writes an array. First its shape, then its values, both with the way they were
 * allocated, their number and their type ahead; big-endian. ND4J's own reader allocates what the number says and takes the shape
 * at its word, whatever the memory behind it; here the network alone says how much is read.
 *
 * @param type of the values
 * @param length P, their number
 */
record StoredParameters(DataType type, long length) {
    /** Ways of allocation, by their age: DL4J before 1.0.0-alpha wrote an int for the number of values, and a long since. */
    private static final Set<String> WITH_INT = Set.of("DIRECT", "HEAP", "JAVACPP");

    private static final Set<String> WITH_LONG = Set.of("LONG_SHAPE", "MIXED_DATA_TYPES");

    /** Of an array's description: rank, shape and strides of 32 dimensions at most, and three more. */
    private static final int MOST_SHAPE_VALUES = 68;

    private static final int CHUNK_BYTES = 1 << 16;

    /**
     * What an entry holds.
     *
     * @throws BadModelException if it is not one array of float32 or float64, whole
     */
    static StoredParameters scan(InputStream entry, String where) throws IOException {
        StoredParameters header = header(entry, where);
        long bytes = 0;
        byte[] chunk = new byte[CHUNK_BYTES];
        for (int read = entry.read(chunk); read >= 0; read = entry.read(chunk)) {
            bytes += read;
        }
        if (bytes % header.type.width() != 0 || bytes / header.type.width() != header.length) {
            throw new BadModelException(
                    "[" + where + "] has a coefficients.bin of " + bytes + " bytes of values where " + header.length
                            + " of " + header.type + " must be",
                    null);
        }
        return header;
    }

    /**
     * θ, float32 [1, P], from an entry that {@link #scan} has found good.
     *
     * @param parameters P, as the network's configuration has it
     */
    static INDArray read(InputStream entry, long parameters, String where) throws IOException {
        StoredParameters header = header(entry, where);
        INDArray vector = Nd4j.createUninitializedDetached(DataType.FLOAT, 1, parameters);
        FloatBuffer target = FlatVector.view(vector);
        byte[] chunk = new byte[CHUNK_BYTES];
        while (target.hasRemaining()) {
            int bytes = (int) Math.min(CHUNK_BYTES, (long) target.remaining() * header.type.width());
            if (entry.readNBytes(chunk, 0, bytes) != bytes) {
                throw new EOFException();
            }
            ByteBuffer values = ByteBuffer.wrap(chunk, 0, bytes);
            if (header.type == DataType.FLOAT) {
                target.put(values.asFloatBuffer());
            } else {
                while (values.hasRemaining()) {
                    target.put((float) values.getDouble());
                }
            }
        }
        FlatVector.written(vector);
        return vector;
    }

    private static StoredParameters header(InputStream entry, String where) throws IOException {
        DataInputStream in = new DataInputStream(entry);
        try {
            StoredParameters shape = buffer(in);
            if (shape.length > MOST_SHAPE_VALUES) {
                throw new IllegalArgumentException("its shape has " + shape.length + " values");
            }
            in.skipNBytes(shape.length * shape.type.width());
            StoredParameters values = buffer(in);
            if (values.type != DataType.FLOAT && values.type != DataType.DOUBLE) {
                throw new IllegalArgumentException("its values are of type " + values.type);
            }
            return values;
        } catch (IllegalArgumentException e) {
            throw new BadModelException(
                    "[" + where + "] has a coefficients.bin that is no array of float32 or float64: " + e.getMessage(),
                    e);
        }
    }

    private static StoredParameters buffer(DataInputStream in) throws IOException {
        String allocation = in.readUTF();
        if (!WITH_INT.contains(allocation) && !WITH_LONG.contains(allocation)) {
            throw new IllegalArgumentException("it begins otherwise");
        }
        long length = WITH_INT.contains(allocation) ? in.readInt() : in.readLong();
        DataType type = DataType.valueOf(in.readUTF());
        if (length < 0 || type.width() < 1) {
            throw new IllegalArgumentException(length + " values of type " + type);
        }
        return new StoredParameters(type, length);
    }
}
