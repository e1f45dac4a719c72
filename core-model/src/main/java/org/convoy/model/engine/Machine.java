package org.convoy.model.engine;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What the settings depend on.
 *
 * @param platform operating system and architecture in JavaCPP's words, such as {@code linux-x86_64}
 * @param vendor {@code vendor_id} of {@code /proc/cpuinfo}
 * @param flags {@code flags} of {@code /proc/cpuinfo}
 * @param memoryBytes memory of the container, or of the whole machine if none limits it
 * @param heapBytes largest Java heap of the process
 */
record Machine(String platform, String vendor, Set<String> flags, long memoryBytes, long heapBytes) {

    /** This machine and this process. */
    static Machine read() {
        String platform = platform(System.getProperty("os.name"), System.getProperty("os.arch"));
        if (!platform.startsWith("linux-")) {
            return new Machine(platform, "", Set.of(), 0, Runtime.getRuntime().maxMemory());
        }
        List<String> processor = lines(Path.of("/proc/cpuinfo"));
        return new Machine(
                platform,
                field(processor, "vendor_id"),
                flags(processor),
                memoryBytes(Path.of("/")),
                Runtime.getRuntime().maxMemory());
    }

    /** The same machine, of which the process may have so much. */
    Machine within(long containerBytes) {
        return new Machine(platform, vendor, flags, Math.min(memoryBytes, containerBytes), heapBytes);
    }

    static String platform(String operatingSystem, String architecture) {
        String system = operatingSystem.toLowerCase(Locale.ROOT).replace(" ", "");
        String processor = architecture.equals("amd64") ? "x86_64" : architecture;
        return system + "-" + processor;
    }

    /** The smallest limit that applies: control group version 2, version 1, or the machine's own memory. */
    static long memoryBytes(Path root) {
        long machine = lines(root.resolve("proc/meminfo")).stream()
                .filter(line -> line.startsWith("MemTotal:"))
                .mapToLong(line -> 1024 * Long.parseLong(line.replaceAll("\\D+", "")))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("Cannot read MemTotal from /proc/meminfo"));
        long unified =
                controlGroupLimit(root.resolve("sys/fs/cgroup/memory.max")).orElse(machine);
        long legacy = controlGroupLimit(root.resolve("sys/fs/cgroup/memory/memory.limit_in_bytes"))
                .orElse(machine);
        return Math.min(machine, Math.min(unified, legacy));
    }

    /** A kernel may leave a gap of several spaces, or name a flag twice. */
    static Set<String> flags(List<String> processor) {
        return Set.copyOf(Arrays.asList(field(processor, "flags").split("\\s+")));
    }

    private static OptionalLong controlGroupLimit(Path file) {
        if (!Files.isReadable(file)) {
            return OptionalLong.empty();
        }
        String limit = lines(file).get(0).trim();
        return limit.equals("max") ? OptionalLong.empty() : OptionalLong.of(Long.parseLong(limit));
    }

    private static String field(List<String> processor, String name) {
        return processor.stream()
                .map(line -> line.split(":", 2))
                .filter(pair -> pair.length == 2 && pair[0].trim().equals(name))
                .map(pair -> pair[1].trim())
                .findFirst()
                .orElse("");
    }

    private static List<String> lines(Path file) {
        try {
            return Arrays.stream(Files.readString(file).split("\n")).collect(Collectors.toList());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
