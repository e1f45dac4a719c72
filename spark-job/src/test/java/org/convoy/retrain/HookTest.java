package org.convoy.retrain;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

class HookTest {
    @TempDir
    private Path directory;

    @Test
    void findsTheFactsInItsEnvironment() {
        Path said = directory.resolve("said");

        assertThat(Hook.run(
                        "echo \"$CONVOY_OUTCOME: $CONVOY_WHY\" > '" + said + "'",
                        Map.of("CONVOY_OUTCOME", "kept-back", "CONVOY_WHY", "it's 5 % worse; $HOME")))
                .isEmpty();

        assertThat(said).hasContent("kept-back: it's 5 % worse; $HOME");
    }

    @Test
    void saysWithWhichCodeItEnded() {
        assertThat(Hook.run("exit 7", Map.of())).contains("retrain.hook 'exit 7' ended with code 7");
    }
}
