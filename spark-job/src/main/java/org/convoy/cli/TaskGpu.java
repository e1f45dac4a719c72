package org.convoy.cli;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkEnv;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.resource.ResourceInformation;
import org.convoy.model.engine.Backend;
import org.convoy.model.engine.Gpu;
import org.convoy.model.engine.NativeSettings;
import org.convoy.runtime.Phases;
import org.convoy.runtime.UserError;

/**
 * The GPU that Spark gives a task ({@code spark.task.resource.gpu.amount}), and what becomes of a job whose GPUs cannot be used. A
 * task without one computes on the processor, whatever the machine has.
 */
public final class TaskGpu {
    private static final String RESOURCE = "gpu";
    private static final String AMOUNT = "spark.task.resource.gpu.amount";

    /** How {@code gpu.when-unusable} reaches executors. */
    private static final String WHEN_UNUSABLE = "spark.convoy.gpu.when-unusable";

    private static final String COMPUTE_ON_CPU = "cpu";
    private static final List<String> CHOICES = List.of("fail", COMPUTE_ON_CPU);

    /** Null until it was asked for. */
    private static Optional<String> problem;

    private TaskGpu() {}

    /**
     * Refuses what would not work, and hands the choice on to executors.
     *
     * @param whenUnusable {@code gpu.when-unusable}
     * @throws UserError (usage)
     */
    static void configure(SparkConf conf, String whenUnusable) {
        if (!CHOICES.contains(whenUnusable)) {
            throw UserError.usage("gpu.when-unusable must be one of " + CHOICES + " but was '" + whenUnusable + "'");
        }
        conf.set(WHEN_UNUSABLE, whenUnusable);
        if (!requested(conf)) {
            return;
        }
        double amount = conf.getDouble(AMOUNT, 0);
        if (amount != 1) {
            throw UserError.usage(
                    AMOUNT + " must be 1, for a network computes on one GPU and shares it with none, but was "
                            + conf.get(AMOUNT));
        }
        if (conf.get("spark.master").startsWith("local")
                && !conf.get("spark.master").startsWith("local-cluster")) {
            throw UserError.usage(AMOUNT + " needs executors in processes of their own, but spark.master was "
                    + conf.get("spark.master")
                    + ": start a cluster (`bin/convoy cluster start`), or leave the GPUs out");
        }
    }

    private static boolean requested(SparkConf conf) {
        return conf.getDouble(AMOUNT, 0) > 0;
    }

    /** The running task's GPU, as the discovery script named it; empty if it has none. */
    public static Optional<String> address() {
        return Optional.ofNullable(TaskContext.get())
                .flatMap(task -> addresses(task.resourcesJMap()).stream().findFirst());
    }

    /** Those of all GPUs among a process's or a task's resources. */
    static List<String> addresses(Map<String, ResourceInformation> resources) {
        ResourceInformation gpus = resources.get(RESOURCE);
        return gpus == null ? List.of() : List.of(gpus.addresses());
    }

    /**
     * What the tasks of this process compute on; the first call decides.
     *
     * @param addresses of the GPUs that the process has
     * @throws UserError (usage) if they cannot be used, unless the job was told to do without
     */
    static Backend backend(Collection<String> addresses) {
        if (addresses.isEmpty()) {
            return NativeSettings.applied().map(NativeSettings::backend).orElse(Backend.CPU);
        }
        Optional<String> problem = problem(addresses);
        SparkEnv env = SparkEnv.get();
        if (problem.isPresent() && !env.conf().get(WHEN_UNUSABLE, "fail").equals(COMPUTE_ON_CPU)) {
            throw UserError.usage("no GPU can be used on "
                    + env.blockManager().blockManagerId().host() + ": " + problem.get()
                    + "; with gpu.when-unusable = cpu processors compute instead");
        }
        return problem.isPresent() ? Backend.CPU : Backend.CUDA;
    }

    /** Why the running task's GPU cannot be used, in one sentence; empty if it can, or if the task has none. */
    public static Optional<String> problem() {
        return address().flatMap(address -> problem(List.of(address)));
    }

    /** Asked once in the life of the process: it starts one. */
    private static synchronized Optional<String> problem(Collection<String> addresses) {
        if (problem == null) {
            problem = Gpu.problem(addresses);
        }
        return problem;
    }

    /**
     * Says which hosts' GPUs are not used, and why; by tasks that do nothing else, before anything is spent.
     *
     * @param tasks as many as the cluster runs at once
     * @throws UserError (usage) as {@link #backend}
     */
    public static void announce(JavaSparkContext spark, int tasks, Phases phases) {
        if (!requested(spark.getConf())) {
            return;
        }
        List<Integer> numbers = IntStream.range(0, tasks).boxed().toList();
        spark
                .parallelize(numbers, tasks)
                .map(number -> {
                    TaskNatives.apply();
                    String host = SparkEnv.get().blockManager().blockManagerId().host();
                    return problem().map(sentence -> host + ": " + sentence).orElse("");
                })
                .collect()
                .stream()
                .distinct()
                .filter(sentence -> !sentence.isEmpty())
                .forEach(sentence -> phases.note("Computing without GPUs on " + sentence));
    }
}
