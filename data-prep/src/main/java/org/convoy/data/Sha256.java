package org.convoy.data;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** SHA-256, by which pictures, files and manifests are known. */
public final class Sha256 {
    private Sha256() {}

    public static byte[] of(byte[] bytes) {
        return newDigest().digest(bytes);
    }

    /** Of everything that is left in {@code in}. */
    public static byte[] of(InputStream in) throws IOException {
        DigestInputStream digesting = new DigestInputStream(in, newDigest());
        digesting.transferTo(OutputStream.nullOutputStream());
        return digesting.getMessageDigest().digest();
    }

    /** Lower-case hexadecimal. */
    public static String hex(byte[] digest) {
        return HexFormat.of().formatHex(digest);
    }

    private static MessageDigest newDigest() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java platform has SHA-256", e);
        }
    }
}
