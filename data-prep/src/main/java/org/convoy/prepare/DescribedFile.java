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
        Path path = new Path(dataset, location.path());
        long rows;
        long bytes;
        try {
            rows = rows(hadoop, path);
            bytes = path.getFileSystem(hadoop).getFileStatus(path).getLen();
        } catch (IOException e) {
            throw new UncheckedIOException("[" + path + "] Cannot read: " + e.getMessage(), e);
        }
        long[] rowsPerClass = new long[classes];
        PixelMoments moments = new PixelMoments(shape.channels());
        ExampleDigest digest = new ExampleDigest();
        Manifest.DataFile unread = new Manifest.DataFile(location.path(), rows, bytes, "");
        ExampleReader.read(hadoop, dataset, List.of(unread), 0, rows, example -> {
            rowsPerClass[example.label()]++;
            moments.add(example.pixels());
            digest.add(example);
        });
        Manifest.DataFile file = new Manifest.DataFile(location.path(), rows, bytes, digest.hex());
        return new DescribedFile(location.split(), file, rowsPerClass, moments);
    }

    private static long rows(Configuration hadoop, Path path) throws IOException {
        try (ParquetFileReader reader = ParquetFileReader.open(HadoopInputFile.fromPath(path, hadoop))) {
            return reader.getRecordCount();
        }
    }
}
