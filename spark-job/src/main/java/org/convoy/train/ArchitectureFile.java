package org.convoy.train;

import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigResolveOptions;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.util.function.UnaryOperator;
import org.apache.hadoop.fs.Path;
import org.apache.spark.deploy.SparkHadoopUtil;
import org.convoy.model.architecture.Architecture;
import org.convoy.model.architecture.UnknownNameException;
import org.convoy.runtime.Settings;
import org.convoy.runtime.UserError;

/**
 * The file that describes a network, {@code architecture.file}: HOCON, as the configuration. A path without scheme is a local
 * one, as that of {@code --conf}; others are of a Hadoop file system. What goes on from here is its content alone, so executors
 * and later commands need no file.
 */
final class ArchitectureFile {
    private ArchitectureFile() {}

    /**
     * The network that the file describes.
     *
     * @param choice of section {@code architecture}'s other keys
     * @throws UserError (usage) if the file is missing, is no HOCON or describes no network
     */
    static Architecture read(String file, UnaryOperator<String> choice) {
        try {
            String description = ConfigFactory.parseString(text(file))
                    .resolve(ConfigResolveOptions.noSystem())
                    .root()
                    .render(ConfigRenderOptions.concise());
            return Architecture.described(description, choice);
        } catch (ConfigException e) {
            throw UserError.usage("[" + file + "] is not valid HOCON: " + e.getMessage());
        } catch (UnknownNameException e) {
            throw UserError.usage("[" + file + "] " + e.getMessage()
                    + (e.known().isEmpty()
                            ? ""
                            : "; did you mean '" + Settings.nearest(e.given(), e.known()) + "'? (there are "
                                    + String.join(", ", e.known()) + ")"));
        } catch (IllegalArgumentException e) {
            throw UserError.usage("[" + file + "] " + e.getMessage());
        }
    }

    private static String text(String file) {
        try {
            Path path = new Path(file);
            if (path.toUri().getScheme() == null) {
                return Files.readString(java.nio.file.Path.of(file));
            }
            try (InputStream in =
                    path.getFileSystem(SparkHadoopUtil.get().conf()).open(path)) {
                return new String(in.readAllBytes(), StandardCharsets.UTF_8);
            }
        } catch (IOException e) {
            throw UserError.usage("[" + file + "] cannot be read as the network's description (architecture.file): "
                    + (e instanceof NoSuchFileException ? "there is no such file" : e.getMessage()));
        }
    }
}
