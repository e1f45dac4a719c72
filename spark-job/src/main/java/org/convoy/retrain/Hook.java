package org.convoy.retrain;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The user's command after a decision. What it writes goes where Convoy's own output goes. */
final class Hook {
    private Hook() {}

    /**
     * Runs a command to its end.
     *
     * @param command for {@code sh -c}
     * @param facts variables of its environment
     * @return what went wrong, in words; empty if it ended with code 0
     */
    static Optional<String> run(String command, Map<String, String> facts) {
        ProcessBuilder builder = new ProcessBuilder(List.of("sh", "-c", command)).inheritIO();
        builder.environment().putAll(facts);
        try {
            int code = builder.start().waitFor();
            return code == 0 ? Optional.empty() : Optional.of("retrain.hook '" + command + "' ended with code " + code);
        } catch (IOException e) {
            return Optional.of("retrain.hook '" + command + "' cannot be run: " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.of("retrain.hook '" + command + "' was waited for no longer: this process is being ended");
        }
    }
}
