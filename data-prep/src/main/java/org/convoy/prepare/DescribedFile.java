package org.convoy.prepare;

import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.util.HadoopInputFile;
import org.convoy.data.ExampleDigest;
import org.convoy.data.ExampleReader;
import org.convoy.data.ImageShape;
import org.convoy.data.Manifest;
import org.convoy.data.PictureSums;
import org.convoy.data.RejectedPicture;
import org.convoy.data.Split;

/**
 * What one written file really holds, found on an executor by reading it back as training will.
 *
 * @param rowsPerClass in label order
 * @param moments of its pixels
 */
@SuppressWarnings("ArrayRecordComponent") // carried, never compared
record DescribedFile(Split split, Manifest.DataFile file, long[] rowsPerClass, PixelMoments moments)
        implements Serializable {

    /**
     * A file to describe.
     *
     * @param path relative to the dataset
     */
    record Location(Split split, String path) implements Serializable {}

    static DescribedFile read(Configuration hadoop, String dataset, Location location, int classes, ImageShape shape) {
        Manifest.DataFile unread = unread(hadoop, dataset, location.path());
        long[] rowsPerClass = new long[classes];
        PixelMoments moments = new PixelMoments(shape.channels());
        ExampleDigest digest = new ExampleDigest();
        ExampleReader.read(hadoop, dataset, List.of(unread), 0, unread.rows(), example -> {
            rowsPerClass[example.label()]++;
            moments.add(example.pixels());
            digest.add(example);
        });
        return new DescribedFile(location.split(), withDigest(unread, digest.hex()), rowsPerClass, moments);
    }

    /**
     * Describes a file of rejected pictures.
     *
     * @param path relative to the dataset
     */
    static Manifest.DataFile rejected(Configuration hadoop, String dataset, String path) {
        String digest = RejectedPicture.digest(hadoop, new Path(dataset, path));
        return withDigest(unread(hadoop, dataset, path), digest);
    }

    /**
     * Describes a file of {@link PictureSums}.
     *
     * @param path relative to the dataset
     */
    static Manifest.DataFile statistics(Configuration hadoop, String dataset, String path) {
        String digest = PictureSums.digest(hadoop, new Path(dataset, path));
        return withDigest(unread(hadoop, dataset, path), digest);
    }

    private static Manifest.DataFile unread(Configuration hadoop, String dataset, String file) {
        Path path = new Path(dataset, file);
        try (ParquetFileReader reader = ParquetFileReader.open(HadoopInputFile.fromPath(path, hadoop))) {
            long bytes = path.getFileSystem(hadoop).getFileStatus(path).getLen();
            return new Manifest.DataFile(file, reader.getRecordCount(), bytes, "");
        } catch (IOException e) {
            throw new UncheckedIOException("[" + path + "] Cannot read: " + e.getMessage(), e);
        }
    }

    private static Manifest.DataFile withDigest(Manifest.DataFile file, String digest) {
        return new Manifest.DataFile(file.path(), file.rows(), file.bytes(), digest);
    }
}
