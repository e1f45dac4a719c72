package org.convoy.job;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Properties;
import org.apache.spark.launcher.JavaModuleOptions;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** The property files for spark-submit. */
class SparkPropertiesTest {
    private static final Path CONF =
            Path.of(System.getProperty("log4j2.configurationFile")).getParent();

    @Test
    void aStandaloneDriverOpensWhatSparkOpensElsewhere() throws IOException {
        assertThat(words(read("spark-standalone.properties").getProperty("spark.driver.extraJavaOptions")))
                .containsExactlyInAnyOrderElementsOf(words(JavaModuleOptions.defaultModuleOptions()));
    }

    @Test
    void bothAskForContainersOfTwiceTheHeap() throws IOException {
        for (String file : List.of("spark-standalone.properties", "spark-yarn.properties")) {
            assertThat(read(file))
                    .as(file)
                    .containsEntry("spark.executor.memoryOverheadFactor", "1.0")
                    .containsEntry("spark.driver.memoryOverheadFactor", "1.0");
        }
    }

    private static List<String> words(String options) {
        return Arrays.asList(options.strip().split("\\s+", -1));
    }

    private static Properties read(String file) throws IOException {
        Properties properties = new Properties();
        try (Reader reader = Files.newBufferedReader(CONF.resolve(file))) {
            properties.load(reader);
        }
        return properties;
    }
}
