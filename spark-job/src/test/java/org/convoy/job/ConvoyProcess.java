package org.convoy.job;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.launcher.JavaModuleOptions;

/** The command line in a JVM of its own, with a heap of 1 GiB and embedded Spark on two cores. */
final class ConvoyProcess {
    private ConvoyProcess() {}

    /**
     * Starts a command.
     *
     * @param output where its output goes
     * @param settings {@code key=value}
     */
    static Process start(Path directory, ProcessBuilder.Redirect output, List<String> arguments, List<String> settings)
            throws IOException {
        return start(directory, output, List.of(), arguments, settings);
    }

    /**
     * Starts a command.
     *
     * @param javaOptions that win over those it has
     */
    static Process start(
            Path directory,
            ProcessBuilder.Redirect output,
            List<String> javaOptions,
            List<String> arguments,
            List<String> settings)
            throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of(JavaModuleOptions.defaultModuleOptions().split(" ")));
        command.add("-Xmx1g");
        command.add("-Dspark.master=local[2]");
        command.add("-Dspark.ui.enabled=false");
        command.add("-Dlog4j2.configurationFile=" + System.getProperty("log4j2.configurationFile"));
        command.addAll(javaOptions);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), Convoy.class.getName()));
        command.addAll(arguments);
        for (String setting : settings) {
            command.addAll(List.of("--set", setting));
        }
        return new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output)
                .start();
    }
}
