package org.convoy.model.engine;

import java.io.IOException;
import java.io.InputStream;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * One of this machine's GPUs, as NVIDIA's driver sees it.
 *
 * @param address its number in the order of the PCI bus: what {@code bin/gpus} tells Spark
 * @param name such as {@code Tesla T4}
 * @param driver version of NVIDIA's driver
 * @param memoryBytes of the GPU
 * @param capability compute capability, such as {@code 7.5}
 */
public record Gpu(String address, String name, String driver, long memoryBytes, String capability)
        implements Serializable {
    /**
     * What ND4J's CUDA library holds machine code for. It holds no PTX, which a driver could translate for others. Code runs on
     * the same major capability from its own minor one on.
     */
    private static final List<String> BUILT_FOR =
            List.of("3.7", "5.0", "5.2", "6.0", "6.1", "7.0", "7.5", "8.0", "8.6");

    /** The first driver that came with CUDA 11.6. */
    private static final int OLDEST_DRIVER = 510;

    private static final int TIMEOUT_SECONDS = 20;
    private static final int FIELDS = 5;

    /** The GPUs of this machine; none where there is no {@code nvidia-smi}. */
    public static List<Gpu> installed() {
        try {
            Process process = new ProcessBuilder(
                            "nvidia-smi",
                            "--query-gpu=index,name,driver_version,memory.total,compute_cap",
                            "--format=csv,noheader,nounits")
                    .redirectErrorStream(true)
                    .start();
            process.getOutputStream().close();
            if (!process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new IllegalStateException("nvidia-smi gave no answer within " + TIMEOUT_SECONDS + " s");
            }
            try (InputStream output = process.getInputStream()) {
                String text = new String(output.readAllBytes(), StandardCharsets.UTF_8);
                return process.exitValue() == 0 ? parse(text) : List.of();
            }
        } catch (IOException e) {
            // There is no such program, and so no driver.
            return List.of();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting for nvidia-smi", e);
        }
    }

    /** Reads nvidia-smi's lines; memory is in MiB. */
    static List<Gpu> parse(String lines) {
        List<Gpu> gpus = new ArrayList<>();
        for (String line : lines.lines().filter(text -> !text.isBlank()).toList()) {
            String[] fields = line.split(",", FIELDS);
            if (fields.length != FIELDS) {
                throw new IllegalStateException("nvidia-smi must give " + FIELDS + " values a line but gave: " + line);
            }
            gpus.add(new Gpu(
                    fields[0].strip(),
                    fields[1].strip(),
                    fields[2].strip(),
                    Long.parseLong(fields[3].strip()) << 20,
                    fields[4].strip()));
        }
        return gpus;
    }

    /**
     * Why a process whose tasks have the GPUs of these addresses cannot compute on them, in one sentence; empty if it can.
     */
    public static Optional<String> problem(Collection<String> addresses) {
        if (!Backend.CUDA.onClassPath()) {
            return Optional.of(
                    "this Convoy computes on processors alone: GPUs need the jar that `mvn -Pcuda package` builds");
        }
        return problem(addresses, installed());
    }

    static Optional<String> problem(Collection<String> addresses, List<Gpu> installed) {
        for (String address : addresses) {
            Optional<Gpu> gpu = installed.stream()
                    .filter(one -> one.address().equals(address))
                    .findFirst();
            Optional<String> problem = gpu.map(Gpu::problem)
                    .orElseGet(() -> Optional.of("Spark names GPU " + address + ", but nvidia-smi finds "
                            + (installed.isEmpty()
                                    ? "none here"
                                    : "only "
                                            + installed.stream()
                                                    .map(Gpu::address)
                                                    .collect(Collectors.joining(", ")))
                            + ": look at the discovery script that the executors were started with"));
            if (problem.isPresent()) {
                return problem;
            }
        }
        return Optional.empty();
    }

    /** Why ND4J's CUDA library cannot run on it, in one sentence; empty if it can. */
    Optional<String> problem() {
        int major = Integer.parseInt(driver.split("\\.", 2)[0]);
        if (!runsCode()) {
            return Optional.of("GPU " + address + " (" + name + ") has compute capability " + capability
                    + ", for which ND4J's CUDA 11.6 library holds no code: it runs on " + BUILT_FOR.get(0)
                    + " to 8.9, so Hopper (9.0) and later are too new for it");
        }
        if (major < OLDEST_DRIVER) {
            return Optional.of("GPU " + address + " (" + name + ") has driver " + driver + ", and CUDA 11.6 needs "
                    + OLDEST_DRIVER + " or later: update NVIDIA's driver");
        }
        return Optional.empty();
    }

    private boolean runsCode() {
        String[] own = capability.split("\\.", 2);
        return BUILT_FOR.stream()
                .map(code -> code.split("\\.", 2))
                .anyMatch(code -> code[0].equals(own[0]) && Integer.parseInt(code[1]) <= Integer.parseInt(own[1]));
    }
}
