package org.convoy.runtime;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class ProcessNameTest {
    @Test
    void knowsThatAProcessOfThisMachineIsOver() throws IOException, InterruptedException {
        Process over = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(), "--version")
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        over.waitFor();

        assertThat(ProcessName.isDead(ProcessName.name(over.pid()))).isTrue();
        assertThat(ProcessName.isDead(ProcessName.name(over.pid()) + "-notes")).isTrue();
    }

    @Test
    void takesThisProcessForAlive() {
        assertThat(ProcessName.isDead(ProcessName.name())).isFalse();
        assertThat(ProcessName.name()).isNotEqualTo(ProcessName.name());
    }

    @Test
    void takesWhatItCannotKnowForAlive() {
        String dead = ProcessName.name(Integer.MAX_VALUE);
        assertThat(ProcessName.isDead(dead)).isTrue();

        assertThat(ProcessName.isDead("0123456789abcdef" + dead.substring(16))).isFalse();
        assertThat(ProcessName.isDead(dead.substring(1))).isFalse();
        assertThat(ProcessName.isDead("7be7ac5e-8f3c-4d1f-9a7e-4a3a50b0a9f6")).isFalse();
    }
}
