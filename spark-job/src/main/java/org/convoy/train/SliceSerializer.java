package org.convoy.train;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import org.apache.spark.serializer.DeserializationStream;
import org.apache.spark.serializer.SerializationStream;
import org.apache.spark.serializer.Serializer;
import org.apache.spark.serializer.SerializerInstance;
import scala.reflect.ClassTag;

/**
 * Writes the reduction's records into Spark's shuffle, each a slice's number and an {@link OutgoingSlice}, and reads them as
 * number and {@link WorkerSlice}. Java serialisation would copy the values, and move them a kilobyte at a time.
 */
final class SliceSerializer extends Serializer implements Serializable {
    private static final long serialVersionUID = 1L;

    /** Larger reads go through memory that the JDK allocates for each. */
    private static final int CHUNK_BYTES = 8192;

    @Override
    public SerializerInstance newInstance() {
        return new Instance();
    }

    private static final class Instance extends SerializerInstance {
        @Override
        public SerializationStream serializeStream(OutputStream out) {
            return new Writer(out);
        }

        @Override
        public DeserializationStream deserializeStream(InputStream in) {
            return new Reader(in);
        }

        @Override
        public <T> ByteBuffer serialize(T value, ClassTag<T> type) {
            throw new UnsupportedOperationException("only records of a shuffle");
        }

        @Override
        public <T> T deserialize(ByteBuffer bytes, ClassTag<T> type) {
            throw new UnsupportedOperationException("only records of a shuffle");
        }

        @Override
        public <T> T deserialize(ByteBuffer bytes, ClassLoader loader, ClassTag<T> type) {
            throw new UnsupportedOperationException("only records of a shuffle");
        }
    }

    private static final class Writer extends SerializationStream {
        private final DataOutputStream out;

        Writer(OutputStream out) {
            this.out = new DataOutputStream(out);
        }

        @Override
        public <T> SerializationStream writeObject(T keyOrValue, ClassTag<T> type) {
            try {
                if (keyOrValue instanceof OutgoingSlice slice) {
                    slice.write(out);
                } else {
                    out.writeInt((Integer) keyOrValue);
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            return this;
        }

        @Override
        public void flush() {
            try {
                out.flush();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public void close() {
            try {
                out.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private static final class Reader extends DeserializationStream {
        private final DataInputStream in;

        Reader(InputStream in) {
            this.in = new DataInputStream(in);
        }

        /** An EOFException is how Spark sees the end. */
        @Override
        @SuppressWarnings("unchecked") // Spark asks for the types that were written
        public <T> T readKey(ClassTag<T> type) {
            try {
                return (T) (Integer) in.readInt();
            } catch (IOException e) {
                throw sneaky(e);
            }
        }

        @Override
        @SuppressWarnings("unchecked")
        public <T> T readValue(ClassTag<T> type) {
            try {
                WorkerSlice.Work work = WorkerSlice.Work.read(in);
                byte[] values = new byte[in.readInt()];
                for (int from = 0; from < values.length; from += CHUNK_BYTES) {
                    in.readFully(values, from, Math.min(CHUNK_BYTES, values.length - from));
                }
                return (T) new WorkerSlice(work, values);
            } catch (IOException e) {
                throw sneaky(e);
            }
        }

        @Override
        public <T> T readObject(ClassTag<T> type) {
            throw new UnsupportedOperationException("only keys and values");
        }

        @Override
        public void close() {
            try {
                in.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        /** Scala declares no exceptions, and Spark's caller waits for this one as it is. */
        @SuppressWarnings("unchecked")
        private static <E extends Throwable> RuntimeException sneaky(Throwable e) throws E {
            throw (E) e;
        }
    }
}
