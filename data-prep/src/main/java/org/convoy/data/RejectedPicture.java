package org.convoy.data;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.List;
import java.util.function.Consumer;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/**
 * One row of {@code _rejected}.
 *
 * @param id path of the picture relative to the input, or record key
 * @param bytes size of the encoded picture
 * @param reason its code
 * @param detail what exactly was wrong, in words
 */
public record RejectedPicture(String id, long bytes, String reason, String detail) {
    /** The directory inside of a dataset. */
    public static final String DIRECTORY = "_rejected";

    private static final List<String> COLUMNS = List.of("id", "bytes", "reason", "detail");

    /** Passes every row of a file to {@code consumer}; errors as of {@link ParquetColumns#read}. */
    public static void read(Configuration hadoop, Path path, Consumer<RejectedPicture> consumer) {
        ParquetColumns.read(
                hadoop,
                path,
                COLUMNS,
                row -> consumer.accept(new RejectedPicture(
                        row.getString("id", 0),
                        row.getLong("bytes", 0),
                        row.getString("reason", 0),
                        row.getString("detail", 0))));
    }

    /** SHA-256 over a file's rows in order, lower-case hexadecimal: the digest by which the manifest knows it. */
    public static String digest(Configuration hadoop, Path path) {
        MessageDigest digest = Sha256.newDigest();
        read(hadoop, path, row -> {
            add(digest, row.id());
            add(digest, Long.toString(row.bytes()));
            add(digest, row.reason());
            add(digest, row.detail());
        });
        return Sha256.hex(digest.digest());
    }

    /** With its length, so that no two fields run together. */
    private static void add(MessageDigest digest, String field) {
        byte[] bytes = field.getBytes(StandardCharsets.UTF_8);
        digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(bytes.length).flip());
        digest.update(bytes);
    }
}
