package org.convoy.data;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.convoy.runtime.UserError;

/**
 * A dataset that lies whole on a Hadoop file system. Opened on the driver; serializable, and small unless the dataset has
 * very many files.
 *
 * @param path the dataset's directory, with scheme
 * @param manifestDigest SHA-256 of the bytes of {@code manifest.json}, lower-case hexadecimal: the dataset's identity
 */
public record PreparedDataset(String path, Manifest manifest, String manifestDigest) implements Serializable {

    /**
     * Opens the dataset in {@code path}.
     *
     * @throws UserError (bad input) if there is no directory, no manifest in it, or the manifest is not valid
     */
    public static PreparedDataset open(Configuration hadoop, String path) {
        try {
            Path directory = new Path(path);
            FileSystem files = directory.getFileSystem(hadoop);
            Path qualified = files.makeQualified(directory);
            if (!files.exists(qualified)) {
                throw UserError.badInput("[" + path + "] dataset does not exist; write it with `convoy prepare`");
            }
            byte[] json = readManifest(files, qualified, path);
            return new PreparedDataset(qualified.toString(), parse(json, path), Sha256.hex(Sha256.of(json)));
        } catch (IOException e) {
            throw new UncheckedIOException("[" + path + "] Cannot open the dataset: " + e.getMessage(), e);
        }
    }

    private static byte[] readManifest(FileSystem files, Path directory, String path) throws IOException {
        try (FSDataInputStream in = files.open(new Path(directory, Manifest.FILE_NAME))) {
            return in.readAllBytes();
        } catch (FileNotFoundException e) {
            throw UserError.badInput(
                    "[" + path + "] is not a Convoy dataset: " + Manifest.FILE_NAME
                            + " is missing; give the output of `convoy prepare`",
                    e);
        }
    }

    private static Manifest parse(byte[] json, String path) {
        try {
            return Manifest.fromJson(json);
        } catch (IllegalArgumentException e) {
            throw UserError.badInput(
                    "[" + path + "/" + Manifest.FILE_NAME + "] is not a valid manifest: " + e.getMessage(), e);
        }
    }
}
