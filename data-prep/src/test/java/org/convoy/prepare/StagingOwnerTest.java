package org.convoy.prepare;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class StagingOwnerTest {
    @Test
    void knowsThatAProcessOfThisMachineIsOver() throws IOException, InterruptedException {
        Process over = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(), "--version")
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        over.waitFor();

        assertThat(StagingOwner.isDead(StagingOwner.name(over.pid()))).isTrue();
        assertThat(StagingOwner.isDead(StagingOwner.name(over.pid()) + "-notes"))
                .isTrue();
    }

    @Test
    void takesThisProcessForAlive() {
        assertThat(StagingOwner.isDead(StagingOwner.name())).isFalse();
        assertThat(StagingOwner.name()).isNotEqualTo(StagingOwner.name());
    }

    @Test
    void takesWhatItCannotKnowForAlive() {
        String dead = StagingOwner.name(Integer.MAX_VALUE);
        assertThat(StagingOwner.isDead(dead)).isTrue();

        assertThat(StagingOwner.isDead("0123456789abcdef" + dead.substring(16))).isFalse();
        assertThat(StagingOwner.isDead(dead.substring(1))).isFalse();
        assertThat(StagingOwner.isDead("7be7ac5e-8f3c-4d1f-9a7e-4a3a50b0a9f6")).isFalse();
    }
}
