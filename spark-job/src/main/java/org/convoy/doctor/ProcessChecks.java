package org.convoy.doctor;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.convoy.model.engine.Gpu;

/** What the processes' own words come to: versions, native libraries, GPUs, clocks. */
final class ProcessChecks {
    private static final Duration SKEW_OF_NOTE = Duration.ofSeconds(2);
    /** What Kerberos allows. */
    private static final Duration SKEW_TOO_LARGE = Duration.ofMinutes(5);

    private ProcessChecks() {}

    /** The same versions everywhere. */
    static List<Finding> versions(Census census) {
        String check = "versions";
        List<Finding> findings = new ArrayList<>();
        ProcessFacts.Versions own = census.driver().versions();
        for (ProcessFacts executor : census.executors()) {
            if (!executor.versions().equals(own)) {
                findings.add(Finding.error(
                        check,
                        executor.process() + " has " + executor.versions() + ", the driver " + own,
                        "classes of two versions do not read each other's messages: tasks die, or compute something else",
                        "give all nodes the same Java and Spark, and take other libraries off"
                                + " spark.executor.extraClassPath"));
            }
        }
        if (Runtime.version().feature() != 17) {
            findings.add(Finding.warning(
                    check,
                    "Java is " + Runtime.version().feature() + " instead of 17",
                    "Convoy is built and tested on Java 17, and Spark 3.5 does not run on the newest releases",
                    "set JAVA_HOME to a JDK 17 on every node"));
        }
        if (findings.isEmpty()) {
            findings.add(Finding.ok(
                    check,
                    own + (census.executors().isEmpty() ? "" : ", the same on " + executors(census.executors()))));
        }
        return findings;
    }

    /** ND4J's native build on every process, as fast as its processor is. */
    static List<Finding> natives(Census census) {
        String check = "native libraries";
        List<Finding> findings = new ArrayList<>();
        for (ProcessFacts process : census.workers()) {
            if (process.nativeSettings().isEmpty() && !process.gpuProblem().isEmpty()) {
                // The check of GPUs says it.
                continue;
            }
            if (process.nativeSettings().isEmpty()) {
                findings.add(
                        Finding.error(
                                check,
                                process.process() + ": " + process.nativeProblem(),
                                "no network can compute there",
                                "put right what the line says, or leave the node out (spark.excludeOnFailure, YARN's node labels)"));
            } else if (!process.nativeProblem().isEmpty()) {
                findings.add(Finding.warning(
                        check,
                        process.process() + ": " + process.nativeProblem(),
                        "every round waits for its slowest worker",
                        "look what else computes on that machine, and at spark.task.cpus"));
            }
        }
        bySettings(census.workers())
                .forEach((settings, processes) -> findings.add(Finding.ok(check, settings + " on " + processes)));
        return findings;
    }

    /** Who runs with which settings. */
    private static Map<String, String> bySettings(List<ProcessFacts> processes) {
        return processes.stream()
                .filter(process -> !process.nativeSettings().isEmpty())
                .collect(Collectors.groupingBy(
                        ProcessFacts::nativeSettings,
                        LinkedHashMap::new,
                        Collectors.mapping(ProcessFacts::process, Collectors.joining(", "))));
    }

    /** Each task a GPU of its own, and one that Convoy can compute on. */
    static List<Finding> gpus(Census census) {
        String check = "GPUs";
        List<Finding> findings = new ArrayList<>();
        census.workers().stream()
                .filter(process -> !process.gpuProblem().isEmpty())
                .collect(Collectors.toMap(
                        ProcessFacts::host, Function.identity(), (one, other) -> one, LinkedHashMap::new))
                .forEach((host, process) -> findings.add(unusable(check, host, process)));
        findings.addAll(sharedGpus(census.gpuTasks()));
        if (!findings.isEmpty()) {
            return findings;
        }
        if (census.gpuTasks().isEmpty()) {
            return List.of(unusedGpus(census, check));
        }
        return List.of(Finding.ok(
                check,
                "each task has its own: "
                        + census.gpuTasks().stream()
                                .map(task -> task.process() + " GPU " + task.address())
                                .sorted()
                                .collect(Collectors.joining(", "))));
    }

    private static Finding unusable(String check, String host, ProcessFacts process) {
        String what = host + ": " + process.gpuProblem();
        return process.nativeSettings().isEmpty()
                ? Finding.error(
                        check,
                        what,
                        "tasks that were given GPUs fail there",
                        "put right what the line says, or let processors compute: gpu.when-unusable = cpu")
                : Finding.warning(
                        check,
                        what,
                        "processors compute there, as gpu.when-unusable = cpu wants it, many times slower",
                        "put right what the line says, or give the GPUs back: no spark.task.resource.gpu.amount");
    }

    private static Finding unusedGpus(Census census, String check) {
        List<Gpu> installed = census.workers().stream()
                .flatMap(process -> process.gpus().stream())
                .toList();
        if (installed.isEmpty()) {
            return Finding.ok(check, "none, and tasks ask for none: processors compute");
        }
        return Finding.warning(
                check,
                "there are some (" + installed.get(0).name() + "), but no task asks for one",
                "processors compute, many times slower",
                "start executors with spark.executor.resource.gpu.* and tasks with spark.task.resource.gpu.amount=1, as"
                        + " README says");
    }

    /** Executors of one host that were told the same addresses: Spark itself does not compare them. */
    static List<Finding> sharedGpus(List<Census.GpuTask> tasks) {
        List<Finding> findings = new ArrayList<>();
        Map<String, List<Census.GpuTask>> byGpu = tasks.stream()
                .collect(Collectors.groupingBy(
                        task -> "GPU " + task.address() + " of " + task.host(),
                        LinkedHashMap::new,
                        Collectors.toList()));
        byGpu.forEach((gpu, users) -> {
            List<String> processes =
                    users.stream().map(Census.GpuTask::process).distinct().toList();
            if (processes.size() > 1) {
                findings.add(Finding.error(
                        "GPUs",
                        gpu + " was given to " + String.join(" and ", processes),
                        "two networks share its memory and its time, and other GPUs stay idle",
                        "give each worker on a host a list of its own (spark.worker.resourcesFile, or a discovery script"
                                + " that knows which worker asks)"));
            }
        });
        return findings;
    }

    /** Clocks of executors against the driver's. */
    static List<Finding> clocks(Census census) {
        List<Finding> findings = new ArrayList<>();
        census.skewMillis().forEach((process, skew) -> clock(process, skew).ifPresent(findings::add));
        return findings.isEmpty()
                ? List.of(Finding.ok(
                        "clocks",
                        census.executors().isEmpty()
                                ? "all in one process"
                                : "executors' and the driver's agree within " + SKEW_OF_NOTE.toSeconds() + " s"))
                : findings;
    }

    /** A clock that is ahead or behind by so much, if it is worth a word. */
    static Optional<Finding> clock(String whose, long skewMillis) {
        long skew = Math.abs(skewMillis);
        if (skew < SKEW_OF_NOTE.toMillis()) {
            return Optional.empty();
        }
        String what = String.format(
                Locale.ROOT,
                "the clock of %s is %.1f s %s the driver's",
                whose,
                skew / 1e3,
                skewMillis > 0 ? "ahead of" : "behind");
        String why =
                "times in logs, reports and locks of scheduled runs do not compare; beyond 5 minutes Kerberos refuses";
        String remedy = "let NTP or chrony set the clocks of all machines";
        return Optional.of(
                skew < SKEW_TOO_LARGE.toMillis()
                        ? Finding.warning("clocks", what, why, remedy)
                        : Finding.error("clocks", what, why, remedy));
    }

    static String executors(List<ProcessFacts> executors) {
        return executors.size() + (executors.size() == 1 ? " executor" : " executors");
    }
}
