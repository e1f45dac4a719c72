package org.convoy.train;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.Path;
import org.convoy.model.InputShape;
import org.convoy.model.NetworkSpec;
import org.convoy.model.ParentModel;
import org.convoy.model.Topology;
import org.convoy.repository.ModelRepository;
import org.convoy.repository.ModelVersion;
import org.convoy.runtime.UserError;

/**
 * The model that a training starts from.
 *
 * @param version of the model that is trained; 0 if it is another one, or a file
 */
record Parent(ParentModel model, int version) {
    /**
     * Reads it, if there is to be one.
     *
     * @param name of the model that is trained
     * @throws UserError (bad input) if it does not exist
     * @throws org.convoy.model.BadModelException if it is no model
     */
    static Optional<Parent> of(Transfer transfer, String name, ModelRepository repository, Configuration hadoop) {
        if (transfer.startsAnew()) {
            return Optional.empty();
        }
        String from = transfer.from();
        if (transfer.isPath()) {
            return Optional.of(new Parent(ParentModel.read(bytes(new Path(from), hadoop), from), 0));
        }
        ModelVersion found = ModelVersion.find(repository, from);
        byte[] zip = repository.file(found.name(), found.number(), ModelRepository.ARCHIVE);
        int version = found.name().equals(name) ? found.number() : 0;
        return Optional.of(new Parent(ParentModel.read(zip, found.toString()), version));
    }

    private static byte[] bytes(Path path, Configuration hadoop) {
        try (FSDataInputStream in = path.getFileSystem(hadoop).open(path)) {
            return in.readAllBytes();
        } catch (FileNotFoundException e) {
            throw UserError.badInput("[" + path + "] transfer.from does not exist", e);
        } catch (IOException e) {
            throw new UncheckedIOException("[" + path + "] Cannot read: " + e.getMessage(), e);
        }
    }

    Topology.Pretrained topology(Transfer transfer, InputShape input, List<String> classes) {
        try {
            return model.topology(transfer.head(), transfer.freeze(), input, classes);
        } catch (IllegalArgumentException e) {
            throw UserError.usage(e.getMessage());
        }
    }

    /** What is taken over, in one line. */
    String inWords(NetworkSpec spec) {
        return String.format(
                Locale.ROOT,
                "Starting from %s: %,d parameters frozen, pixels read by normalisation %s",
                model.asParent().from(),
                spec.frozenParameters(),
                spec.normalisation().label());
    }
}
