package org.convoy.train;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.convoy.data.PreparedDataset;
import org.convoy.prepare.Existing;
import org.convoy.prepare.Prepare;
import org.convoy.prepare.PrepareConfig;
import org.convoy.runtime.Settings;
import org.convoy.runtime.UserError;

/** MNIST and Fashion-MNIST, prepared once each into a temporary directory that goes with the object. */
final class BenchData implements AutoCloseable {
    static final String MNIST = "mnist";
    static final String FASHION_MNIST = "fashion-mnist";
    static final List<String> NAMES = List.of(MNIST, FASHION_MNIST);

    private final Path source;
    private final Path scratch;

    private BenchData(Path source, Path scratch) {
        this.source = source;
        this.scratch = scratch;
    }

    /**
     * Looks for the pictures.
     *
     * @param source has a directory {@value #MNIST} and a directory {@value #FASHION_MNIST} of idx files
     * @throws UserError (bad input) if a directory is missing
     */
    static BenchData at(Path source) throws IOException {
        for (String name : NAMES) {
            Path directory = source.resolve(name).toAbsolutePath().normalize();
            if (!Files.isDirectory(directory)) {
                throw UserError.badInput("[" + directory + "] is missing: the benchmark needs the idx files of " + MNIST
                        + " and " + FASHION_MNIST + " below the directory that CONVOY_DATA names");
            }
        }
        return new BenchData(source.toAbsolutePath().normalize(), Files.createTempDirectory("convoy-bench"));
    }

    /** The dataset of that name: 60,000 pictures to train on but for duplicates, 10,000 to test on, none to validate. */
    PreparedDataset dataset(BenchCluster cluster, String name) {
        Path prepared = scratch.resolve(name);
        if (!Files.exists(prepared)) {
            PrepareConfig config = PrepareConfig.from(Settings.load(
                    Optional.empty(),
                    List.of(
                            "prepare.input=" + source.resolve(name).toUri(),
                            "prepare.output=" + prepared.toUri(),
                            "prepare.source=idx",
                            "prepare.split.validation-share=0")));
            Prepare.run(cluster.session(), config, Existing.REFUSE, cluster.phases());
        }
        return PreparedDataset.open(
                cluster.spark().hadoopConfiguration(), prepared.toUri().toString());
    }

    @Override
    public void close() {
        try (Stream<Path> files = Files.walk(scratch)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
