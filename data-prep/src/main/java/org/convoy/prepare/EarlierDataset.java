package org.convoy.prepare;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.convoy.data.Manifest;
import org.convoy.data.PreparedDataset;
import org.convoy.data.Sha256;
import org.convoy.data.Split;
import org.convoy.runtime.AtomicFiles;

/**
 * A dataset as it was before something is appended to it: its manifest, since files that are there never change. So what was
 * appended can be taken out again, or appended to a copy that shares the files.
 */
public final class EarlierDataset {
    private final Configuration hadoop;
    private final Manifest manifest;
    private final byte[] manifestJson;
    private final byte[] report;

    private EarlierDataset(Configuration hadoop, byte[] manifestJson, byte[] report) {
        this.hadoop = hadoop;
        this.manifest = Manifest.fromJson(manifestJson);
        this.manifestJson = manifestJson;
        this.report = report;
    }

    /** What lies in {@code directory}, a dataset or what {@link #save} left; empty if there is no manifest. */
    public static Optional<EarlierDataset> read(Configuration hadoop, Path directory) {
        try {
            AtomicFiles files = AtomicFiles.at(hadoop, directory);
            Optional<byte[]> report = files.read(new Path(directory, PrepareReport.FILE_NAME));
            return files.read(new Path(directory, Manifest.FILE_NAME))
                    .map(json -> new EarlierDataset(hadoop, json, report.orElse(new byte[0])));
        } catch (IOException e) {
            throw new UncheckedIOException("[" + directory + "] Cannot read: " + e.getMessage(), e);
        }
    }

    public Manifest manifest() {
        return manifest;
    }

    /** SHA-256 of the manifest, the dataset's identity. */
    public String digest() {
        return Sha256.hex(Sha256.of(manifestJson));
    }

    /** Keeps it in a directory of its own. */
    public void save(Path directory) {
        write(directory, manifestJson);
    }

    private void write(Path directory, byte[] json) {
        try {
            AtomicFiles files = AtomicFiles.at(hadoop, directory);
            files.replace(new Path(directory, PrepareReport.FILE_NAME), report);
            files.replace(new Path(directory, Manifest.FILE_NAME), json);
        } catch (IOException e) {
            throw new UncheckedIOException("[" + directory + "] Cannot write: " + e.getMessage(), e);
        }
    }

    /**
     * Makes the dataset what it was, and deletes the files that have come since. May be called again after it was interrupted.
     *
     * @param dataset its directory
     * @param appended what the dataset was made by appending
     * @return whether it is as it was; a dataset that has changed once more is left as it is
     */
    public boolean restore(String dataset, Manifest appended) {
        String now = PreparedDataset.open(hadoop, dataset).manifestDigest();
        if (!now.equals(digest())) {
            if (!now.equals(Sha256.hex(Sha256.of(appended.toJson())))) {
                return false;
            }
            write(new Path(dataset), manifestJson);
        }
        Set<String> kept = paths(manifest).collect(Collectors.toSet());
        try {
            FileSystem files = new Path(dataset).getFileSystem(hadoop);
            for (String path : paths(appended).toList()) {
                if (!kept.contains(path)) {
                    files.delete(new Path(dataset, path), false);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("[" + dataset + "] Cannot delete what was appended: " + e.getMessage(), e);
        }
        return true;
    }

    private static Stream<String> paths(Manifest manifest) {
        List<Manifest.DataFile> files = new ArrayList<>(manifest.rejectedFiles());
        files.addAll(manifest.statisticsFiles());
        manifest.splits().values().forEach(split -> files.addAll(split.files()));
        return files.stream().map(Manifest.DataFile::path);
    }

    /**
     * Makes a dataset in another directory that has the same files, by their full paths, and to which can be appended without
     * touching this one.
     *
     * @param dataset where the files lie
     */
    public void share(String dataset, Path directory) {
        Map<String, Manifest.SplitContent> splits = new LinkedHashMap<>();
        for (Split split : Split.values()) {
            Manifest.SplitContent content = manifest.split(split);
            splits.put(
                    split.label(),
                    new Manifest.SplitContent(content.rows(), content.rowsPerClass(), in(dataset, content.files())));
        }
        Manifest shared = new Manifest(
                manifest.formatVersion(),
                manifest.shape(),
                manifest.colour(),
                manifest.classes(),
                manifest.weighted(),
                splits,
                manifest.counts(),
                in(dataset, manifest.rejectedFiles()),
                manifest.mean(),
                manifest.standardDeviation(),
                manifest.trainPixels(),
                manifest.statistics(),
                in(dataset, manifest.statisticsFiles()),
                manifest.splitRule(),
                manifest.configuration(),
                manifest.versions(),
                manifest.appended());
        write(directory, shared.toJson());
    }

    private List<Manifest.DataFile> in(String dataset, List<Manifest.DataFile> files) {
        String root = InputFiles.qualified(hadoop, dataset).toString();
        return files.stream()
                .map(file -> new Manifest.DataFile(
                        new Path(root, file.path()).toString(), file.rows(), file.bytes(), file.digest()))
                .toList();
    }
}
