package org.convoy.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.spark.SparkConf;
import org.convoy.runtime.UserError;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class TaskGpuTest {
    @TempDir
    private Path directory;

    @Test
    void refusesSharesOfAGpu() {
        for (String amount : new String[] {"0.5", "2"}) {
            assertThatThrownBy(() -> TaskGpu.configure(conf("yarn", amount), "fail"))
                    .isInstanceOf(UserError.class)
                    .hasMessage(
                            "spark.task.resource.gpu.amount must be 1, for a network computes on one GPU and shares it with"
                                    + " none, but was " + amount);
        }
        assertThatCode(() -> TaskGpu.configure(conf("yarn", "1"), "fail")).doesNotThrowAnyException();
    }

    @Test
    void refusesGpusOnEmbeddedSparkWhichWouldWaitForThemForEver() {
        assertThatThrownBy(() -> TaskGpu.configure(conf("local[2]", "1"), "fail"))
                .hasMessage(
                        "spark.task.resource.gpu.amount needs executors in processes of their own, but spark.master was"
                                + " local[2]: start a cluster (`bin/convoy cluster start`), or leave the GPUs out");
        assertThatCode(() -> TaskGpu.configure(conf("local-cluster[2,1,1024]", "1"), "fail"))
                .doesNotThrowAnyException();
        assertThatCode(() -> TaskGpu.configure(new SparkConf(false).setMaster("local"), "fail"))
                .doesNotThrowAnyException();
    }

    @Test
    void refusesAnUnknownChoice() {
        assertThatThrownBy(() -> TaskGpu.configure(conf("yarn", "1"), "perhaps"))
                .hasMessage("gpu.when-unusable must be one of [fail, cpu] but was 'perhaps'");
    }

    @Test
    void theDiscoveryScriptNamesWhatNvidiaSmiFinds() throws Exception {
        assertThat(discovered("printf '0\\n1\\n10\\n'"))
                .isEqualTo("{\"name\": \"gpu\", \"addresses\": [\"0\",\"1\",\"10\"]}");
    }

    @Test
    void theDiscoveryScriptNamesNoneWhereThereIsNoGpu() throws Exception {
        assertThat(discovered("echo 'No devices were found'; exit 6"))
                .isEqualTo("{\"name\": \"gpu\", \"addresses\": []}");
    }

    /** What {@code bin/gpus} prints beside an {@code nvidia-smi} that does as it is told. */
    private String discovered(String nvidiaSmi) throws IOException, InterruptedException {
        Path tool = directory.resolve("nvidia-smi");
        Files.writeString(tool, "#!/bin/sh\n" + nvidiaSmi + "\n");
        assertThat(tool.toFile().setExecutable(true)).isTrue();
        ProcessBuilder script =
                new ProcessBuilder(Path.of("..", "bin", "gpus").toAbsolutePath().toString());
        script.environment().merge("PATH", directory.toString(), (path, first) -> first + ":" + path);
        Process process = script.start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).isZero();
        return output.strip();
    }

    private static SparkConf conf(String master, String amount) {
        return new SparkConf(false).setMaster(master).set("spark.task.resource.gpu.amount", amount);
    }
}
