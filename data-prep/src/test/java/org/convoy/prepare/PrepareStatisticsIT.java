package org.convoy.prepare;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.api.java.JavaSparkContext;
import org.convoy.data.Example;
import org.convoy.data.Manifest;
import org.convoy.data.PictureSums;
import org.convoy.data.PreparedDataset;
import org.convoy.data.Split;
import org.convoy.runtime.UserError;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** What a dataset finds out of its train pixels. */
class PrepareStatisticsIT {
    private static final int VALUES = 3 * 6 * 6;

    @TempDir
    private Path directory;

    @Test
    void knowsHowChannelsVaryTogether() {
        Pictures.writeClasses(directory.resolve("in"), 30, "cat", "dog");
        PreparedDataset dataset = prepare("channels");

        List<Example> train = Datasets.examples(dataset, Split.TRAIN);
        double[] covariance = dataset.manifest().trainPixels().covariance();
        assertThat(covariance).hasSize(9);
        for (int a = 0; a < 3; a++) {
            for (int b = 0; b < 3; b++) {
                assertThat(covariance[3 * a + b]).isCloseTo(ofChannels(train, a, b), Datasets.NEARLY);
            }
            assertThat(covariance[4 * a])
                    .isCloseTo(Math.pow(dataset.manifest().standardDeviation().get(a), 2), Datasets.NEARLY);
        }
        assertThat(dataset.manifest().statisticsFiles()).isEmpty();
    }

    @Test
    void knowsTheMeanPictureAndTheCovarianceOfItsValues() {
        Pictures.writeClasses(directory.resolve("in"), 30, "cat", "dog");
        PreparedDataset dataset = prepare("covariance");

        List<Example> train = Datasets.examples(dataset, Split.TRAIN);
        PictureSums sums = PictureSums.read(Datasets.hadoop(), dataset);
        double[] mean = sums.mean(train.size());
        double[] covariance = sums.covariance(train.size());
        assertThat(mean).hasSize(VALUES);
        assertThat(covariance).hasSize(VALUES * VALUES);
        for (int a = 0; a < VALUES; a++) {
            assertThat(mean[a]).isCloseTo(mean(train, a), Datasets.NEARLY);
            for (int b = 0; b < VALUES; b += 7) {
                assertThat(covariance[a * VALUES + b]).isCloseTo(covariance(train, a, b), Datasets.NEARLY);
            }
        }
        assertThat(verify(dataset)).isEmpty();
    }

    @Test
    void appendedPicturesCountAsIfTheyHadBeenThere() {
        Pictures.writeClasses(directory.resolve("in"), 30, "cat", "dog");
        prepare("covariance");
        Path more = directory.resolve("more");
        for (int i = 0; i < 20; i++) {
            Pictures.write(more.resolve("dog/more-" + i + ".png"), Pictures.png(1000 + i));
        }

        LocalSpark.prepare(config(more, directory.resolve("out"), "covariance"), Existing.APPEND);

        PreparedDataset dataset = Datasets.open(directory.resolve("out"));
        List<Example> train = Datasets.examples(dataset, Split.TRAIN);
        assertThat(train).hasSizeGreaterThan(60);
        PictureSums sums = PictureSums.read(Datasets.hadoop(), dataset);
        assertThat(dataset.manifest().statisticsFiles()).hasSize(2);
        assertThat(sums.mean(train.size())[40]).isCloseTo(mean(train, 40), Datasets.NEARLY);
        assertThat(sums.covariance(train.size())[3 * VALUES + 50]).isCloseTo(covariance(train, 3, 50), Datasets.NEARLY);
        assertThat(verify(dataset)).isEmpty();
        assertThatThrownBy(
                        () -> LocalSpark.prepare(config(more, directory.resolve("out"), "channels"), Existing.APPEND))
                .isInstanceOf(UserError.class)
                .hasMessage("[" + directory.resolve("out") + "] has statistics covariance but the new pictures would be"
                        + " given channels; set prepare.statistics to the dataset's");
    }

    @Test
    void theMeanPictureAloneIsForPicturesOfAnySize() throws IOException {
        Pictures.writeClasses(directory.resolve("in"), 30, "cat", "dog");
        String[] large = {"prepare.image.height=40", "prepare.image.width=40"};
        assertThatThrownBy(() -> LocalSpark.dataset("image-folder", in(), out(), with("covariance", large)))
                .isInstanceOf(UserError.class)
                .hasMessage("prepare.statistics must be channels or mean-picture for pictures of 3x40x40: their"
                        + " covariance would be of 4800 values, more than 4096");

        PreparedDataset dataset = LocalSpark.dataset("image-folder", in(), out(), with("mean-picture", large));

        List<Example> train = Datasets.examples(dataset, Split.TRAIN);
        PictureSums sums = PictureSums.read(Datasets.hadoop(), dataset);
        assertThat(sums.mean(train.size())[4799]).isCloseTo(mean(train, 4799), Datasets.NEARLY);
        Manifest.DataFile file = dataset.manifest().statisticsFiles().get(0);
        Files.delete(directory.resolve("out").resolve(file.path()));
        assertThat(verify(dataset)).containsExactly("[" + file.path() + "] is missing");
    }

    private static String[] with(String statistics, String... more) {
        String[] all = Arrays.copyOf(more, more.length + 1);
        all[more.length] = "prepare.statistics=" + statistics;
        return all;
    }

    private Path in() {
        return directory.resolve("in");
    }

    private Path out() {
        return directory.resolve("out");
    }

    private PreparedDataset prepare(String statistics) {
        LocalSpark.prepare(config(in(), out(), statistics));
        return Datasets.open(out());
    }

    private static PrepareConfig config(Path input, Path output, String statistics) {
        return LocalSpark.config(
                input, output, "prepare.image.height=6", "prepare.image.width=6", "prepare.statistics=" + statistics);
    }

    private static List<String> verify(PreparedDataset dataset) {
        return Verification.run(
                JavaSparkContext.fromSparkContext(LocalSpark.session().sparkContext()), dataset);
    }

    private static double mean(List<Example> examples, int value) {
        return examples.stream()
                .mapToInt(example -> example.pixels()[value] & 0xFF)
                .average()
                .orElseThrow();
    }

    private static double covariance(List<Example> examples, int a, int b) {
        double meanA = mean(examples, a);
        double meanB = mean(examples, b);
        return examples.stream()
                .mapToDouble(example -> ((example.pixels()[a] & 0xFF) - meanA) * ((example.pixels()[b] & 0xFF) - meanB))
                .average()
                .orElseThrow();
    }

    private static double ofChannels(List<Example> examples, int a, int b) {
        int plane = VALUES / 3;
        double sum = 0;
        double meanA = 0;
        double meanB = 0;
        for (int i = 0; i < plane; i++) {
            meanA += mean(examples, a * plane + i) / plane;
            meanB += mean(examples, b * plane + i) / plane;
        }
        for (Example example : examples) {
            for (int i = 0; i < plane; i++) {
                sum += ((example.pixels()[a * plane + i] & 0xFF) - meanA)
                        * ((example.pixels()[b * plane + i] & 0xFF) - meanB);
            }
        }
        return sum / plane / examples.size();
    }
}
