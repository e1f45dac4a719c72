package org.convoy.prepare;

import java.io.IOException;
import java.io.InputStream;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.util.HadoopInputFile;
import org.convoy.data.Example;
import org.convoy.data.ExampleReader;
import org.convoy.data.ImageShape;
import org.convoy.data.Manifest;
import org.convoy.data.Sha256;
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
        Manifest.DataFile file;
        try {
            FileSystem fileSystem = path.getFileSystem(hadoop);
            file = new Manifest.DataFile(
                    location.path(),
                    rows(hadoop, path),
                    fileSystem.getFileStatus(path).getLen(),
                    digest(fileSystem, path));
        } catch (IOException e) {
            throw new UncheckedIOException("[" + path + "] Cannot read: " + e.getMessage(), e);
        }
        long[] rowsPerClass = new long[classes];
        PixelMoments moments = new PixelMoments(shape.channels());
        ExampleReader.read(hadoop, dataset, List.of(file), 0, file.rows(), (Example example) -> {
            rowsPerClass[example.label()]++;
            moments.add(example.pixels());
        });
        return new DescribedFile(location.split(), file, rowsPerClass, moments);
    }

    private static long rows(Configuration hadoop, Path path) throws IOException {
        try (ParquetFileReader reader = ParquetFileReader.open(HadoopInputFile.fromPath(path, hadoop))) {
            return reader.getRecordCount();
        }
    }

    private static String digest(FileSystem fileSystem, Path path) throws IOException {
        try (InputStream in = fileSystem.open(path)) {
            return Sha256.hex(Sha256.of(in));
        }
    }
}
