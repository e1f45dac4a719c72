package org.convoy.prepare;

import java.nio.file.Path;
import org.convoy.data.Manifest;
import org.convoy.data.PreparedDataset;
import org.convoy.data.Split;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

/** On the real MNIST files. */
class PrepareMnistIT {
    @Test
    void keepsEveryPictureOfMnist(@TempDir Path directory) {
        Path mnist = SharedData.named("mnist");
        Path output = directory.resolve("mnist");

        PrepareReport report = LocalSpark.prepare(LocalSpark.config(mnist, output, "prepare.source=idx"));

        Manifest manifest = PreparedDataset.open(
                        LocalSpark.session().sparkContext().hadoopConfiguration(), output.toString())
                .manifest();
        assertThat(manifest.split(Split.TRAIN).rows()
                        + manifest.split(Split.VALIDATION).rows())
                .isEqualTo(60_000);
        assertThat(manifest.split(Split.TEST).rows()).isEqualTo(10_000);
        // The label counts of the published test set.
        assertThat(manifest.split(Split.TEST).rowsPerClass())
                .containsExactly(980L, 1135L, 1032L, 1010L, 982L, 892L, 958L, 1028L, 974L, 1009L);
        // Each class's share in validation is within four standard deviations of a binomial.
        for (int label = 0; label < 10; label++) {
            long validation = manifest.split(Split.VALIDATION).rowsPerClass().get(label);
            long given = validation + manifest.split(Split.TRAIN).rowsPerClass().get(label);
            assertThat((double) validation)
                    .as("class %d", label)
                    .isCloseTo(0.1 * given, within(4 * Math.sqrt(given * 0.1 * 0.9)));
        }
        // The published mean and standard deviation of all 60,000: 0.1307 and 0.3081 of 255.
        assertThat(manifest.mean().get(0)).isBetween(33.0, 33.7);
        assertThat(manifest.standardDeviation().get(0)).isBetween(78.2, 78.9);
        assertThat(report.table()).contains("read 70,000 = written 70,000 + rejected 0 + duplicates 0");
    }
}
