package org.convoy.score;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.Path;
import org.convoy.data.Sha256;
import org.convoy.model.ModelArchive;
import org.convoy.repository.ModelRepository;
import org.convoy.repository.ModelVersion;
import org.convoy.runtime.UserError;

/**
 * The model that answers.
 *
 * @param name in the repository, or the archive's path
 * @param version in the repository; 0 of an archive that was given by its path
 * @param sha256 of the archive, hexadecimal
 */
record ScoredModel(String name, int version, String sha256, ModelArchive archive) {

    /**
     * Reads it: a path has a slash or ends in .zip.
     *
     * @throws UserError (bad input) if there is no such model
     * @throws org.convoy.model.BadModelException if it is none
     */
    static ScoredModel read(Configuration hadoop, String modelsDirectory, String reference) {
        if (reference.contains("/") || reference.endsWith(".zip")) {
            return of(reference, 0, ModelArchive.read(bytes(hadoop, new Path(reference)), reference));
        }
        ModelRepository repository = ModelRepository.at(hadoop, modelsDirectory);
        ModelVersion found = ModelVersion.find(repository, reference);
        return of(found.name(), found.number(), repository.archive(found.name(), found.number()));
    }

    private static ScoredModel of(String name, int version, ModelArchive archive) {
        return new ScoredModel(name, version, Sha256.hex(Sha256.of(archive.zip())), archive);
    }

    private static byte[] bytes(Configuration hadoop, Path path) {
        try (FSDataInputStream in = path.getFileSystem(hadoop).open(path)) {
            return in.readAllBytes();
        } catch (FileNotFoundException e) {
            throw UserError.badInput("[" + path + "] score.model does not exist", e);
        } catch (IOException e) {
            throw new UncheckedIOException("[" + path + "] Cannot read: " + e.getMessage(), e);
        }
    }

    @Override
    public String toString() {
        return version == 0 ? name : name + "@" + version;
    }
}
