package org.convoy.data;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;

/**
 * SHA-256 over rows in order: the digest by which the manifest knows a file. It is taken of the rows and not of the file's bytes,
 * because Parquet writes the set of a column's encodings in an order that differs from JVM to JVM.
 */
public final class ExampleDigest {
    private final MessageDigest digest = Sha256.newDigest();

    /** Adds the row's id, label, weight and pixels, with the lengths of id and pixels so that no two rows run together. */
    public void add(Example example) {
        byte[] id = example.id().getBytes(StandardCharsets.UTF_8);
        digest.update(ByteBuffer.allocate(3 * Integer.BYTES + Float.BYTES)
                .putInt(id.length)
                .putInt(example.label())
                .putFloat(example.weight())
                .putInt(example.pixels().length)
                .flip());
        digest.update(id);
        digest.update(example.pixels());
    }

    /** The digest of all rows added, lower-case hexadecimal; starts again from none. */
    public String hex() {
        return Sha256.hex(digest.digest());
    }
}
