package org.convoy.data;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.hadoop.conf.Configuration;
import org.convoy.runtime.ExitCode;
import org.convoy.runtime.UserError;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class PreparedDatasetTest {
    private final Configuration hadoop = new Configuration(false);

    @TempDir
    private Path directory;

    @Test
    void opensADirectoryWithAManifest() throws IOException {
        byte[] json = Manifests.small().toJson();
        Files.write(directory.resolve("manifest.json"), json);

        PreparedDataset dataset = PreparedDataset.open(hadoop, directory.toString());

        assertThat(dataset.manifest()).isEqualTo(Manifests.small());
        assertThat(dataset.path()).isEqualTo("file:" + directory);
        assertThat(dataset.manifestDigest()).isEqualTo(Sha256.hex(Sha256.of(json)));
    }

    @Test
    void travelsToExecutors() throws IOException, ClassNotFoundException {
        Files.write(directory.resolve("manifest.json"), Manifests.small().toJson());
        PreparedDataset dataset = PreparedDataset.open(hadoop, directory.toString());

        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        new ObjectOutputStream(bytes).writeObject(dataset);

        assertThat(new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray())).readObject())
                .isEqualTo(dataset);
    }

    @Test
    void saysThatTheDirectoryIsMissing() {
        Path missing = directory.resolve("missing");

        assertRefused(missing, "[" + missing + "] dataset does not exist; write it with `convoy prepare`");
    }

    @Test
    void saysThatTheManifestIsMissing() {
        assertRefused(
                directory,
                "[" + directory
                        + "] is not a Convoy dataset: manifest.json is missing; give the output of `convoy prepare`");
    }

    @Test
    void saysWhatIsWrongWithTheManifest() throws IOException {
        Files.writeString(directory.resolve("manifest.json"), "{\"formatVersion\": 7}");

        assertRefused(
                directory,
                "[" + directory + "/manifest.json] is not a valid manifest: formatVersion must be 3 but was 7:"
                        + " it was written by another version of Convoy");
    }

    private void assertRefused(Path path, String message) {
        assertThatThrownBy(() -> PreparedDataset.open(hadoop, path.toString()))
                .isInstanceOfSatisfying(
                        UserError.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.BAD_INPUT))
                .hasMessage(message);
    }
}
